/* SPDX-License-Identifier: MIT */
#include "cmd/contrast.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "scenario/scenario.h"
#include "stats/summary.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* A pair is disturbed where the hypervisor gave away more of the processors' time than this. */
#define STEAL_ALLOWED 0.01

/* The largest number of repetitions that a cell has: room for one metric's values. */
static size_t most_repetitions(const struct result *r)
{
	size_t most = 0;

	for (uint32_t i = 0; i < r->nr_cells; i++)
		if (r->cells[i].nr_repetitions > most)
			most = r->cells[i].nr_repetitions;
	return most;
}

/* Which metrics of a cell only one side has: told in one sentence a cell. */
struct missing {
	char only_a[512], only_b[512];
	bool any;
};

static void note_missing(char *list, size_t length, const char *metric)
{
	size_t used = strlen(list);

	if (used < length)
		snprintf(list + used, length - used, "%s%s", used ? ", " : "", metric);
}

static void tell_missing(struct comparisons *c, const char *cell, const struct missing *m,
			 const struct cells *a, uint32_t cell_a, const struct cells *b,
			 uint32_t cell_b)
{
	char of_a[400], of_b[400];

	cells_outcome(a, cell_a, of_a, sizeof(of_a));
	cells_outcome(b, cell_b, of_b, sizeof(of_b));
	if (m->only_a[0])
		comparisons_say(c, &c->unmatched, "%s: only A has %s (B: %s)", cell, m->only_a,
				of_b);
	if (m->only_b[0])
		comparisons_say(c, &c->unmatched, "%s: only B has %s (A: %s)", cell, m->only_b,
				of_a);
	if (!m->any && !m->only_a[0] && !m->only_b[0])
		comparisons_say(c, &c->unmatched, "%s: measured on neither side (A: %s; B: %s)",
				cell, of_a, of_b);
}

/* Degraded: it ran, but not under the conditions asked for. That is no ground to drop it. */
static void tell_degraded(struct comparisons *c, const char *cell, const char *side,
			  const struct cells *cells, uint32_t index)
{
	uint32_t n = 0, all = cells->first[index + 1] - cells->first[index];
	const char *detail = NULL;

	for (uint32_t i = cells->first[index]; i < cells->first[index + 1]; i++) {
		const struct result_repetition *rep = &cells->r->repetitions[cells->by_cell[i]];

		if (strcmp(rep->outcome, "degraded") == 0) {
			detail = rep->detail;
			n++;
		}
	}
	if (n)
		comparisons_say(c, &c->warnings, "%s: %u of %u repetitions of %s degraded%s%s",
				cell, n, all, side, detail ? ": " : "", detail ? detail : "");
}

static void set_row(struct compared *row, enum better better, bool primary, size_t unpaired)
{
	row->better = better;
	row->primary = primary;
	row->unpaired = unpaired;
}

static struct compare_options with_better(const struct contrast *q, enum better better)
{
	struct compare_options options = q->options;

	options.better = (enum compare_better)better;
	return options;
}

/* By round, inside one run. */

struct by_work {
	const struct contrast *q;
	const struct cells *cells;
	const enum metric_choice *choice;
	int axis;
	int steal; /* index of the metric; negative: the result has none */
	double nr_cpus;
	struct compare_pair *pairs; /* [most repetitions of a cell] */
	struct comparisons *ret;
};

/* Was more than the allowed share of the processors' time given to other guests meanwhile? */
static bool disturbed(const struct by_work *w, uint32_t repetition)
{
	const struct result *r = w->cells->r;
	double elapsed_us = (double)r->repetitions[repetition].elapsed_ns / 1e3;

	return w->steal >= 0 &&
	       result_values(r, repetition)[w->steal] > STEAL_ALLOWED * elapsed_us * w->nr_cpus;
}

