/* SPDX-License-Identifier: MIT */
#include "cmd/cells.h"

#include "base/cleanup.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

int cell_filter_add(struct cell_filter *f, char *text, struct error *err)
{
	char *equal = strchr(text, '=');

	if (!equal || equal == text || !equal[1])
		return error_set(err, -EINVAL, "\"%s\" is no AXIS=VALUE: try size=1MiB", text);
	if (f->n == FILTERS_MAX)
		return error_set(err, -ENOSPC, "more than %d filters", FILTERS_MAX);
	*equal = '\0';
	f->terms[f->n].axis = text;
	f->terms[f->n++].value = equal + 1;
	return 0;
}

static bool param_is(const struct result_cell *cell, int axis, const char *value)
{
	return cell->params[axis] && strcmp(cell->params[axis], value) == 0;
}

static int unknown_axis(const struct result *r, const char *name, struct error *err)
{
	AUTO_FREE const char **names = calloc(r->nr_axes + 1, sizeof(*names));
	char all[512];

	if (!names)
		return error_set(err, -ENOMEM, "out of memory");
	for (unsigned int i = 0; i < r->nr_axes; i++)
		names[i] = r->axes[i].name;
	return error_set(err, -EINVAL, "%s: has no axis \"%s\": %s%s", r->path, name,
			 r->nr_axes ? "choose " : "it has none",
			 text_alternatives(names, all, sizeof(all)));
}

static int check_filter(const struct result *r, const struct cell_filter *f, struct error *err)
{
	for (size_t i = 0; f && i < f->n; i++) {
		int axis = result_axis_index(r, f->terms[i].axis);
		bool found = false;

		if (axis < 0)
			return unknown_axis(r, f->terms[i].axis, err);
		for (uint32_t cell = 0; !found && cell < r->nr_cells; cell++)
			found = param_is(&r->cells[cell], axis, f->terms[i].value);
		if (!found)
			return error_set(err, -EINVAL, "%s: no cell has %s=%s", r->path,
					 f->terms[i].axis, f->terms[i].value);
	}
	return 0;
}

/* Any of the values that the filter names for an axis, and so for each axis. */
static bool passes(const struct result *r, const struct cell_filter *f, uint32_t cell)
{
	for (size_t i = 0; f && i < f->n; i++) {
		bool found = false;

		for (size_t k = 0; k < f->n; k++)
			found |= strcmp(f->terms[k].axis, f->terms[i].axis) == 0 &&
				 param_is(&r->cells[cell], result_axis_index(r, f->terms[k].axis),
					  f->terms[k].value);
		if (!found)
			return false;
	}
	return true;
}

static int by_name(const void *a, const void *b, void *context)
{
	const struct result *r = context;

	return strcmp(r->axes[*(const unsigned int *)a].name,
		      r->axes[*(const unsigned int *)b].name);
}

/* Axes in the order of their names, so that two results may list them in different ones. */
static char *key_of(const struct result *r, uint32_t cell, const unsigned int *order,
		    const char *without)
{
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	if (!stream)
		return NULL;
	for (unsigned int i = 0; i < r->nr_axes; i++) {
		const struct result_axis *axis = &r->axes[order[i]];
		const char *value = r->cells[cell].params[order[i]];

		if (value && (!without || strcmp(axis->name, without) != 0))
			fprintf(stream, "%s=%s\n", axis->name, value);
	}
	if (fclose(stream)) {
		free(text);
		return NULL;
	}
	return text;
}

static int by_key(const void *a, const void *b)
{
	const struct cell_key *x = a, *y = b;
	int order = strcmp(x->text, y->text);

	return order ? order : (x->cell > y->cell) - (x->cell < y->cell);
}

static int make_keys(struct cells *c, const char *without)
{
	const struct result *r = c->r;
	AUTO_FREE unsigned int *order = calloc(r->nr_axes + 1, sizeof(*order));

	if (!order)
		return -ENOMEM;
	for (unsigned int i = 0; i < r->nr_axes; i++)
		order[i] = i;
	qsort_r(order, r->nr_axes, sizeof(*order), by_name, (void *)(uintptr_t)r);
	for (uint32_t cell = 0; cell < r->nr_cells; cell++) {
		if (!c->kept[cell])
			continue;
		c->keys[c->nr_kept].cell = cell;
		c->keys[c->nr_kept].text = key_of(r, cell, order, without);
		if (!c->keys[c->nr_kept++].text)
			return -ENOMEM;
	}
	qsort(c->keys, c->nr_kept, sizeof(*c->keys), by_key);
	return 0;
}

/* Counting sort, which keeps the order that repetitions ran in. */
static void group(struct cells *c)
{
	const struct result *r = c->r;
	uint32_t *next = c->first + 1;

	for (uint32_t i = 0; i < r->nr_cells; i++)
		c->first[i + 2] = c->first[i + 1] + r->cells[i].nr_repetitions;
	for (uint32_t i = 0; i < r->nr_repetitions; i++)
		c->by_cell[next[r->repetitions[i].cell]++] = i;
}

