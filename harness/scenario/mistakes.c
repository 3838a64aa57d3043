/* SPDX-License-Identifier: MIT */
#include "scenario/mistakes.h"

#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SHOWN_MAX     100 /* mistakes of one file; the rest is counted */
#define COLLECTED_MAX 1000
#define WIDTH_MAX     160 /* characters of a source line; more is cut around the marker */

struct colours {
	const char *place, *error, *warning, *marker, *end;
};

static const struct colours plain = { "", "", "", "", "" };
static const struct colours colourful = { "\033[1m", "\033[1;31m", "\033[1;35m", "\033[1;32m",
					  "\033[0m" };

static bool is_known(const struct mistakes *m, struct position at, const char *text)
{
	for (size_t i = 0; i < m->nr; i++) {
		const struct mistake *known = &m->list[i];

		if (known->place.line == at.line && known->place.column == at.column &&
		    strcmp(known->text, text) == 0)
			return true;
	}
	return false;
}

static struct mistake *new_mistake(struct mistakes *m)
{
	struct mistake *grown;
	size_t room = m->room ? m->room * 2 : 16;

	if (m->nr == m->room) {
		grown = realloc(m->list, room * sizeof(*grown));
		if (!grown)
			return NULL;
		m->list = grown;
		m->room = room;
	}
	return &m->list[m->nr];
}

__attribute__((format(printf, 4, 0))) static void add(struct mistakes *m, struct position at,
						      bool warning, const char *format,
						      va_list args)
{
	struct mistake *mistake;
	char *text = NULL;

	if (m->nr < COLLECTED_MAX && vasprintf(&text, format, args) < 0)
		text = NULL;
	if (text && is_known(m, at, text)) {
		free(text);
		return;
	}
	/* Counted in any case: a file with a mistake that could not be stored is still wrong. */
	if (warning)
		m->nr_warnings++;
	else
		m->nr_errors++;
	mistake = text ? new_mistake(m) : NULL;
	if (!mistake) {
		free(text);
		return;
	}
	*mistake = (struct mistake){ at, warning, text };
	m->nr++;
}

void mistakes_add(struct mistakes *m, struct position at, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(m, at, false, format, args);
	va_end(args);
}

void mistakes_warn(struct mistakes *m, struct position at, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(m, at, true, format, args);
	va_end(args);
}

static int by_place(const void *a, const void *b)
{
	const struct mistake *x = a, *y = b;

	if (x->place.line != y->place.line)
		return x->place.line < y->place.line ? -1 : 1;
	if (x->place.column != y->place.column)
		return x->place.column < y->place.column ? -1 : 1;
	return strcmp(x->text, y->text);
}

/* The line with that number, without its end; *ret_length in bytes. NULL: there is none. */
static const char *find_line(const struct mistakes *m, unsigned int number, size_t *ret_length)
{
	const char *at = m->text, *end = m->text + m->length, *stop;

	for (unsigned int line = 1; line < number; line++) {
		at = memchr(at, '\n', (size_t)(end - at));
		if (!at)
			return NULL;
		at++;
	}
	stop = memchr(at, '\n', (size_t)(end - at));
	if (!stop)
		stop = end;
	if (stop > at && stop[-1] == '\r')
		stop--;
	*ret_length = (size_t)(stop - at);
	return at;
}

static bool begins_character(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

static unsigned int count_characters(const char *text, size_t length)
{
	unsigned int n = 0;

	for (size_t i = 0; i < length; i++)
		n += begins_character(text[i]);
	return n;
}

/* Characters first … first + n − 1 of the line; what a terminal would obey becomes a mark. */
static void print_characters(const char *line, size_t length, unsigned int first, unsigned int n,
			     FILE *out)
{
	unsigned int at = 0;

	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)line[i];

		at += begins_character(line[i]);
		if (at <= first || at - first > n)
			continue;
		if (c == '\t')
			fputc(' ', out);
		else
			fputc(c < ' ' || c == 127 ? '?' : c, out);
	}
}

static void repeat(char c, unsigned int n, FILE *out)
{
	while (n--)
		fputc(c, out);
}

static void print_source(const struct mistakes *m, struct position at, const struct colours *c,
			 FILE *out)
{
	unsigned int width, first = 0, marked = at.length ? at.length : 1;
	const char *line;
	size_t length;

	line = m->text && at.line ? find_line(m, at.line, &length) : NULL;
	if (!line || !length)
		return;
	width = count_characters(line, length);
	if (at.column > width + 1)
		at.column = width + 1;
	if (width > WIDTH_MAX && at.column > WIDTH_MAX / 2)
		first = at.column - WIDTH_MAX / 2;
	if (width > first + WIDTH_MAX)
		width = first + WIDTH_MAX;
	if (marked > width + 1 - at.column)
		marked = width >= at.column ? width + 1 - at.column : 1;
	fprintf(out, "%5u | ", at.line);
	print_characters(line, length, first, WIDTH_MAX, out);
	fputs("\n      | ", out);
	repeat(' ', at.column - 1 - first, out);
	fprintf(out, "%s^", c->marker);
	repeat('~', marked - 1, out);
	fprintf(out, "%s\n", c->end);
}

static void print_one(const struct mistakes *m, const struct mistake *mistake,
		      const struct colours *c, FILE *out)
{
	struct position at = mistake->place;

	fprintf(out, "%s%s:", c->place, m->path);
	if (at.line)
		fprintf(out, "%u:%u:", at.line, at.column);
	fprintf(out, "%s %s%s:%s ", c->end, mistake->warning ? c->warning : c->error,
		mistake->warning ? "warning" : "error", c->end);
	/* It may quote the file. */
	print_characters(mistake->text, strlen(mistake->text), 0, UINT_MAX, out);
	fputc('\n', out);
	print_source(m, at, c, out);
}

static bool wants_colour(FILE *out)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
	int fd = fileno(out);

	return fd >= 0 && isatty(fd) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

void mistakes_print(struct mistakes *m, FILE *out)
{
	const struct colours *c = wants_colour(out) ? &colourful : &plain;
	unsigned int all = m->nr_errors + m->nr_warnings;
	size_t shown = m->nr < SHOWN_MAX ? m->nr : SHOWN_MAX;

	if (!all)
		return;
	if (m->nr)
		qsort(m->list, m->nr, sizeof(*m->list), by_place);
	for (size_t i = 0; i < shown; i++)
		print_one(m, &m->list[i], c, out);
	if (all > shown)
		fprintf(out, "... and %zu more\n", (size_t)all - shown);
	if (m->nr_errors)
		fprintf(out, "%u mistake%s in %s\n", m->nr_errors, m->nr_errors == 1 ? "" : "s",
			m->path);
}

void mistakes_free(struct mistakes *m)
{
	for (size_t i = 0; i < m->nr; i++)
		free(m->list[i].text);
	free(m->list);
	m->list = NULL;
	m->nr = m->room = 0;
}