/* A and B of each round that has both. */
static size_t pair_rounds(const struct by_work *w, uint32_t a, uint32_t b, unsigned int metric,
			  size_t *ret_unpaired)
{
	const struct cells *c = w->cells;
	uint32_t i = c->first[a], k = c->first[b];
	size_t n = 0;

	*ret_unpaired = 0;
	while (i < c->first[a + 1] && k < c->first[b + 1]) {
		const struct result_repetition *x = &c->r->repetitions[c->by_cell[i]],
					       *y = &c->r->repetitions[c->by_cell[k]];

		if (x->round == y->round)
			w->pairs[n++] = (struct compare_pair){
				.a = result_values(c->r, c->by_cell[i])[metric],
				.b = result_values(c->r, c->by_cell[k])[metric],
				.disturbed = disturbed(w, c->by_cell[i]) ||
					     disturbed(w, c->by_cell[k]),
				.order = x->sequence < y->sequence ? ORDER_AB : ORDER_BA,
			};
		else
			++*ret_unpaired;
		if (x->round == y->round) {
			i++;
			k++;
		} else if (x->round < y->round) {
			i++;
		} else {
			k++;
		}
	}
	*ret_unpaired += c->first[a + 1] - i + c->first[b + 1] - k;
	return n;
}

/* How many pairs have what of the two. */
static void count_sides(const struct compare_pair *pairs, size_t n, size_t *a, size_t *b,
			size_t *both)
{
	*a = *b = *both = 0;
	for (size_t i = 0; i < n; i++) {
		*a += !isnan(pairs[i].a);
		*b += !isnan(pairs[i].b);
		*both += !isnan(pairs[i].a) && !isnan(pairs[i].b);
	}
}

static int compare_metric(const struct by_work *w, uint32_t a, uint32_t b, unsigned int metric,
			  const char *cell, const char *group, struct missing *missing)
{
	const struct result_metric *m = &w->cells->r->metrics[metric];
	struct compare_options options = with_better(w->q, m->better);
	size_t unpaired, n = pair_rounds(w, a, b, metric, &unpaired), of_a, of_b, both;
	struct compared *row;
	int r;

	count_sides(w->pairs, n, &of_a, &of_b, &both);
	if (!both) {
		if (of_a)
			note_missing(missing->only_a, sizeof(missing->only_a), m->name);
		if (of_b)
			note_missing(missing->only_b, sizeof(missing->only_b), m->name);
		return 0;
	}
	missing->any = true;
	row = comparisons_add(w->ret, cell, m->name, m->unit, group);
	if (!row)
		return -ENOMEM;
	set_row(row, m->better, w->choice[metric] == METRIC_PRIMARY, unpaired);
	options.randomised = true;
	r = compare_pairs(w->pairs, n, &options, &row->result);
	return r;
}

static int compare_cells(const struct by_work *w, uint32_t a, uint32_t b)
{
	const struct result *r = w->cells->r;
	const char *value = r->cells[b].params[w->axis];
	struct missing missing = { .any = false };
	char cell[1024], group[256], rest[768];
	int error = 0;

	snprintf(group, sizeof(group), "%s=%s", r->axes[w->axis].name, value ? value : "?");
	cells_name(r, b, w->axis, rest, sizeof(rest));
	/* Without another axis the rest is the scenario's name, which is said above. */
	snprintf(cell, sizeof(cell), "%s%s%s", group, strchr(rest, '=') ? " " : "",
		 strchr(rest, '=') ? rest : "");
	for (unsigned int i = 0; !error && i < r->nr_metrics; i++)
		if (w->choice[i] != METRIC_NO)
			error = compare_metric(w, a, b, i, cell, group, &missing);
	tell_missing(w->ret, cell, &missing, w->cells, a, w->cells, b);
	tell_degraded(w->ret, cell, "A", w->cells, a);
	tell_degraded(w->ret, cell, "B", w->cells, b);
	return error;
}

static int compare_all_cells(const struct by_work *w, const char *baseline)
{
	const struct result *r = w->cells->r;
	char name[1024];
	int error = 0;

	for (size_t i = 0; !error && i < w->cells->nr_kept; i++) {
		const struct cell_key *key = &w->cells->keys[i];
		const char *value = r->cells[key->cell].params[w->axis];
		bool is_baseline = value && strcmp(value, baseline) == 0;
		int64_t partner;

		if (is_baseline)
			continue;
		partner = cells_find(w->cells, key->text, w->axis, baseline);
		if (partner >= 0)
			error = compare_cells(w, (uint32_t)partner, key->cell);
		else
			comparisons_say(w->ret, &w->ret->unmatched,
					"%s: there is no such cell with the baseline",
					cells_name(r, key->cell, -1, name, sizeof(name)));
	}
	return error;
}

