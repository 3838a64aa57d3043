/* SPDX-License-Identifier: MIT */
/*
 * Below the table: was it quiet enough to measure? Other guests, other processes, and medians that
 * their own interval calls uncertain, each in one line.
 */
#include "cmd/show_view.h"

#include "result/noise.h"
#include "stats/summary.h"

#define OTHERS_ALLOWED 0.05 /* of the processors' time */
#define WIDE           2    /* high over low */

/* How many medians of the table have an interval, and how many of these are wide. */
struct widths {
	uint32_t nr_intervals, nr_wide;
	const char *widest; /* metric */
	double ratio;       /* of the widest */
};

static void add_width(const struct view *v, uint32_t cell, unsigned int metric, struct widths *w)
{
	size_t n = view_gather(v, cell, metric);
	struct interval interval;

	if (!n || summary_median_interval(v->scratch, n, SHOW_COVERAGE, &interval) ||
	    interval.low <= 0)
		return;
	w->nr_intervals++;
	w->nr_wide += interval.high > WIDE * interval.low;
	if (interval.high > w->ratio * interval.low) {
		w->ratio = interval.high / interval.low;
		w->widest = v->r->metrics[metric].name;
	}
}

static void print_widths(const struct view *v, const char *bullet)
{
	struct widths w = { .ratio = 0 };

	for (unsigned int i = 0; i < v->r->nr_metrics; i++)
		for (uint32_t cell = 0; v->metric_columns[i] >= 0 && cell < v->r->nr_cells; cell++)
			add_width(v, cell, i, &w);
	if (w.nr_wide)
		fprintf(v->stream,
			"%snoisy: %u of %u medians with an interval wider than a factor of %d, at "
			"worst "
			"%.3g (%s)\n",
			bullet, w.nr_wide, w.nr_intervals, WIDE, w.ratio, w.widest);
}

void show_print_noise(const struct view *v)
{
	const char *bullet = v->options->format == TABLE_MARKDOWN ? "- " : "  ";
	struct noise noise;

	noise_judge(v->r, &noise);
	if (noise.nr_stolen)
		fprintf(v->stream,
			"%snoisy: %u of %u repetitions disturbed by steal time above %g %%", bullet,
			noise.nr_stolen, v->r->nr_repetitions, NOISE_STEAL * 100);
	if (noise.nr_stolen && noise.steal_share > 0)
		fprintf(v->stream, " (%.2g %% of the CPUs' time in all)", noise.steal_share * 100);
	if (noise.nr_stolen)
		fputc('\n', v->stream);
	if (noise.others_share > OTHERS_ALLOWED)
		fprintf(v->stream,
			"%snoisy: other processes used %.0f %% of the CPUs' time while the steps "
			"ran\n",
			bullet, noise.others_share * 100);
	print_widths(v, bullet);
}
