/* SPDX-License-Identifier: MIT */
#include "cmd/show_view.h"

#include "base/cleanup.h"
#include "cmd/cells.h"
#include "sys/counters.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void view_clear(struct view *v)
{
	free(v->cells);
	free(v->first);
	free(v->by_cell);
	free(v->scratch);
	free(v->shown);
	free(v->metric_columns);
}

static int by_number(const void *a, const void *b, void *context)
{
	const struct result *r = context;
	uint64_t x = r->cells[*(const uint32_t *)a].number,
		 y = r->cells[*(const uint32_t *)b].number;

	return (x > y) - (x < y);
}

int view_init(struct view *v)
{
	const struct result *r = v->r;
	uint32_t *next;

	v->cells = calloc(r->nr_cells + 1, sizeof(*v->cells));
	v->first = calloc(r->nr_cells + 2, sizeof(*v->first));
	v->by_cell = calloc(r->nr_repetitions + 1, sizeof(*v->by_cell));
	v->scratch = calloc(r->nr_repetitions + 1, sizeof(*v->scratch));
	v->shown = calloc(r->nr_metrics + 1, sizeof(*v->shown));
	v->metric_columns = calloc(r->nr_metrics + 1, sizeof(*v->metric_columns));
	if (!v->cells || !v->first || !v->by_cell || !v->scratch || !v->shown || !v->metric_columns)
		return -ENOMEM;
	for (uint32_t i = 0; i < r->nr_cells; i++) {
		v->cells[i] = i;
		v->first[i + 2] = v->first[i + 1] + r->cells[i].nr_repetitions;
	}
	qsort_r(v->cells, r->nr_cells, sizeof(*v->cells), by_number, (void *)(uintptr_t)r);
	/* Counting sort: next[cell] ends as the start of the next cell. */
	next = v->first + 1;
	for (uint32_t i = 0; i < r->nr_repetitions; i++)
		v->by_cell[next[r->repetitions[i].cell]++] = i;
	return 0;
}

const struct result_repetition *view_repetition(const struct view *v, uint32_t cell, uint32_t i)
{
	return &v->r->repetitions[v->by_cell[v->first[cell] + i]];
}

size_t view_gather(const struct view *v, uint32_t cell, unsigned int metric)
{
	size_t n = 0;

	for (uint32_t i = v->first[cell]; i < v->first[cell + 1]; i++) {
		double value = result_values(v->r, v->by_cell[i])[metric];

		if (isfinite(value))
			v->scratch[n++] = value;
	}
	return n;
}

/* The headline of every step, or all of it; counters only where they are named. */
static bool of_interest(const struct view *v, unsigned int i)
{
	const struct result_metric *m = &v->r->metrics[i];

	if (counter_index(m->name) >= 0 || strcmp(m->step, "perf") == 0)
		return false;
	return v->options->all || m->headline;
}

static int choose_named(struct view *v, struct error *err)
{
	AUTO_FREE enum metric_choice *choice = NULL;
	int r = metrics_choose(v->r, v->options->metrics, false, &choice, err);

	for (unsigned int i = 0; !r && i < v->r->nr_metrics; i++)
		v->shown[i] = choice[i] == METRIC_PRIMARY;
	return r;
}

int view_choose_metrics(struct view *v, struct error *err)
{
	if (v->options->metrics)
		return choose_named(v, err);
	for (unsigned int i = 0; i < v->r->nr_metrics; i++)
		v->shown[i] = of_interest(v, i);
	return 0;
}

int tally_add(struct tally **tallies, size_t *n, const char *kind, const char *text)
{
	struct tally *grown;

	for (size_t i = 0; i < *n; i++)
		if ((*tallies)[i].kind == kind && (*tallies)[i].text == text) {
			(*tallies)[i].count++;
			return 0;
		}
	grown = realloc(*tallies, (*n + 1) * sizeof(**tallies));
	if (!grown)
		return -ENOMEM;
	grown[(*n)++] = (struct tally){ kind, text, 1 };
	*tallies = grown;
	return 0;
}

static int by_count(const void *a, const void *b)
{
	uint32_t x = ((const struct tally *)a)->count, y = ((const struct tally *)b)->count;

	return (x < y) - (x > y);
}

void tally_sort(struct tally *tallies, size_t n)
{
	if (n)
		qsort(tallies, n, sizeof(*tallies), by_count);
}
