/* SPDX-License-Identifier: MIT */
/* The largest mapping of every combination of the words, a row each. */
#include "cmd/ceiling_view.h"

#include "base/cleanup.h"
#include "cmd/columns.h"
#include "result/answer.h"
#include "run/ceiling.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 256

struct table {
	unsigned int n;
	struct ceiling_row rows[ROWS_MAX];
	char bands[ROWS_MAX][40]; /* how far the prediction is open */
	char notes[ROWS_MAX][128];
};

/* What names a row: all that was said of it. */
static void label(struct ceiling_row *row, const char *mode, const char *flags,
		  const char *protection, const struct question *q)
{
	const char *words[3 + 1 + QUESTION_LIMITS_MAX] = { mode, flags, protection, q->hugepages };
	size_t used = 0;

	memcpy(words + 4, q->limits, sizeof(q->limits));
	for (size_t i = 0; i < ARRAY_LENGTH(words) && used < sizeof(row->label); i++) {
		if (words[i])
			used += (size_t)snprintf(row->label + used, sizeof(row->label) - used,
						 "%s%s", used ? ", " : "", words[i]);
	}
}

static void add_row(struct ceiling_view *v, struct table *t, const char *mode, const char *flags,
		    const char *protection)
{
	struct ceiling_row *row = &t->rows[t->n];
	struct ceiling_found found;
	struct error err = { "" };
	int r;

	if (t->n == ROWS_MAX)
		return;
	label(row, mode, flags, protection, &v->arguments->question);
	r = ceiling_ask(v, mode, flags, protection, &err);
	if (!r)
		r = ceiling_search(&v->asked.conditions, &v->asked.system.host, &found, &err);
	v->misasked |= r == -EINVAL;
	v->not_permitted |= ceiling_forbidden(r);
	v->found |= !r;
	if (r) {
		snprintf(t->notes[t->n++], sizeof(t->notes[0]), "%.127s", err.text);
		return;
	}
	row->found = true;
	row->bytes = found.bytes;
	row->predicted_bytes = found.predicted.bytes;
	row->rule = found.predicted.rule;
	row->nr_calls = found.nr_calls;
	row->elapsed_ns = found.elapsed_ns;
	if (found.predicted.bytes != found.predicted.low_bytes)
		bytes_format(found.predicted.bytes - found.predicted.low_bytes, t->bands[t->n],
			     sizeof(t->bands[0]));
	t->n++;
}

static void search_all(struct ceiling_view *v, struct table *t)
{
	static const struct choices defaults = {
		3, { "private anonymous", "private anonymous noreserve", "shared anonymous" }
	};
	const struct ceiling_arguments *a = v->arguments;
	const struct choices *flags = a->flags.n ? &a->flags : &defaults;

	for (unsigned int i = 0; !i || i < a->modes.n; i++)
		for (unsigned int j = 0; j < flags->n; j++)
			for (unsigned int k = 0; !k || k < a->protections.n; k++)
				add_row(v, t, a->modes.words[i], flags->words[j],
					a->protections.words[k]);
}

static void format_difference(const struct table *t, unsigned int i, char *ret, size_t length)
{
	const struct ceiling_row *row = &t->rows[i];
	bool more = row->bytes > row->predicted_bytes;
	uint64_t off = more ? row->bytes - row->predicted_bytes : row->predicted_bytes - row->bytes;
	char size[40];

	if (!off)
		snprintf(ret, length, "the same");
	else
		snprintf(ret, length, "%s %s%s%s", bytes_format(off, size, sizeof(size)),
			 more ? "less" : "more", t->bands[i][0] ? ", known to within " : "",
			 t->bands[i]);
}

static void print_table(const struct table *t)
{
	static const struct column_head heads[] = {
		{ "mapping", false },   { "ceiling", true },     { "bytes", true },
		{ "predicted", false }, { "what binds", false }, { "calls", true },
		{ "time", true },       { NULL, false },
	};
	struct columns columns;

	columns_begin(&columns, heads);
	for (unsigned int i = 0; i < t->n; i++) {
		const struct ceiling_row *row = &t->rows[i];
		char size[40], bytes[24], difference[120], calls[16], time[40];
		const char *texts[] = { row->label,
					size,
					bytes,
					difference,
					t->notes[i][0] ? t->notes[i] : rule_get(row->rule)->title,
					calls,
					time };

		bytes_format(row->bytes, size, sizeof(size));
		snprintf(bytes, sizeof(bytes), "%" PRIu64, row->bytes);
		format_difference(t, i, difference, sizeof(difference));
		snprintf(calls, sizeof(calls), "%u", row->nr_calls);
		duration_format(row->elapsed_ns, time, sizeof(time));
		if (!row->found)
			texts[1] = texts[2] = texts[3] = texts[5] = texts[6] = "-";
		columns_add(&columns, texts);
	}
	columns_print(&columns);
}

int ceiling_print_table(struct ceiling_view *v, struct error *err)
{
	AUTO_FREE struct table *t = calloc(1, sizeof(*t));

	if (!t)
		return error_set(err, -ENOMEM, "out of memory");
	search_all(v, t);
	if (v->arguments->question.json)
		return ceilings_write(t->rows, t->n, &v->start, v->started_ns, stdout, err);
	print_table(t);
	return 0;
}