/* Baseline cells that no other value has a cell for. */
static void tell_lonely(const struct by_work *w, const char *baseline)
{
	const struct cells *c = w->cells;
	char name[1024];

	for (size_t i = 0; i < c->nr_kept; i++) {
		const char *value = c->r->cells[c->keys[i].cell].params[w->axis];
		bool alone = (!i || strcmp(c->keys[i - 1].text, c->keys[i].text) != 0) &&
			     (i + 1 == c->nr_kept ||
			      strcmp(c->keys[i + 1].text, c->keys[i].text) != 0);

		if (alone && value && strcmp(value, baseline) == 0)
			comparisons_say(w->ret, &w->ret->unmatched,
					"%s: only the baseline has such a cell",
					cells_name(c->r, c->keys[i].cell, -1, name, sizeof(name)));
	}
}

static int choose_axis(const struct result *r, const char *by, struct error *err)
{
	AUTO_FREE const char **names = calloc(r->nr_axes + 1, sizeof(*names));
	unsigned int n = 0;
	char all[512];
	int axis;

	if (!names)
		return error_set(err, -ENOMEM, "out of memory");
	for (unsigned int i = 0; i < r->nr_axes; i++)
		if (r->axes[i].varies)
			names[n++] = r->axes[i].name;
	if (!n)
		return error_set(err, -EINVAL,
				 "%s: nothing varies in it, so there is nothing to compare: give "
				 "two results",
				 r->path);
	if (!by && n > 1)
		return error_set(err, -EINVAL, "%s: compare by which axis? --by %s", r->path,
				 text_alternatives(names, all, sizeof(all)));
	axis = result_axis_index(r, by ? by : names[0]);
	if (axis < 0 || !r->axes[axis].varies)
		return error_set(err, -EINVAL, "%s: %s axis \"%s\": --by takes %s", r->path,
				 axis < 0 ? "has no" : "only one value is measured of", by,
				 text_alternatives(names, all, sizeof(all)));
	return axis;
}

static bool has_value(const struct result *r, int axis, const char *value)
{
	for (uint32_t i = 0; i < r->nr_cells; i++)
		if (r->cells[i].params[axis] && strcmp(r->cells[i].params[axis], value) == 0)
			return true;
	return false;
}

static int check_baseline(const struct result *r, int axis, const char *baseline, struct error *err)
{
	AUTO_FREE const char **names = calloc(r->axes[axis].nr_values + 1, sizeof(*names));
	char all[512];

	if (!names)
		return error_set(err, -ENOMEM, "out of memory");
	if (has_value(r, axis, baseline))
		return 0;
	for (unsigned int i = 0; i < r->axes[axis].nr_values; i++)
		names[i] = r->axes[axis].values[i];
	return error_set(err, -EINVAL, "%s: no cell has %s=%s: --baseline takes %s", r->path,
			 r->axes[axis].name, baseline, text_alternatives(names, all, sizeof(all)));
}

static int name_sides(struct comparisons *c, char *a, char *b, const char *unit)
{
	c->a = a;
	c->b = b;
	c->unit = unit;
	return a && b ? 0 : -ENOMEM;
}

static char *joined(const char *one, const char *between, const char *other)
{
	char *text;

	if (asprintf(&text, "%s%s%s", one, between, other) < 0)
		return NULL;
	return text;
}

/* A run that looked at its own data has spent its share of alpha at each look, and says so. */
static void take_plan(const struct result *r, const char *axis, struct contrast *q)
{
	const char *source = result_text(r, "scenario/source");
	const struct repetition_plan *plan;
	struct scenario *s = NULL;

	if (!source || scenario_load_text(source, strlen(source), "scenario", NULL, &s, NULL))
		return;
	plan = &s->repetitions;
	if (plan->compare >= 0 && strcmp(axes[plan->compare]->name, axis) == 0) {
		q->options.adaptive = true;
		q->options.power = plan->power;
		if (!q->margin_given)
			q->options.margin = plan->margin;
	}
	scenario_free(s);
}

