/* SPDX-License-Identifier: MIT */
#include "stats/sums.h"

#include "base/cleanup.h"
#include "base/random.h"
#include "stats/order.h"

#include <errno.h>
#include <stdlib.h>

#define SAMPLE_MIN 1024
#define SAMPLE_MAX 65536

/*
 * What is left: of row i the columns low[i] … high[i] − 1. below and upto are room for the next
 * bounds.
 */
struct window {
	const struct sums *sums;
	uint32_t *low, *high, *below, *upto;
	uint64_t before, count; /* sums smaller than those left; sums left */
	double *values;         /* [room]: a sample, or all that is left */
	size_t room;
	struct random random;
};

static size_t first_column(const struct sums *s, size_t row)
{
	return s->triangle ? row : 0;
}

uint64_t sums_count(const struct sums *s)
{
	uint64_t n = s->nx;

	return s->triangle ? n * (n + 1) / 2 : n * s->ny;
}

/*
 * Per row, where sums at or above the value begin; returns how many lie before. The bound moves one
 * way as rows go on: one pass along the edge.
 */
static uint64_t bound(const struct sums *s, double value, uint32_t *columns)
{
	uint64_t total = 0;
	size_t j = s->ny;

	for (size_t i = 0; i < s->nx; i++) {
		size_t first = first_column(s, i);

		while (j > 0 && s->x[i] + s->y[j - 1] >= value)
			j--;
		columns[i] = (uint32_t)(j > first ? j : first);
		total += columns[i] - first;
	}
	return total;
}

/* The same for sums above the value. */
static uint64_t bound_above(const struct sums *s, double value, uint32_t *columns)
{
	return bound(s, nextafter(value, INFINITY), columns);
}

static void swap_rows(uint32_t **a, uint32_t **b)
{
	uint32_t *kept = *a;

	*a = *b;
	*b = kept;
}

/* Of the sums left, one from each of n equal parts, sorted into values. */
static void draw(struct window *w, size_t n)
{
	uint64_t passed = 0, part = w->count / n;
	size_t row = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t place = i * part + random_below(&w->random, part);

		while (place - passed >= w->high[row] - w->low[row]) {
			passed += w->high[row] - w->low[row];
			row++;
		}
		w->values[i] = w->sums->x[row] + w->sums->y[w->low[row] + place - passed];
	}
	order_sort(w->values, n);
}

/*
 * Keep what lies between two of the sums left, first ≤ second, on the side where rank k is. True
 * where that is one value: the answer, now in *ret.
 */
static bool close_in(struct window *w, uint64_t k, double first, double second, double *ret)
{
	uint64_t end = w->before + w->count;
	uint64_t nr_below = bound(w->sums, first, w->below);
	uint64_t nr_upto;

	if (k < nr_below) {
		swap_rows(&w->high, &w->below);
		w->count = nr_below - w->before;
		return false;
	}
	nr_upto = bound_above(w->sums, second, w->upto);
	if (k >= nr_upto) {
		swap_rows(&w->low, &w->upto);
		w->before = nr_upto;
		w->count = end - nr_upto;
		return false;
	}
	swap_rows(&w->low, &w->below);
	swap_rows(&w->high, &w->upto);
	w->before = nr_below;
	w->count = nr_upto - nr_below;
	*ret = first;
	return first == second;
}

/* The sums left, sorted into values. */
static void gather(struct window *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->sums->nx; i++)
		for (uint32_t j = w->low[i]; j < w->high[i]; j++)
			w->values[n++] = w->sums->x[i] + w->sums->y[j];
	order_sort(w->values, n);
}

/* How many to draw: enough to close in a lot, few beside what is left. */
static size_t sample_size(uint64_t count)
{
	if (count / 16 < SAMPLE_MIN)
		return SAMPLE_MIN;
	return count / 16 < SAMPLE_MAX ? (size_t)(count / 16) : SAMPLE_MAX;
}

static void find(struct window *w, uint64_t k, double *ret)
{
	while (w->count > w->room) {
		uint64_t count = w->count;
		size_t n = sample_size(count), place, first, second;
		/* Two standard deviations of a rank in the sample, or more. */
		size_t spread = (size_t)sqrt((double)n);

		draw(w, n);
		place = (size_t)((double)(k - w->before) / (double)count * (double)(n - 1));
		first = place > spread ? place - spread : 0;
		second = place + spread < n ? place + spread : n - 1;
		if (close_in(w, k, w->values[first], w->values[second], ret))
			return;
		/* Two values with many ties can be all that is left: one bound parts them. */
		if (w->count > count / 2 && w->count > w->room) {
			draw(w, n);
			if (close_in(w, k, w->values[n / 2], w->values[n / 2], ret))
				return;
		}
	}
	gather(w);
	*ret = w->values[k - w->before];
}

static void whole_window(struct window *w)
{
	for (size_t i = 0; i < w->sums->nx; i++) {
		w->low[i] = (uint32_t)first_column(w->sums, i);
		w->high[i] = (uint32_t)w->sums->ny;
	}
	w->before = 0;
	w->count = sums_count(w->sums);
}

int sums_select(const struct sums *s, uint64_t k, double *ret)
{
	AUTO_FREE uint32_t *rows = NULL;
	AUTO_FREE double *values = NULL;
	struct window w = { .sums = s };

	if (k >= sums_count(s))
		return -EDOM;
	rows = malloc(4 * s->nx * sizeof(*rows));
	w.room = 2 * SAMPLE_MIN + (s->nx + s->ny) / 4;
	values = malloc((w.room > SAMPLE_MAX ? w.room : SAMPLE_MAX) * sizeof(*values));
	if (!rows || !values)
		return -ENOMEM;
	w.low = rows;
	w.high = rows + s->nx;
	w.below = rows + 2 * s->nx;
	w.upto = rows + 3 * s->nx;
	w.values = values;
	whole_window(&w);
	find(&w, k, ret);
	return 0;
}

/* The smallest sum above value; value itself where its ties reach beyond rank k. */
static double next_above(const struct sums *s, double value, uint64_t k, uint32_t *columns)
{
	uint64_t nr_upto = bound_above(s, value, columns);
	double next = INFINITY;

	if (nr_upto > k + 1)
		return value;
	for (size_t i = 0; i < s->nx; i++)
		if (columns[i] < s->ny)
			next = fmin(next, s->x[i] + s->y[columns[i]]);
	return next;
}

int sums_median(const struct sums *s, double *ret)
{
	AUTO_FREE uint32_t *columns = NULL;
	uint64_t count = sums_count(s);
	double low;
	int error;

	if (!count)
		return -EDOM;
	error = sums_select(s, (count - 1) / 2, &low);
	if (error)
		return error;
	if (count % 2) {
		*ret = low;
		return 0;
	}
	columns = malloc(s->nx * sizeof(*columns));
	if (!columns)
		return -ENOMEM;
	*ret = order_middle(low, next_above(s, low, (count - 1) / 2, columns));
	return 0;
}
