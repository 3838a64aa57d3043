/* SPDX-License-Identifier: MIT */
/* A plan for people: what would run, be written, held and awaited. */
#include "cmd/plan_view.h"

#include "cmd/columns.h"
#include "stats/compare.h"
#include "stats/holm.h"
#include "sys/settings.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

void plan_print_cell(const struct plan *p, const struct cell *cell)
{
	char text[1024];

	if (p->arguments->all || p->nr_cells <= PLAN_SHOWN_CELLS)
		printf("  %6" PRIu64 "  %s\n", cell->index,
		       cell_format(&p->scenario->matrix, cell, text, sizeof(text)));
}

void plan_print_head(const struct plan *p, uint64_t seed)
{
	const struct scenario *s = p->scenario;

	printf("%s", s->name);
	if (s->summary)
		printf(": %s", s->summary);
	printf("\n\nOrder: seed %" PRIu64 "%s\n\nCells:\n", seed,
	       p->arguments->seed_given ? "" : " (a fresh one each time, unless --seed gives it)");
}

static void print_counts(const struct plan *p)
{
	const struct repetition_plan *plan = &p->scenario->repetitions;
	uint64_t numbers = matrix_numbers(&p->scenario->matrix);

	printf("\n%" PRIu64 " cell%s", p->nr_cells, p->nr_cells == 1 ? "" : "s");
	if (p->nr_cells < numbers)
		printf(" (%" PRIu64 " more excluded)", numbers - p->nr_cells);
	if (plan->min == plan->max)
		printf(", %u repetition%s each\n", plan->min, plan->min == 1 ? "" : "s");
	else if (plan->compare >= 0)
		printf(", %u to %u repetitions each, until the values of %s are told apart or "
		       "shown to be within %g %%: at most %" PRIu64 " comparisons\n",
		       plan->min, plan->max, axes[plan->compare]->name, plan->margin * 100,
		       scenario_comparisons(p->scenario));
	else
		printf(", %u to %u repetitions each, until the interval of the median is %g %% "
		       "wide\n",
		       plan->min, plan->max, plan->until * 100);
	if (p->nr_studied < p->nr_cells)
		printf("What follows is from an even sample of %" PRIu64
		       " cells: --all looks at all.\n",
		       p->nr_studied);
}

/*
 * So many cells at once need so much evidence for one of them: said before the run, since no
 * analysis can find it afterwards.
 */
static void print_reach(const struct plan *p)
{
	const struct scenario *s = p->scenario;
	const struct repetition_plan *plan = &s->repetitions;
	size_t most = 0;

	if (plan->compare >= 0) /* said already */
		return;
	for (unsigned int i = 0; axes[i]; i++) {
		uint64_t n = scenario_comparisons_by(s, i);
		size_t needed = n ? holm_pairs_needed((size_t)n, compare_defaults.alpha) : 0;

		if (needed && !most)
			printf("A verdict of 'overmap compare' takes %zu repetitions by %s", needed,
			       axes[i]->name);
		else if (needed)
			printf(", %zu by %s", needed, axes[i]->name);
		most = needed > most ? needed : most;
	}
	if (most > plan->min)
		printf(", and here are %s%u (see repetitions: {compare: AXIS})",
		       plan->max > plan->min ? "at least " : "", plan->min);
	if (most)
		printf(".\n");
}

/* A setting's values in one row: name, present value, all that would be written. */
static void add_write(const struct plan *p, unsigned int first, struct columns *columns)
{
	const char *name = p->writes[first].name;
	char now[128] = "?", values[512] = "", note[128] = "";
	const char *row[] = { name, now, values, note };
	size_t used = 0;

	for (unsigned int i = 0; i < first; i++)
		if (strcmp(p->writes[i].name, name) == 0)
			return;
	if (settings_read(name, now, sizeof(now), NULL) < 0)
		snprintf(now, sizeof(now), "?");
	for (unsigned int i = first; i < p->nr_writes; i++) {
		const struct write_row *write = &p->writes[i];

		if (strcmp(write->name, name) != 0 || used >= sizeof(values))
			continue;
		used += (size_t)snprintf(values + used, sizeof(values) - used, "%s%s",
					 used ? ", " : "", write->value);
		if (write->refused)
			snprintf(note, sizeof(note), "not permitted: %s",
				 strerror(-write->refused));
	}
	columns_add(columns, row);
}

