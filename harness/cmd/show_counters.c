/* SPDX-License-Identifier: MIT */
/*
 * Below the table: what a figure of a counter is worth. One that is absent says why, one that took
 * turns with others on the CPU's counters says for how long it had one.
 */
#include "cmd/show_view.h"

#include <math.h>

/* 1 where it always had a counter, NaN where it was not counted. */
static double share_of(const struct result *r, uint32_t repetition, unsigned int metric)
{
	const struct result_repetition *rep = &r->repetitions[repetition];

	for (uint32_t i = 0; i < rep->nr_shares; i++)
		if (rep->shares[i].metric == metric)
			return rep->shares[i].share;
	return isnan(result_values(r, repetition)[metric]) ? NAN : 1;
}

/* All that took turns in one line, each with its least and greatest share. */
static void print_shares(const struct view *v, const char *bullet)
{
	const char *separator = "scaled up, since they took turns on the CPU's counters: ";

	for (unsigned int i = 0; i < v->r->nr_metrics; i++) {
		double least = 1, greatest = 0;

		for (uint32_t k = 0; v->shown[i] && k < v->r->nr_repetitions; k++) {
			least = fmin(least, share_of(v->r, k, i));
			greatest = fmax(greatest, share_of(v->r, k, i));
		}
		if (least >= 1)
			continue;
		fprintf(v->stream, "%s%s%s counted for %.1f to %.1f %% of the time", bullet,
			separator, v->r->metrics[i].name, least * 100, greatest * 100);
		separator = ", ";
		bullet = "";
	}
	if (!*bullet)
		fputc('\n', v->stream);
}

void show_print_counters(const struct view *v)
{
	const char *bullet = v->options->format == TABLE_MARKDOWN ? "- " : "  ";

	for (unsigned int i = 0; i < v->r->nr_metrics; i++) {
		const struct result_metric *m = &v->r->metrics[i];

		if (!v->shown[i])
			continue;
		if (m->absent)
			fprintf(v->stream, "%s%s is absent: %s\n", bullet, m->name, m->absent);
		if (m->note)
			fprintf(v->stream, "%s%s: %s\n", bullet, m->name, m->note);
	}
	print_shares(v, bullet);
}
