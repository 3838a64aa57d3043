/* SPDX-License-Identifier: MIT */
#include "result/export.h"

#include "result/json.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One row being written. */
struct row {
	FILE *stream;
	enum export_format format;
	bool begun;
	bool out_of_memory;
};

static void put_csv(const char *text, FILE *stream)
{
	if (!text[strcspn(text, ",\"\r\n")]) {
		fputs(text, stream);
		return;
	}
	fputc('"', stream);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', stream);
		fputc(*text, stream);
	}
	fputc('"', stream);
}

static void put_tsv(const char *text, FILE *stream)
{
	static const char special[] = "\t\n\r\\", letters[] = "tnr\\";

	for (; *text; text++) {
		const char *found = strchr(special, *text);

		if (found)
			fputc('\\', stream);
		fputc(found ? letters[found - special] : *text, stream);
	}
}

static void put_json(struct row *row, const char *text)
{
	cJSON *item = json_text(text);
	char *printed = json_print(item);

	if (printed)
		fputs(printed, row->stream);
	else
		row->out_of_memory = true;
	free(printed);
	cJSON_Delete(item);
}

/* What goes before a field: a separator, and for JSON its name. */
static void begin_field(struct row *row, const char *name)
{
	static const char *const separators[] = { ",", "\t", "," };

	if (row->begun)
		fputs(separators[row->format], row->stream);
	row->begun = true;
	if (row->format == EXPORT_JSON) {
		put_json(row, name);
		fputc(':', row->stream);
	}
}

static void put_text(struct row *row, const char *name, const char *text)
{
	begin_field(row, name);
	if (row->format == EXPORT_JSON && !text)
		fputs("null", row->stream);
	else if (row->format == EXPORT_JSON)
		put_json(row, text);
	else if (text && row->format == EXPORT_CSV)
		put_csv(text, row->stream);
	else if (text)
		put_tsv(text, row->stream);
}

static void put_u64(struct row *row, const char *name, uint64_t value)
{
	begin_field(row, name);
	fprintf(row->stream, "%" PRIu64, value);
}

static void put_double(struct row *row, const char *name, double value)
{
	char text[JSON_DOUBLE_MAX];

	begin_field(row, name);
	if (isfinite(value) || row->format == EXPORT_JSON)
		fputs(json_format_double(value, text), row->stream);
}

static void put_header(const struct result *r, FILE *stream, enum export_format format)
{
	static const char *const behind[] = { "size_bytes", "nr_workers", "round",  "sequence",
					      "started_ns", "outcome",    "step",   "metric",
					      "value",      "unit",       "better", NULL };
	struct row row = { .stream = stream, .format = format };

	put_text(&row, NULL, "cell");
	for (unsigned int i = 0; i < r->nr_axes; i++)
		put_text(&row, NULL, r->axes[i].name);
	for (const char *const *name = behind; *name; name++)
		put_text(&row, NULL, *name);
	fputc('\n', stream);
}

static void put_row(struct row *row, const struct result *r, uint32_t i, unsigned int metric)
{
	const struct result_repetition *rep = &r->repetitions[i];
	const struct result_cell *cell = &r->cells[rep->cell];
	const struct result_metric *m = &r->metrics[metric];

	put_u64(row, "cell", cell->number);
	for (unsigned int axis = 0; axis < r->nr_axes; axis++)
		put_text(row, r->axes[axis].name, cell->params[axis]);
	put_u64(row, "size_bytes", cell->size_bytes);
	put_u64(row, "nr_workers", cell->nr_workers);
	put_u64(row, "round", rep->round);
	put_u64(row, "sequence", rep->sequence);
	put_u64(row, "started_ns", rep->started_ns);
	put_text(row, "outcome", rep->outcome);
	put_text(row, "step", rep->step);
	put_text(row, "metric", m->name);
	put_double(row, "value", result_values(r, i)[metric]);
	put_text(row, "unit", m->unit);
	put_text(row, "better", better_name(m->better));
}

int export_rows(const struct result *r, FILE *stream, enum export_format format, struct error *err)
{
	struct row row = { .stream = stream, .format = format };
	const char *separator = "[\n";

	errno = 0;
	if (format != EXPORT_JSON)
		put_header(r, stream, format);
	for (uint32_t i = 0; i < r->nr_repetitions && !ferror(stream); i++)
		for (unsigned int metric = 0; metric < r->nr_metrics; metric++) {
			if (format == EXPORT_JSON)
				fprintf(stream, "%s{", separator);
			separator = ",\n";
			row.begun = false;
			put_row(&row, r, i, metric);
			fputs(format == EXPORT_JSON ? "}" : "\n", stream);
		}
	if (format == EXPORT_JSON)
		fputs(*separator == '[' ? "[]\n" : "\n]\n", stream);
	if (row.out_of_memory)
		return error_set(err, -ENOMEM, "out of memory");
	if (ferror(stream) || fflush(stream))
		return error_set_errno(err, errno ? -errno : -EIO, "cannot write the rows");
	return 0;
}