static void print_writes(const struct plan *p)
{
	static const struct column_head heads[] = { { "SETTING", false },
						    { "NOW", false },
						    { "WOULD BE", false },
						    { "", false },
						    { NULL, false } };
	struct columns columns;

	if (!p->nr_writes) {
		printf("\nNothing would be written to the system.\n");
		return;
	}
	printf("\nWould be written to the system, and put back after:\n");
	columns_begin(&columns, heads);
	for (unsigned int i = 0; i < p->nr_writes; i++)
		add_write(p, i, &columns);
	columns_print(&columns);
	if (p->nr_writes == WRITES_MAX)
		printf("  ... and more\n");
}

/* What a count is out of, where not every cell was looked at. */
static const char *of_sample(const struct plan *p)
{
	return p->nr_studied < p->nr_cells ? " of the sample" : "";
}

static void print_memory(const struct plan *p)
{
	char peak[32], allowed[32];

	printf("\nMemory: at most %s resident", bytes_format(p->peak_bytes, peak, sizeof(peak)));
	if (p->peak_bytes)
		printf(", in cell %" PRIu64, p->peak_cell);
	printf("; %s may be used\n", bytes_format(plan_allowed_bytes(p), allowed, sizeof(allowed)));
	if (p->nr_refused)
		printf("  %" PRIu64 " cell%s%s would be refused for it, cell %" PRIu64
		       " first: touch less, or say may_oom: true\n",
		       p->nr_refused, p->nr_refused == 1 ? "" : "s", of_sample(p),
		       p->first_refused);
}

static void print_skips(const struct plan *p)
{
	if (!p->nr_skipped)
		return;
	printf("\nWould be skipped here: %" PRIu64 " cell%s%s\n", p->nr_skipped,
	       p->nr_skipped == 1 ? "" : "s", of_sample(p));
	for (unsigned int i = 0; i < p->nr_reasons; i++)
		printf("  %6" PRIu64 "  %s (cell %" PRIu64 " first)\n", p->reasons[i].nr,
		       p->reasons[i].text, p->reasons[i].first_cell);
	if (p->other_reasons)
		printf("  %6" PRIu64 "  for other reasons\n", p->other_reasons);
}

/* As duration_format(), and days where a run of a whole matrix would take them. */
static char *format_estimate(double ns, char *ret, size_t length)
{
	double hours = ns / 3600e9;

	if (hours < 2)
		return duration_format((uint64_t)ns, ret, length);
	if (hours < 48)
		snprintf(ret, length, "%.1f hours", hours);
	else
		snprintf(ret, length, "%.0f days", hours / 24);
	return ret;
}

static void print_time(const struct plan *p)
{
	const struct repetition_plan *plan = &p->scenario->repetitions;
	char least[48], most[48];
	double each;

	if (!p->nr_runs)
		return;
	each = p->repetition_ns * (double)p->nr_cells / (double)p->nr_studied;
	format_estimate(each * plan->min, least, sizeof(least));
	format_estimate(each * plan->max, most, sizeof(most));
	printf("\nTime: about %s", least);
	if (plan->max != plan->min)
		printf(" to %s", most);
	printf(", reckoned with 3 ms a repetition%s and 1 GiB/s for touching memory\n",
	       p->scenario->measure.for_ns ? ", the time to measure" : "");
}

/* How the limited time would be spent; each: what one repetition of every cell takes. */
static void print_limit(const struct plan *p)
{
	const struct repetition_plan *plan = &p->scenario->repetitions;
	double limit = (double)p->arguments->time_limit_ns, each;
	char text[32];

	if (!p->arguments->time_limit_ns || !p->nr_runs)
		return;
	each = p->repetition_ns * (double)p->nr_cells / (double)p->nr_studied;
	printf("Time limit: %s: ", duration_format((uint64_t)limit, text, sizeof(text)));
	if (each * plan->max <= limit) {
		printf("enough for all %u of each.\n", plan->max);
		return;
	}
	if (each * plan->min >= limit || plan->min == plan->max) {
		printf("about %.0f of the %u that each needs, round by round.\n",
		       fmax(1, floor(limit / each)), plan->min);
		return;
	}
	printf("%u of each take %.0f %%; the rest, about %.0f repetitions, goes round by round "
	       "to the %s narrow most a second.\n",
	       plan->min, each * plan->min / limit * 100,
	       (limit / each - plan->min) * (double)p->nr_cells,
	       plan->compare >= 0 ? "comparisons whose intervals" : "cells whose intervals");
}

void plan_print_findings(const struct plan *p)
{
	print_counts(p);
	print_reach(p);
	print_writes(p);
	print_memory(p);
	print_skips(p);
	print_time(p);
	print_limit(p);
}
