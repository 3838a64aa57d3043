/* SPDX-License-Identifier: MIT */
#include "stats/trend.h"

#include "base/cleanup.h"
#include "stats/normal.h"
#include "stats/summary.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Medians of blocks of equal length, up to one value; at most TREND_LENGTH_MAX of them. */
static size_t condense(const double *values, size_t n, double *scratch, double *ret)
{
	size_t blocks = n < TREND_LENGTH_MAX ? n : TREND_LENGTH_MAX;

	for (size_t i = 0; i < blocks; i++) {
		size_t from = (size_t)((unsigned __int128)n * i / blocks);
		size_t end = (size_t)((unsigned __int128)n * (i + 1) / blocks);

		memcpy(scratch, values + from, (end - from) * sizeof(*values));
		ret[i] = summary_median(scratch, end - from);
	}
	return blocks;
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

/* S = rising pairs less falling ones; slopes gets the slope of each pair. */
static double kendall_score(const double *values, size_t n, double *slopes)
{
	double score = 0;
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j < n; j++) {
			double run = (double)(j - i);

			score += (values[j] > values[i]) - (values[j] < values[i]);
			slopes[k++] = values[j] / run - values[i] / run;
		}
	return score;
}

int trend_find(const double *values, size_t n, struct trend *ret)
{
	size_t most = n < TREND_LENGTH_MAX ? n : TREND_LENGTH_MAX;
	AUTO_FREE double *scratch = malloc((n + 1) * sizeof(*scratch));
	AUTO_FREE double *series = malloc((most + 1) * sizeof(*series));
	AUTO_FREE double *slopes = malloc((most * most / 2 + 1) * sizeof(*slopes));
	struct trend trend = { .p = 1 };
	double pairs, score, variance;
	size_t length;

	if (!scratch || !series || !slopes)
		return -ENOMEM;
	length = condense(values, n, scratch, series);
	pairs = (double)length * ((double)length - 1) / 2;
	if (length > 1) {
		score = kendall_score(series, length, slopes);
		trend.tau = score / pairs;
		trend.slope = summary_median(slopes, length * (length - 1) / 2) * (double)length /
			      (double)n;
		variance = kendall_variance(series, length);
		if (length > 3 && variance > 0 && fabs(score) > 1)
			trend.p = 2 * normal_cdf((1 - fabs(score)) / sqrt(variance));
	}
	*ret = trend;
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
