/* SPDX-License-Identifier: MIT */
/* Runs against runs: one a side by their repetitions, several by their medians. */
#include "cmd/contrast.h"

#include "base/cleanup.h"
#include "cmd/contrast_rows.h"
#include "result/noise.h"
#include "stats/summary.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

struct side {
	const char *name; /* "A" */
	struct cells *cells;
	struct result *const *results;
	size_t n;
	uint64_t *units; /* [n]: which unit of statistics a run belongs to, from 0 */
	size_t nr_units;
	double *values; /* of one metric in one cell */
	size_t nr_values;
	double *scratch;
	double *started; /* [nr_units]: when the unit of each value began, for taking turns */
};

static void side_close(struct side *s)
{
	for (size_t i = 0; s->cells && i < s->n; i++)
		cells_close(&s->cells[i]);
	free(s->cells);
	free(s->units);
	free(s->values);
	free(s->scratch);
	free(s->started);
}

static int side_open(struct side *s, const struct contrast *q, struct error *err)
{
	size_t most = s->n;
	int r = 0;

	s->cells = calloc(s->n, sizeof(*s->cells));
	s->units = calloc(s->n, sizeof(*s->units));
	for (size_t i = 0; i < s->n; i++)
		most += contrast_most_repetitions(s->results[i]);
	s->values = calloc(most + 1, sizeof(*s->values));
	s->scratch = calloc(most + 1, sizeof(*s->scratch));
	s->started = calloc(s->n + 1, sizeof(*s->started));
	if (!s->cells || !s->units || !s->values || !s->scratch || !s->started)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; !r && i < s->n; i++)
		r = cells_open(&s->cells[i], s->results[i], &q->filter, NULL, err);
	return r;
}

static const char *boot_of(const struct result *r)
{
	const char *boot = result_text(r, "host/boot_id");

	return boot ? boot : "";
}

static bool same_boot(const struct result *a, const struct result *b)
{
	return *boot_of(a) && strcmp(boot_of(a), boot_of(b)) == 0;
}

/* Did both sides run in one boot? Then it is not the boot that differs. */
static bool share_boot(const struct side *a, const struct side *b)
{
	for (size_t i = 0; i < a->n; i++)
		for (size_t k = 0; k < b->n; k++)
			if (same_boot(a->results[i], b->results[k]))
				return true;
	return false;
}

static void number_units(struct side *s, bool by_boot)
{
	s->nr_units = 0;
	for (size_t i = 0; i < s->n; i++) {
		size_t k = by_boot ? 0 : i;

		while (k < i && !same_boot(s->results[i], s->results[k]))
			k++;
		s->units[i] = k < i ? s->units[k] : s->nr_units++;
	}
}

static double first_start(const struct result *r)
{
	return r->nr_repetitions ? (double)r->repetitions[0].started_ns : NAN;
}

/* One value a unit: the median of the medians of its runs. */
static void take_units(struct side *s, const char *key, const char *metric)
{
	s->nr_values = 0;
	for (size_t unit = 0; unit < s->nr_units; unit++) {
		double *medians = s->values + s->nr_values, started = INFINITY;
		size_t n = 0;

		for (size_t i = 0; i < s->n; i++) {
			int64_t cell = cells_find(&s->cells[i], key, -1, NULL);
			int index = result_metric_index(s->results[i], metric);
			size_t nr;

			if (s->units[i] != unit || cell < 0 || index < 0)
				continue;
			nr = cells_values(&s->cells[i], (uint32_t)cell, (unsigned int)index,
					  s->scratch);
			if (nr)
				medians[n++] = summary_median(s->scratch, nr);
			started = fmin(started, first_start(s->results[i]));
		}
		if (!n)
			continue;
		s->started[s->nr_values] = started;
		s->values[s->nr_values++] = summary_median(medians, n);
	}
}

/*
 * A and B took turns: of each two units in the order of time one is an A and one a B. Fills pairs
 * (room for as many as a has) and says whether it was so.
 */
static bool pair_turns(const struct side *a, const struct side *b, struct compare_pair *pairs)
{
	if (a->nr_values != b->nr_values)
		return false;
	for (size_t i = 0; i < a->nr_values; i++) {
		double later = i ? fmax(a->started[i - 1], b->started[i - 1]) : -INFINITY;

		if (!(a->started[i] > later) || !(b->started[i] > later) ||
		    a->started[i] == b->started[i])
			return false;
		pairs[i] = (struct compare_pair){
			.a = a->values[i],
			.b = b->values[i],
			.order = a->started[i] < b->started[i] ? ORDER_AB : ORDER_BA,
		};
	}
	return true;
}

static int compare_units(const struct side *a, const struct side *b,
			 const struct compare_options *options, struct untied_table *known,
			 struct comparison *ret)
{
	AUTO_FREE struct compare_pair *pairs = calloc(a->nr_values + 1, sizeof(*pairs));
	struct compare_options randomised = *options;

	if (!pairs)
		return -ENOMEM;
	randomised.randomised = true;
	if (pair_turns(a, b, pairs))
		return compare_pairs(pairs, a->nr_values, &randomised, ret);
	return compare_samples(a->values, a->nr_values, b->values, b->nr_values, options, known,
			       ret);
}