int contrast_by(const struct result *r, const char *by, const char *baseline,
		const struct contrast *q, struct comparisons *ret, struct error *err)
{
	struct contrast planned = *q;
	struct by_work w = {
		.q = &planned,
		.ret = ret,
		.steal = result_metric_index(r, "system.steal_time"),
		.nr_cpus = result_number(r, "host/cpu/online", 1),
	};
	enum metric_choice *choice = NULL;
	struct cells cells = { .r = NULL };
	int error;

	w.axis = choose_axis(r, by, err);
	if (w.axis < 0)
		return w.axis;
	if (!r->axes[w.axis].nr_values)
		return error_set(err, -EINVAL, "axis %s has no values in this result",
				 r->axes[w.axis].name);
	if (!baseline)
		baseline = r->axes[w.axis].values[0];
	error = check_baseline(r, w.axis, baseline, err);
	if (!error)
		error = metrics_choose(r, q->metrics, q->all, &choice, err);
	if (!error)
		error = cells_open(&cells, r, &q->filter, r->axes[w.axis].name, err);
	if (error)
		goto out;
	take_plan(r, r->axes[w.axis].name, &planned);
	ret->options = planned.options;
	comparisons_origin(ret, r, r);
	w.cells = &cells;
	w.choice = choice;
	w.pairs = calloc(most_repetitions(r) + 1, sizeof(*w.pairs));
	error = name_sides(ret, joined(r->axes[w.axis].name, "=", baseline),
			   joined("other values of", " ", r->axes[w.axis].name), "round");
	if (!error)
		error = w.pairs ? compare_all_cells(&w, baseline) : -ENOMEM;
	if (error)
		error_set_errno(err, error, "cannot compare");
	else
		tell_lonely(&w, baseline);
out:
	cells_close(&cells);
	free(w.pairs);
	free(choice);
	return error;
}

/* Runs against runs. */

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
		most += most_repetitions(s->results[i]);
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
			 const struct compare_options *options, struct comparison *ret)
{
	AUTO_FREE struct compare_pair *pairs = calloc(a->nr_values + 1, sizeof(*pairs));
	struct compare_options randomised = *options;

	if (!pairs)
		return -ENOMEM;
	randomised.randomised = true;
	if (pair_turns(a, b, pairs))
		return compare_pairs(pairs, a->nr_values, &randomised, ret);
	return compare_samples(a->values, a->nr_values, b->values, b->nr_values, options, ret);
}

/* A single run a side: its repetitions are what there is, and the label says so. */
static void take_repetitions(struct side *s, uint32_t cell, unsigned int metric)
{
	s->nr_values = cells_values(&s->cells[0], cell, metric, s->values);
}

struct runs_work {
	const struct contrast *q;
	const enum metric_choice *choice; /* of the first result of A */
	struct side a, b;
	bool single;
	struct comparisons *ret;
};

static int compare_run_metric(struct runs_work *w, const char *key, uint32_t cell_a,
			      uint32_t cell_b, unsigned int metric, const char *cell,
			      struct missing *missing)
{
	const struct result_metric *m = &w->a.results[0]->metrics[metric];
	struct compare_options options = with_better(w->q, m->better);
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
			note_missing(missing->only_a, sizeof(missing->only_a), m->name);
		if (w->b.nr_values)
			note_missing(missing->only_b, sizeof(missing->only_b), m->name);
		return 0;
	}
	missing->any = true;
	row = comparisons_add(w->ret, cell, m->name, m->unit, "");
	if (!row)
		return -ENOMEM;
	set_row(row, m->better, w->choice[metric] == METRIC_PRIMARY, 0);
	options.randomised = false;
	return compare_units(&w->a, &w->b, &options, &row->result);
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
	tell_missing(w->ret, name, &missing, &w->a.cells[0], key->cell, &w->b.cells[0], cell_b);
	tell_size(w->ret, name, &a->cells[key->cell], &b->cells[cell_b]);
	if (w->single) {
		tell_degraded(w->ret, name, "A", &w->a.cells[0], key->cell);
		tell_degraded(w->ret, name, "B", &w->b.cells[0], cell_b);
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
	return joined(s->results[0]->path, "", more);
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
	r = name_sides(w->ret, side_name(&w->a), side_name(&w->b), unit);
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
	return r;
}
