/* SPDX-License-Identifier: MIT */
#include "stats/trend.h"

#include "base/cleanup.h"
#include "stats/normal.h"
#include "stats/summary.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The series itself, or medians of TREND_LENGTH_MAX blocks of it; to be freed. */
static int condense(const double *values, size_t n, double **ret, size_t *ret_length)
{
	size_t blocks = n < TREND_LENGTH_MAX ? n : TREND_LENGTH_MAX;
	AUTO_FREE double *scratch = malloc((n + 1) * sizeof(*scratch));
	double *series = malloc((blocks + 1) * sizeof(*series));

	if (!scratch || !series) {
		free(series);
		return -ENOMEM;
	}
	for (size_t i = 0; i < blocks; i++) {
		size_t from = (size_t)((unsigned __int128)n * i / blocks);
		size_t end = (size_t)((unsigned __int128)n * (i + 1) / blocks);

		memcpy(scratch, values + from, (end - from) * sizeof(*values));
		series[i] = summary_median(scratch, end - from);
	}
	*ret = series;
	*ret_length = blocks;
	return 0;
}

/* Var(S) = (n(n − 1)(2n + 5) − Σ t(t − 1)(2t + 5)) / 18, t the lengths of runs of equal values. */
static double kendall_variance(double *values, size_t n)
{
	double dn = (double)n, variance = dn * (dn - 1) * (2 * dn + 5);
	size_t end;

	order_sort(values, n);
	for (size_t i = 0; i < n; i = end) {
		double t;

		end = order_tie_end(values, n, i);
		t = (double)(end - i);
		variance -= t * (t - 1) * (2 * t + 5);
	}
	return variance / 18;
}

/* S = rising pairs less falling ones. */
static double kendall_score(const double *values, size_t n)
{
	long score = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j < n; j++)
			score += (values[j] > values[i]) - (values[j] < values[i]);
	return (double)score;
}

int trend_find(const double *values, size_t n, struct trend *ret)
{
	AUTO_FREE double *series = NULL;
	struct trend trend = { .p = 1 };
	double score, variance;
	size_t length;
	int error = condense(values, n, &series, &length);

	if (error)
		return error;
	if (length > 1) {
		score = kendall_score(series, length);
		trend.tau = score / ((double)length * ((double)length - 1) / 2);
		variance = kendall_variance(series, length);
		if (length > 3 && variance > 0 && fabs(score) > 1)
			trend.p = 2 * normal_cdf((1 - fabs(score)) / sqrt(variance));
	}
	*ret = trend;
	return 0;
}

int trend_slope(const double *values, size_t n, double *ret)
{
	AUTO_FREE double *series = NULL, *slopes = NULL;
	size_t length, k = 0;
	int error = condense(values, n, &series, &length);

	if (error)
		return error;
	if (length < 2) {
		*ret = 0;
		return 0;
	}
	slopes = malloc(length * (length - 1) / 2 * sizeof(*slopes));
	if (!slopes)
		return -ENOMEM;
	for (size_t i = 0; i < length; i++)
		for (size_t j = i + 1; j < length; j++) {
			double run = (double)(j - i);

			slopes[k++] = series[j] / run - series[i] / run;
		}
	*ret = summary_median(slopes, k) * (double)length / (double)n;
	return 0;
}

double trend_autocorrelation(const double *values, size_t n)
{
	double largest = 0, mean = 0, square = 0, product = 0;

	for (size_t i = 0; i < n; i++)
		largest = fmax(largest, fabs(values[i]));
	if (n < 3 || largest <= 0)
		return 0;
	for (size_t i = 0; i < n; i++)
		mean += values[i] / largest / (double)n;
	for (size_t i = 0; i < n; i++) {
		double here = values[i] / largest - mean;

		square += here * here;
		if (i + 1 < n)
			product += here * (values[i + 1] / largest - mean);
	}
	/* What rounding leaves of equal values is no correlation. */
	return square > (double)n * 1e-30 ? product / square : 0;
}

double trend_autocorrelation_p(double correlation, size_t n)
{
	double dn = (double)n;

	return n < 3 ? 1 : 2 * normal_cdf(-fabs(correlation + 1 / dn) * sqrt(dn));
}