/* A single run a side: its repetitions are what there is, and the label says so. */
static void take_repetitions(struct side *s, uint32_t cell, unsigned int metric)
{
	s->nr_values = cells_values(&s->cells[0], cell, metric, s->values);
}

/* Several boots, each under a clock that counts instructions? */
static bool counts_boots(const struct side *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const char *clock = result_text(s->results[i], "run/clock");

		if (!clock || strcmp(clock, "instructions") != 0)
			return false;
	}
	return s->nr_units > 1;
}

struct runs_work {
	const struct contrast *q;
	const enum metric_choice *choice; /* of the first result of A */
	struct side a, b;
	bool single;
	struct untied_table known; /* cells have as many repetitions, as a rule */
	struct comparisons *ret;
};

static int compare_run_metric(struct runs_work *w, const char *key, uint32_t cell_a,
			      uint32_t cell_b, unsigned int metric, const char *cell,
			      struct missing *missing)
{
	const struct result_metric *m = &w->a.results[0]->metrics[metric];
	struct compare_options options = contrast_with_better(w->q, m->better);
	int other = result_metric_index(w->b.results[0], m->name);
	struct compared *row;

	w->b.nr_values = 0;
	if (w->single) {
		take_repetitions(&w->a, cell_a, metric);
		if (other >= 0)
			take_repetitions(&w->b, cell_b, (unsigned int)other);
	} else {
		take_units(&w->a, key, m->name);
		take_units(&w->b, key, m->name);
	}
	if (!w->a.nr_values || !w->b.nr_values) {
		if (w->a.nr_values)
			contrast_note_missing(missing->only_a, sizeof(missing->only_a), m->name);
		if (w->b.nr_values)
			contrast_note_missing(missing->only_b, sizeof(missing->only_b), m->name);
		return 0;
	}
	missing->any = true;
	row = comparisons_add(w->ret, cell, m->name, m->unit, "");
	if (!row)
		return -ENOMEM;
	contrast_set_row(row, m->better, w->choice[metric] == METRIC_PRIMARY, 0);
	/* Where instructions are counted there is no drift that an order of boots could hide. */
	options.randomised = counts_boots(&w->a) && counts_boots(&w->b);
	return compare_units(&w->a, &w->b, &options, &w->known, &row->result);
}

/* A share of RAM is another size on another machine. */
static void tell_size(struct comparisons *c, const char *cell, const struct result_cell *a,
		      const struct result_cell *b)
{
	if (a->size_bytes != b->size_bytes && a->size_bytes && b->size_bytes)
		comparisons_say(c, &c->warnings,
				"%s: %" PRIu64 " bytes in A are %" PRIu64 " bytes in B", cell,
				a->size_bytes, b->size_bytes);
}

/* Runs have no rounds in common, whose other half could be left out with a disturbed one. */
static void tell_stolen(struct comparisons *c, const char *cell, const char *key,
			const struct side *s)
{
	uint32_t stolen = 0, all = 0;

	for (size_t run = 0; run < s->n; run++) {
		const struct cells *cells = &s->cells[run];
		int64_t index = cells_find(cells, key, -1, NULL);

		if (index < 0)
			continue;
		for (uint32_t i = cells->first[index]; i < cells->first[index + 1]; i++, all++)
			stolen += noise_stolen(cells->r, cells->by_cell[i]);
	}
	if (stolen)
		comparisons_say(c, &c->warnings,
				"%s: %u of %u repetitions of %s, none left out, disturbed by steal "
				"time above %g %%",
				cell, stolen, all, s->name, NOISE_STEAL * 100);
}

static int compare_run_cell(struct runs_work *w, const struct cell_key *key, uint32_t cell_b)
{
	const struct result *a = w->a.results[0], *b = w->b.results[0];
	struct missing missing = { .any = false };
	char name[1024];
	int r = 0;

	cells_name(a, key->cell, -1, name, sizeof(name));
	for (unsigned int i = 0; !r && i < a->nr_metrics; i++)
		if (w->choice[i] != METRIC_NO)
			r = compare_run_metric(w, key->text, key->cell, cell_b, i, name, &missing);
	contrast_tell_missing(w->ret, name, &missing, &w->a.cells[0], key->cell, &w->b.cells[0],
			      cell_b);
	tell_stolen(w->ret, name, key->text, &w->a);
	tell_stolen(w->ret, name, key->text, &w->b);
	tell_size(w->ret, name, &a->cells[key->cell], &b->cells[cell_b]);
	if (w->single) {
		contrast_tell_repetitions(w->ret, name, "A", &w->a.cells[0], key->cell);
		contrast_tell_repetitions(w->ret, name, "B", &w->b.cells[0], cell_b);
	}
	return r;
}