int cells_open(struct cells *ret, const struct result *r, const struct cell_filter *filter,
	       const char *without, struct error *err)
{
	struct cells c = { .r = r };
	int error = check_filter(r, filter, err);

	if (error)
		return error;
	c.first = calloc(r->nr_cells + 2, sizeof(*c.first));
	c.by_cell = calloc(r->nr_repetitions + 1, sizeof(*c.by_cell));
	c.kept = calloc(r->nr_cells + 1, sizeof(*c.kept));
	c.keys = calloc(r->nr_cells + 1, sizeof(*c.keys));
	if (c.first && c.by_cell && c.kept && c.keys) {
		group(&c);
		for (uint32_t i = 0; i < r->nr_cells; i++)
			c.kept[i] = passes(r, filter, i);
		error = make_keys(&c, without);
	} else {
		error = -ENOMEM;
	}
	if (error) {
		cells_close(&c);
		return error_set(err, error, "out of memory");
	}
	*ret = c;
	return 0;
}

void cells_close(struct cells *c)
{
	for (size_t i = 0; c->keys && i < c->nr_kept; i++)
		free(c->keys[i].text);
	free(c->keys);
	free(c->kept);
	free(c->first);
	free(c->by_cell);
	*c = (struct cells){ .r = NULL };
}

int64_t cells_find(const struct cells *c, const char *key, int axis, const char *value)
{
	size_t low = 0, high = c->nr_kept;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(c->keys[middle].text, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < c->nr_kept && strcmp(c->keys[low].text, key) == 0; low++)
		if (axis < 0 || param_is(&c->r->cells[c->keys[low].cell], axis, value))
			return c->keys[low].cell;
	return -1;
}

char *cells_name(const struct result *r, uint32_t cell, int without, char *ret, size_t length)
{
	const char *scenario = result_text(r, "scenario/name");
	size_t used = 0;

	for (unsigned int i = 0; i < r->nr_axes && used < length; i++)
		if ((r->axes[i].varies || !r->cells[cell].params[i]) && (int)i != without &&
		    r->cells[cell].params[i])
			used += (size_t)snprintf(ret + used, length - used, "%s%s=%s",
						 used ? " " : "", r->axes[i].name,
						 r->cells[cell].params[i]);
	if (!used)
		snprintf(ret, length, "%s", scenario ? scenario : "?");
	return ret;
}

char *cells_outcome(const struct cells *c, uint32_t cell, char *ret, size_t length)
{
	const struct result_repetition *rep;

	if (c->first[cell] == c->first[cell + 1]) {
		snprintf(ret, length, "never ran");
		return ret;
	}
	rep = &c->r->repetitions[c->by_cell[c->first[cell + 1] - 1]];
	snprintf(ret, length, "%s%s%s%s%s", rep->outcome, rep->step ? " at " : "",
		 rep->step ? rep->step : "", rep->detail ? ": " : "",
		 rep->detail ? rep->detail : "");
	return ret;
}

static int unknown_metric(const struct result *r, const char *name, struct error *err)
{
	AUTO_FREE const char **names = calloc(r->nr_metrics + 1, sizeof(*names));
	const char *nearest;
	char all[512];

	if (!names)
		return error_set(err, -ENOMEM, "out of memory");
	for (unsigned int i = 0; i < r->nr_metrics; i++)
		names[i] = r->metrics[i].name;
	nearest = text_nearest(name, names);
	if (nearest)
		return error_set(err, -EINVAL, "%s: has no metric \"%s\": did you mean \"%s\"?",
				 r->path, name, nearest);
	return error_set(err, -EINVAL, "%s: has no metric \"%s\": choose %s", r->path, name,
			 text_alternatives(names, all, sizeof(all)));
}

static int choose_named(const struct result *r, const char *const *names,
			enum metric_choice *choice, struct error *err)
{
	for (; *names; names++) {
		bool found = false;

		for (unsigned int i = 0; i < r->nr_metrics; i++) {
			if (strcmp(*names, r->metrics[i].name) != 0 &&
			    strcmp(*names, r->metrics[i].step) != 0)
				continue;
			choice[i] = METRIC_PRIMARY;
			found = true;
		}
		if (!found)
			return unknown_metric(r, *names, err);
	}
	return 0;
}

/* Has a metric of the same step been chosen before it? */
static bool step_has_primary(const struct result *r, const enum metric_choice *choice,
			     unsigned int metric)
{
	for (unsigned int i = 0; i < metric; i++)
		if (choice[i] == METRIC_PRIMARY &&
		    strcmp(r->metrics[i].step, r->metrics[metric].step) == 0)
			return true;
	return false;
}

int metrics_choose(const struct result *r, const char *const *names, bool all,
		   enum metric_choice **ret, struct error *err)
{
	enum metric_choice *choice = calloc(r->nr_metrics + 1, sizeof(*choice));
	int error = 0;

	if (!choice)
		return error_set(err, -ENOMEM, "out of memory");
	if (names)
		error = choose_named(r, names, choice, err);
	for (unsigned int i = 0; !names && i < r->nr_metrics; i++)
		if (r->metrics[i].better != BETTER_NEITHER && !step_has_primary(r, choice, i))
			choice[i] = METRIC_PRIMARY;
		else if (all)
			choice[i] = METRIC_OTHER;
	if (error)
		free(choice);
	else
		*ret = choice;
	return error;
}

size_t cells_values(const struct cells *c, uint32_t cell, unsigned int metric, double *ret)
{
	size_t n = 0;

	for (uint32_t i = c->first[cell]; i < c->first[cell + 1]; i++) {
		double value = result_values(c->r, c->by_cell[i])[metric];

		if (!isnan(value))
			ret[n++] = value;
	}
	return n;
}
