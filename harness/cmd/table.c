/* SPDX-License-Identifier: MIT */
#include "cmd/table.h"

#include "base/size.h"

#include <errno.h>
#include <libsmartcols/libsmartcols.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define GAP 2 /* blanks between columns */

struct field {
	char *text; /* NULL: empty */
	enum table_mood mood;
};

struct column {
	char *name;
	unsigned int flags;
	bool dropped;
	size_t width;
};

struct table {
	size_t nr_rows, nr_columns, room;
	struct column *columns;
	struct field *fields; /* [nr_rows × room] */
	bool out_of_memory;
};

int table_new(struct table **ret, size_t nr_rows, size_t nr_columns)
{
	struct table *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	t->nr_rows = nr_rows;
	t->room = nr_columns;
	t->columns = calloc(nr_columns + 1, sizeof(*t->columns));
	t->fields = calloc(nr_rows * nr_columns + 1, sizeof(*t->fields));
	if (!t->columns || !t->fields) {
		table_free(t);
		return -ENOMEM;
	}
	*ret = t;
	return 0;
}

void table_free(struct table *t)
{
	if (!t)
		return;
	for (size_t i = 0; t->columns && i < t->nr_columns; i++)
		free(t->columns[i].name);
	for (size_t i = 0; t->fields && i < t->nr_rows * t->room; i++)
		free(t->fields[i].text);
	free(t->columns);
	free(t->fields);
	free(t);
}

/* Columns on a screen: bytes less those that continue a UTF-8 sequence. */
static size_t text_width(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

int table_add(struct table *t, const char *name, unsigned int flags)
{
	struct column *c = &t->columns[t->nr_columns];

	if (t->nr_columns == t->room)
		BUG("a table of %zu columns is full", t->room);
	c->name = strdup(name);
	if (!c->name)
		return -ENOMEM;
	c->flags = flags;
	c->width = text_width(name);
	return (int)t->nr_columns++;
}

static struct field *field(const struct table *t, size_t row, int column)
{
	return &t->fields[row * t->room + (size_t)column];
}

void table_set(struct table *t, size_t row, int column, const char *format, ...)
{
	struct field *f = field(t, row, column);
	va_list args;

	free(f->text);
	va_start(args, format);
	if (vasprintf(&f->text, format, args) < 0) {
		f->text = NULL;
		t->out_of_memory = true;
	}
	va_end(args);
	if (f->text && text_width(f->text) > t->columns[column].width)
		t->columns[column].width = text_width(f->text);
}

void table_set_mood(struct table *t, size_t row, int column, enum table_mood mood)
{
	field(t, row, column)->mood = mood;
}

size_t table_fit(struct table *t, size_t width)
{
	size_t total = 0, dropped = 0;

	for (size_t i = 0; i < t->nr_columns; i++)
		total += t->columns[i].width + (i ? GAP : 0);
	for (size_t i = t->nr_columns; width && i-- > 0 && total > width;) {
		if (!(t->columns[i].flags & TABLE_OPTIONAL))
			continue;
		t->columns[i].dropped = true;
		total -= t->columns[i].width + GAP;
		dropped++;
	}
	return dropped;
}

bool table_dropped(const struct table *t, int column)
{
	return t->columns[column].dropped;
}

static int add_columns(const struct table *t, struct libscols_table *out)
{
	for (size_t i = 0; i < t->nr_columns; i++) {
		const struct column *c = &t->columns[i];

		if (!c->dropped &&
		    !scols_table_new_column(out, c->name, 0,
					    c->flags & TABLE_RIGHT ? SCOLS_FL_RIGHT : 0))
			return -ENOMEM;
	}
	return 0;
}

static int add_row(const struct table *t, size_t row, struct libscols_table *out)
{
	static const char *const colors[] = {
		[MOOD_PLAIN] = NULL,       [MOOD_GOOD] = "\033[32m", [MOOD_ODD] = "\033[33m",
		[MOOD_BAD] = "\033[1;31m", [MOOD_FAINT] = "\033[2m",
	};
	struct libscols_line *line = scols_table_new_line(out, NULL);
	size_t to = 0;

	if (!line)
		return -ENOMEM;
	for (size_t i = 0; i < t->nr_columns; i++) {
		const struct field *f = field(t, row, (int)i);

		if (t->columns[i].dropped)
			continue;
		if (scols_line_set_data(line, to, f->text ? f->text : ""))
			return -ENOMEM;
		scols_cell_set_color(scols_line_get_cell(line, to), colors[f->mood]);
		to++;
	}
	return 0;
}

static int print_text(const struct table *t, FILE *stream, bool colors)
{
	struct libscols_table *out = scols_new_table();
	int r;

	if (!out)
		return -ENOMEM;
	scols_table_set_stream(out, stream);
	scols_table_enable_noencoding(out, 1);
	scols_table_enable_colors(out, colors);
	scols_table_set_column_separator(out, "  ");
	/* The columns that are left fit; smartcols is not to cut them to a terminal of its own. */
	scols_table_set_termforce(out, SCOLS_TERMFORCE_NEVER);
	r = add_columns(t, out);
	for (size_t row = 0; !r && row < t->nr_rows; row++)
		r = add_row(t, row, out);
	if (!r)
		r = scols_print_table(out);
	scols_unref_table(out);
	return r;
}

static void print_markdown_field(const char *text, FILE *stream)
{
	fputs("| ", stream);
	for (; text && *text; text++) {
		if (*text == '|')
			fputc('\\', stream);
		fputc(*text, stream);
	}
	fputc(' ', stream);
}

static void print_markdown(const struct table *t, FILE *stream)
{
	for (size_t i = 0; i < t->nr_columns; i++)
		if (!t->columns[i].dropped)
			print_markdown_field(t->columns[i].name, stream);
	fputs("|\n", stream);
	for (size_t i = 0; i < t->nr_columns; i++)
		if (!t->columns[i].dropped)
			fputs(t->columns[i].flags & TABLE_RIGHT ? "| ---: " : "| --- ", stream);
	fputs("|\n", stream);
	for (size_t row = 0; row < t->nr_rows; row++) {
		for (size_t i = 0; i < t->nr_columns; i++)
			if (!t->columns[i].dropped)
				print_markdown_field(field(t, row, (int)i)->text, stream);
		fputs("|\n", stream);
	}
}

int table_print(const struct table *t, FILE *stream, enum table_format format, bool colors,
		struct error *err)
{
	int r = t->out_of_memory ? -ENOMEM : 0;

	if (!r && format == TABLE_MARKDOWN)
		print_markdown(t, stream);
	else if (!r && t->nr_rows)
		r = print_text(t, stream, colors);
	return r ? error_set_errno(err, r, "cannot print the table") : 0;
}

bool stream_colors(FILE *stream)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");

	return isatty(fileno(stream)) && term && strcmp(term, "dumb") != 0 &&
	       !(no_color && *no_color);
}

size_t stream_width(FILE *stream)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size = { .ws_col = 0 };
	uint64_t width = 0;

	if (!columns || count_parse(columns, &width, NULL))
		width = 0;
	if (!width && !ioctl(fileno(stream), TIOCGWINSZ, &size))
		width = size.ws_col ? size.ws_col : 120;
	return width && width < 80 ? 80 : (size_t)width;
}