/* Cells of one run that the first run of A lacks. */
static void tell_only(struct runs_work *w, const struct side *side, size_t run)
{
	const struct cells *cells = &side->cells[run];
	char name[1024];

	for (size_t i = 0; i < cells->nr_kept; i++)
		if (cells_find(&w->a.cells[0], cells->keys[i].text, -1, NULL) < 0)
			comparisons_say(
				w->ret, &w->ret->unmatched, "%s: only %s has it (%s)",
				cells_name(cells->r, cells->keys[i].cell, -1, name, sizeof(name)),
				side->name, cells->r->path);
}

/* Cells that the first run of A has and a later one lacks. */
static void tell_lacking(struct runs_work *w, const struct side *side, size_t run)
{
	const struct cells *first = &w->a.cells[0];
	char name[1024];

	for (size_t i = 0; i < first->nr_kept; i++)
		if (cells_find(&side->cells[run], first->keys[i].text, -1, NULL) < 0)
			comparisons_say(
				w->ret, &w->ret->unmatched, "%s: %s lacks it (%s)",
				cells_name(first->r, first->keys[i].cell, -1, name, sizeof(name)),
				side->name, side->results[run]->path);
}

static int compare_run_cells(struct runs_work *w)
{
	const struct cells *cells = &w->a.cells[0];
	int r = 0;

	for (size_t i = 0; !r && i < cells->nr_kept; i++) {
		int64_t other = cells_find(&w->b.cells[0], cells->keys[i].text, -1, NULL);

		if (other >= 0)
			r = compare_run_cell(w, &cells->keys[i], (uint32_t)other);
	}
	for (size_t i = 1; i < w->a.n; i++) {
		tell_only(w, &w->a, i);
		tell_lacking(w, &w->a, i);
	}
	for (size_t i = 0; i < w->b.n; i++) {
		tell_only(w, &w->b, i);
		tell_lacking(w, &w->b, i);
	}
	return r;
}

static void tell_replication(struct runs_work *w, const char *unit)
{
	size_t fewest = w->a.nr_units < w->b.nr_units ? w->a.nr_units : w->b.nr_units;

	if (w->single)
		comparisons_say(w->ret, &w->ret->warnings,
				"one run a side: what differs between any two runs or boots cannot "
				"be told from what differs between A and B; repeat with --a RUN... "
				"--b RUN...");
	else if (fewest < 4)
		comparisons_say(w->ret, &w->ret->warnings,
				"%zu %ss of A and %zu of B: at least 4 a side are needed for a "
				"verdict, however many repetitions each has",
				w->a.nr_units, unit, w->b.nr_units);
}

static char *side_name(const struct side *s)
{
	char more[32] = "";

	if (s->n > 1)
		snprintf(more, sizeof(more), " and %zu more", s->n - 1);
	return contrast_joined(s->results[0]->path, "", more);
}

static int by_start(const void *a, const void *b)
{
	double x = first_start(*(struct result *const *)a),
	       y = first_start(*(struct result *const *)b);

	return (x > y) - (x < y);
}

/* Both sides' metrics: a list that the first result of B lacks altogether is a mistake too. */
static int contrast_sides(struct runs_work *w, struct error *err)
{
	enum metric_choice *choice = NULL;
	const char *unit = "repetition";
	bool by_boot;
	int r = metrics_choose(w->a.results[0], w->q->metrics, w->q->all, &choice, err);

	if (!r)
		r = side_open(&w->a, w->q, err);
	if (!r)
		r = side_open(&w->b, w->q, err);
	if (r) {
		free(choice);
		return r;
	}
	w->choice = choice;
	comparisons_origin(w->ret, w->a.results[0], w->b.results[0]);
	by_boot = !share_boot(&w->a, &w->b);
	number_units(&w->a, by_boot);
	number_units(&w->b, by_boot);
	if (!w->single)
		unit = by_boot ? "boot" : "run";
	r = contrast_name_sides(w->ret, side_name(&w->a), side_name(&w->b), unit);
	if (!r)
		r = compare_run_cells(w);
	tell_replication(w, unit);
	free(choice);
	return r ? error_set_errno(err, r, "cannot compare") : 0;
}

int contrast_groups(struct result *const *a, size_t nr_a, struct result *const *b, size_t nr_b,
		    const struct contrast *q, struct comparisons *ret, struct error *err)
{
	AUTO_FREE struct result **sorted_a = calloc(nr_a, sizeof(struct result *));
	AUTO_FREE struct result **sorted_b = calloc(nr_b, sizeof(struct result *));
	struct runs_work w = { .q = q, .single = nr_a == 1 && nr_b == 1, .ret = ret };
	int r;

	if (!sorted_a || !sorted_b)
		return error_set(err, -ENOMEM, "out of memory");
	memcpy(sorted_a, a, nr_a * sizeof(struct result *));
	memcpy(sorted_b, b, nr_b * sizeof(struct result *));
	qsort(sorted_a, nr_a, sizeof(struct result *), by_start);
	qsort(sorted_b, nr_b, sizeof(struct result *), by_start);
	w.a = (struct side){ .name = "A", .results = sorted_a, .n = nr_a };
	w.b = (struct side){ .name = "B", .results = sorted_b, .n = nr_b };
	r = contrast_sides(&w, err);
	side_close(&w.a);
	side_close(&w.b);
	untied_table_free(&w.known);
	return r;
}
