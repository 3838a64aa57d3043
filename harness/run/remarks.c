/* SPDX-License-Identifier: MIT */
#include "run/remarks.h"

#include "base/cleanup.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* When the first execution is another matter than the later ones, and not what a cold start is. */
#define FIRST_LATER_LEAST 3 /* later ones of each worker */
#define FIRST_EXCESS_NS   10000u
#define FIRST_FACTOR      4

static void warn(struct repetition *ret, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void warn(struct repetition *ret, const char *format, ...)
{
	va_list args;

	if (ret->nr_warnings == WARNINGS_MAX)
		return;
	va_start(args, format);
	vsnprintf(ret->warnings[ret->nr_warnings++], sizeof(ret->warnings[0]), format, args);
	va_end(args);
}

static void warn_unsteady(struct repetition *ret, const struct assignment *a)
{
	for (unsigned int i = 0; i < ret->nr_steps; i++) {
		const struct steadiness *s = &ret->steps[i].steadiness;
		const char *name = a->calls[a->nr_setup + i].op->name;

		if (!ret->steps[i].ran || !s->known)
			continue;
		if (!s->settled)
			warn(ret, "%s (step %u) had not settled by half of its time", name, i + 1);
		if (s->nr_stalled)
			warn(ret,
			     "%s (step %u) stalled: for a while it took 3 times as long or more",
			     name, i + 1);
	}
}

/* The largest of these that the ratio reaches: figures of repetitions differ, sentences need not.
 */
static unsigned int round_factor(double ratio)
{
	static const unsigned int factors[] = { 1000, 300, 100, 30, 10, 5 };

	for (size_t i = 0; i < ARRAY_LENGTH(factors); i++)
		if (ratio >= factors[i])
			return factors[i];
	return FIRST_FACTOR;
}

/* What the quickest worker's first execution took: what disturbed another is not the step's. */
static double least_first_ns(const struct assignment *a, unsigned int call)
{
	uint64_t least = UINT64_MAX;

	for (unsigned int w = 0; w < a->area->nr_workers; w++) {
		const struct step_report *report = area_step(a->area, w, call);

		if (report->executions && report->first_ticks < least)
			least = report->first_ticks;
	}
	return (double)least * a->clock->ns_per_tick;
}

/*
 * A step that leaves nothing to do for the next pass (locked is locked) is measured once; the rest
 * of its mean is something else. Then the first execution is slow and no later one is. How many
 * times as long it took, or 0.
 */
static double first_differs(const struct assignment *a, unsigned int step,
			    const struct step_record *s)
{
	double first = least_first_ns(a, a->nr_setup + step), mean;
	uint64_t later = s->executions - s->nr_workers;

	if (!s->times || later < FIRST_LATER_LEAST * (uint64_t)s->nr_workers)
		return 0;
	mean = ((double)s->elapsed_ns - (double)s->first_ns * s->nr_workers) / (double)later;
	if (mean <= 0 || first < FIRST_FACTOR * mean || first - mean < FIRST_EXCESS_NS ||
	    hist_count_from(s->times, (uint64_t)(first / 2)) > s->nr_workers)
		return 0;
	return first / mean;
}

static void warn_first(struct repetition *ret, const struct assignment *a)
{
	for (unsigned int i = 0; i < ret->nr_steps; i++) {
		double ratio = ret->steps[i].ran ? first_differs(a, i, &ret->steps[i]) : 0;

		if (ratio > 0)
			warn(ret,
			     "%s (step %u): the first execution took over %u times as long as the "
			     "others: undo it in a step, or ask for iterations: 1",
			     a->calls[a->nr_setup + i].op->name, i + 1, round_factor(ratio));
	}
}

/* The first worker's word that has one, of every step of setup and measure. */
static void take_notes(const struct assignment *a, struct repetition *ret)
{
	for (unsigned int i = 0; i < a->nr_calls * a->area->nr_workers; i++) {
		unsigned int call = i / a->area->nr_workers;
		const struct step_report *report = area_step(a->area, i % a->area->nr_workers,
							     call);
		const char *name = a->calls[call].op->name;

		if (!a->active[call] || !report->note[0])
			continue;
		if (report->short_of_it && !ret->shortfall[0])
			snprintf(ret->shortfall, sizeof(ret->shortfall), "%s: %s", name,
				 report->note);
		else if (!report->short_of_it)
			warn(ret, "%s: %s", name, report->note);
		i += a->area->nr_workers - 1 - i % a->area->nr_workers;
	}
}

/* What could be had when the run began, and was not: too many files, as a rule. */
static void warn_lost(struct repetition *ret, const struct assignment *a, unsigned int event)
{
	unsigned int lost = 0;
	int error = 0;

	for (unsigned int w = 0; w < a->area->nr_workers; w++)
		if (a->area->workers[w].perf[event].error) {
			error = a->area->workers[w].perf[event].error;
			lost++;
		}
	if (lost && !perf_absence(event))
		warn(ret, "%u of %u workers could not count %s: %s", lost, a->area->nr_workers,
		     perf_name(event), strerror(-error));
}

static void warn_turns(struct repetition *ret, const struct assignment *a)
{
	if (!ret->take_turns)
		return;
	warn(ret,
	     ret->waits_known
		     ? "more workers than the %u CPUs take turns: times are without the waits for "
		       "a CPU, but with those for a lock; rates are what these CPUs do together"
		     : "more workers than the %u CPUs take turns, and the kernel does not say who "
		       "waits: times have those waits in them, rates are too low",
	     crew_cpus(a));
}

void remarks_make(const struct assignment *a, struct repetition *ret)
{
	warn_turns(ret, a);
	warn_first(ret, a);
	warn_unsteady(ret, a);
	take_notes(a, ret);
	for (unsigned int i = 0; ret->counted && i < perf_count(); i++)
		warn_lost(ret, a, i);
}
