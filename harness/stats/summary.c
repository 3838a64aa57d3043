/* SPDX-License-Identifier: MIT */
#include "stats/summary.h"

#include "stats/binomial.h"

#include <errno.h>
#include <math.h>

static double middle_of(const double *sorted, size_t n)
{
	return n % 2 ? sorted[n / 2] : order_middle(sorted[n / 2 - 1], sorted[n / 2]);
}

double summary_median(double *values, size_t n)
{
	order_sort(values, n);
	return middle_of(values, n);
}

double summary_quantile(const double *sorted, size_t n, double p)
{
	double place, share;
	size_t i;

	if (!n)
		return NAN;
	place = (double)(n - 1) * p;
	i = (size_t)place;
	if (i + 1 >= n)
		return sorted[n - 1];
	share = place - (double)i;
	/* Not low + share * (high − low): the difference may be beyond the range of double. */
	return sorted[i] == sorted[i + 1] ? sorted[i]
					  : (1 - share) * sorted[i] + share * sorted[i + 1];
}

/* Finite values to the front; how many there are. */
static size_t keep_finite(double *values, size_t n, struct summary *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		double value = values[i];

		s->nr_nan += isnan(value) != 0;
		s->nr_infinite += isinf(value) != 0;
		if (!isfinite(value))
			continue;
		values[i] = values[kept];
		values[kept++] = value;
	}
	return kept;
}

/*
 * Σ (value/unit − origin)^power, power 1 or 2, with the error of each addition carried on (Kahan
 * 1965). unit keeps squares in range.
 */
static double sum_of_powers(const double *values, size_t n, double unit, double origin, int power)
{
	double sum = 0, lost = 0;

	for (size_t i = 0; i < n; i++) {
		double distance = values[i] / unit - origin;
		double term = (power == 2 ? distance * distance : distance) - lost;
		double next = sum + term;

		lost = (next - sum) - term;
		sum = next;
	}
	return sum;
}

static void describe_moments(const double *sorted, size_t n, struct summary *s)
{
	double largest = fmax(fabs(s->min), fabs(s->max));
	double unit = largest > 0 ? largest : 1;
	double mean = sum_of_powers(sorted, n, unit, 0, 1) / (double)n;
	double squares = sum_of_powers(sorted, n, unit, mean, 2);

	/* Rounding must not carry the mean out of the sample. */
	s->mean = fmin(fmax(mean * unit, s->min), s->max);
	if (n > 1)
		s->sd = s->min == s->max ? 0 : sqrt(squares / (double)(n - 1)) * unit;
}

/*
 * Distances from the median grow to the left and to the right of it: merge the two sides up to the
 * middle, where the median of the distances is.
 */
static double median_distance(const double *sorted, size_t n, double median)
{
	size_t right = 0, left;
	double before = 0, last = 0;

	while (right < n && sorted[right] < median)
		right++;
	left = right;
	for (size_t taken = 0; taken <= n / 2; taken++) {
		double to_left = left > 0 ? median - sorted[left - 1] : INFINITY;
		double to_right = right < n ? sorted[right] - median : INFINITY;

		before = last;
		last = fmin(to_left, to_right);
		if (to_left < to_right)
			left--;
		else
			right++;
	}
	return n % 2 ? last : order_middle(before, last);
}

void summary_describe(double *values, size_t n, struct summary *ret)
{
	struct summary s = {
		.min = NAN, .max = NAN, .mean = NAN, .median = NAN, .sd = NAN, .mad = NAN
	};

	s.n = keep_finite(values, n, &s);
	if (s.n) {
		order_sort(values, s.n);
		s.min = values[0];
		s.max = values[s.n - 1];
		s.median = middle_of(values, s.n);
		s.mad = median_distance(values, s.n, s.median);
		describe_moments(values, s.n, &s);
	}
	*ret = s;
}

int summary_median_interval(double *values, size_t n, double coverage, struct interval *ret)
{
	double share = 0, tail = 0, kept = 0;
	size_t k = 0;

	/* The k-th smallest and largest leave P(X < k) on either side. */
	while (k < (n + 1) / 2) {
		share = binomial_half(n, k, share);
		tail += share;
		if (1 - 2 * tail < coverage)
			break;
		kept = 1 - 2 * tail;
		k++;
	}
	if (!k)
		return -EDOM;
	order_sort(values, n);
	*ret = (struct interval){ values[k - 1], values[n - k], kept };
	return 0;
}

double summary_relative_width(const struct interval *interval, double median)
{
	double width = interval->high - interval->low;

	return width > 0 ? width / fabs(median) : 0;
}
