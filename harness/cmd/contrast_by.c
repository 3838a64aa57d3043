/* SPDX-License-Identifier: MIT */
/* The values of one axis inside one run, held against each other by round. */
#include "cmd/contrast.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "cmd/contrast_rows.h"
#include "result/noise.h"
#include "scenario/scenario.h"

#include <math.h>
#include <string.h>

struct by_work {
	const struct contrast *q;
	const struct cells *cells;
	const enum metric_choice *choice;
	int axis;
	struct compare_pair *pairs; /* [most repetitions of a cell] */
	struct comparisons *ret;
};

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
				.disturbed = noise_stolen(c->r, c->by_cell[i]) ||
					     noise_stolen(c->r, c->by_cell[k]),
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
	struct compare_options options = contrast_with_better(w->q, m->better);
	size_t unpaired, n = pair_rounds(w, a, b, metric, &unpaired), of_a, of_b, both;
	struct compared *row;
	int r;

	count_sides(w->pairs, n, &of_a, &of_b, &both);
	if (!both) {
		if (of_a)
			contrast_note_missing(missing->only_a, sizeof(missing->only_a), m->name);
		if (of_b)
			contrast_note_missing(missing->only_b, sizeof(missing->only_b), m->name);
		return 0;
	}
	missing->any = true;
	row = comparisons_add(w->ret, cell, m->name, m->unit, group);
	if (!row)
		return -ENOMEM;
	contrast_set_row(row, m->better, w->choice[metric] == METRIC_PRIMARY, unpaired);
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
	contrast_tell_missing(w->ret, cell, &missing, w->cells, a, w->cells, b);
	contrast_tell_repetitions(w->ret, cell, "A", w->cells, a);
	contrast_tell_repetitions(w->ret, cell, "B", w->cells, b);
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
	w.pairs = calloc(contrast_most_repetitions(r) + 1, sizeof(*w.pairs));
	error = contrast_name_sides(ret, contrast_joined(r->axes[w.axis].name, "=", baseline),
				    contrast_joined("other values of", " ", r->axes[w.axis].name),
				    "round");
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
