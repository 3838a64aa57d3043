/* SPDX-License-Identifier: MIT */
/* From the workers' reports to the figures of a repetition. */
#include "run/repetition.h"

#include "run/remarks.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Room for merged histograms, kept from repetition to repetition. */
struct collector {
	struct hist times[STEPS_MAX], events[STEPS_MAX];
	struct slices slices[STEPS_MAX];
	double worker_ns[WORKERS_MAX];
	struct look looks[WORKERS_MAX];
};

int collector_new(struct collector **ret)
{
	struct collector *c = mmap(NULL, sizeof(*c), PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (c == MAP_FAILED)
		return -ENOMEM;
	/* No repetition needs it: fork has so many pages less to copy the tables of. */
	madvise(c, sizeof(*c), MADV_DONTFORK);
	*ret = c;
	return 0;
}

void collector_free(struct collector *c)
{
	if (c)
		munmap(c, sizeof(*c));
}

static int compare_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median_sorted(const double *sorted, size_t n)
{
	return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

/* One worker's reports added to the step's. Rates need each worker's own time, so they go here. */
struct sums {
	double rate[METRICS_MAX], value[METRICS_MAX];
	unsigned int nr_values[METRICS_MAX], nr_workers;
	uint64_t ticks, waited_ticks, first_ticks;
};

static void add_worker(struct collector *c, const struct assignment *a, unsigned int worker,
		       unsigned int call, struct sums *sums, struct step_record *ret)
{
	const struct step_report *report = area_step(a->area, worker, call);
	const struct metric *metrics = a->calls[call].op->metrics;
	double ns = (double)report->elapsed_ticks * a->clock->ns_per_tick;

	if (!report->executions)
		return;
	ret->executions += report->executions;
	sums->ticks += report->elapsed_ticks;
	sums->waited_ticks += report->waited_ticks;
	sums->first_ticks += report->first_ticks;
	for (unsigned int i = 0; i < COUNTS; i++)
		ret->count[i] += report->count[i];
	c->worker_ns[sums->nr_workers++] = ns / (double)report->executions;
	for (unsigned int i = 0; metrics && metrics[i].name; i++) {
		if (metrics[i].kind == METRIC_RATE && ns > 0)
			sums->rate[i] += (double)report->count[metrics[i].count] / ns * 1e9;
		if (metrics[i].kind == METRIC_VALUE && !isnan(report->value[metrics[i].slot])) {
			sums->value[i] += report->value[metrics[i].slot];
			sums->nr_values[i]++;
		}
	}
}

static double metric_value(const struct metric *m, unsigned int i, const struct sums *sums,
			   const struct step_record *record, double total_ns)
{
	double executions = (double)record->executions, count = (double)record->count[m->count];

	switch (m->kind) {
	case METRIC_TIME:
		return total_ns / executions;
	case METRIC_TIME_PER:
		return count > 0 ? total_ns / count : NAN;
	case METRIC_RATE:
		return sums->rate[i] > 0 ? sums->rate[i] : NAN;
	case METRIC_TOTAL:
		return count / executions * sums->nr_workers;
	case METRIC_VALUE:
		return sums->nr_values[i] ? sums->value[i] / sums->nr_values[i] : NAN;
	}
	return NAN;
}

static void merge_hists(struct collector *c, const struct assignment *a, unsigned int call,
			unsigned int step, struct step_record *ret)
{
	hist_reset(&c->times[step]);
	hist_reset(&c->events[step]);
	for (unsigned int w = 0; w < a->area->nr_workers; w++) {
		const struct step_report *report = area_step(a->area, w, call);

		if (report->times.n)
			hist_merge(&c->times[step], &report->times);
		if (report->events.n)
			hist_merge(&c->events[step], &report->events);
	}
	ret->reports = area_step(a->area, 0, call);
	ret->nr_reports = a->area->nr_workers;
	ret->reports_apart = a->area->nr_steps;
	ret->times = c->times[step].n ? &c->times[step] : NULL;
	ret->events = c->events[step].n ? &c->events[step] : NULL;
	if (ret->events)
		ret->stamp_share = fmin(1, a->clock->next_cost_ns /
						   fmax(1, hist_middle_mean(ret->events)));
}

static void merge_slices(struct collector *c, const struct assignment *a, unsigned int call,
			 unsigned int step, struct step_record *ret)
{
	struct slices *slices = &c->slices[step];

	memset(slices, 0, sizeof(*slices));
	for (unsigned int w = 0; w < a->area->nr_workers; w++)
		slices_merge(slices, &area_step(a->area, w, call)->slices);
	ret->slices = slices;
	ret->ns_per_tick = a->clock->ns_per_tick;
	slices_judge(slices, &ret->steadiness);
}

static void collect_step(struct collector *c, const struct assignment *a, unsigned int step,
			 struct step_record *ret)
{
	unsigned int call = a->nr_setup + step;
	const struct metric *metrics = a->calls[call].op->metrics;
	struct sums sums = { .nr_workers = 0 };
	double total_ns;

	memset(ret, 0, sizeof(*ret));
	ret->stamp_share = NAN;
	for (unsigned int i = 0; i < METRICS_MAX; i++)
		ret->metric[i] = NAN;
	if (!a->active[call])
		return;
	for (unsigned int w = 0; w < a->area->nr_workers; w++)
		add_worker(c, a, w, call, &sums, ret);
	if (!ret->executions)
		return;
	ret->ran = true;
	ret->nr_workers = sums.nr_workers;
	total_ns = (double)sums.ticks * a->clock->ns_per_tick;
	ret->elapsed_ns = (uint64_t)(total_ns + 0.5);
	ret->first_ns = clock_ticks_to_ns(a->clock, sums.first_ticks / sums.nr_workers);
	ret->waited_ns = clock_ticks_to_ns(a->clock, sums.waited_ticks);
	qsort(c->worker_ns, sums.nr_workers, sizeof(double), compare_double);
	ret->worker_ns.min = c->worker_ns[0];
	ret->worker_ns.median = median_sorted(c->worker_ns, sums.nr_workers);
	ret->worker_ns.max = c->worker_ns[sums.nr_workers - 1];
	for (unsigned int i = 0; metrics && metrics[i].name; i++)
		ret->metric[i] = metric_value(&metrics[i], i, &sums, ret, total_ns);
	merge_hists(c, a, call, step, ret);
	merge_slices(c, a, call, step, ret);
}

/*
 * Workers that take turns on too few CPUs are each fast while they run: the sum of their own rates
 * would be what no machine can do. Apart from each other, these CPUs do all that was done in the
 * time that it kept them busy. Of one mapping they do it together, from the first worker's start
 * to the last one's end, and that is the step's time too.
 */
static void collect_turns(const struct assignment *a, unsigned int cpus, unsigned int step,
			  struct step_record *record)
{
	unsigned int call = a->nr_setup + step;
	const struct op *op = a->calls[call].op;
	const struct step_report *first = area_step(a->area, 0, call);
	double together_ns = (double)first->together_ticks * a->clock->ns_per_tick;
	bool together = op_in_parts(op) && first->nr_together;
	double busy_ns = together ? together_ns : (double)record->elapsed_ns / cpus;

	for (unsigned int k = 0; op->metrics && op->metrics[k].name; k++) {
		const struct metric *m = &op->metrics[k];
		double count = (double)record->count[m->count];

		if (m->kind == METRIC_RATE && count > 0 && busy_ns > 0)
			record->metric[k] = count / busy_ns * 1e9;
		if (m->kind == METRIC_TIME && together)
			record->metric[k] = together_ns / (double)first->nr_together;
	}
}

/* Between the first and the last start; from the last start to the first end. */
static void collect_window(const struct assignment *a, struct repetition *ret)
{
	uint64_t first = UINT64_MAX, last = 0, end = UINT64_MAX, iterations = UINT64_MAX;

	for (unsigned int i = 0; i < a->area->nr_workers; i++) {
		const struct worker_report *w = &a->area->workers[i];

		if (!w->start_ticks)
			return;
		first = w->start_ticks < first ? w->start_ticks : first;
		last = w->start_ticks > last ? w->start_ticks : last;
		iterations = w->iterations < iterations ? w->iterations : iterations;
		/* A worker that did not end has no end: then there is no window. */
		end = w->end_ticks < end ? w->end_ticks : end;
	}
	ret->start_skew_ns = clock_ticks_to_ns(a->clock, last - first);
	ret->window_ns = end > last ? clock_ticks_to_ns(a->clock, end - last) : 0;
	ret->iterations = iterations;
}

static void collect_perf(const struct assignment *a, struct repetition *ret)
{
	const struct perf_reading *workers[WORKERS_MAX];

	for (unsigned int w = 0; w < a->area->nr_workers; w++)
		workers[w] = a->area->workers[w].perf;
	for (unsigned int i = 0; i < PERF_EVENTS_MAX; i++)
		perf_add_up(workers, a->area->nr_workers, i, &ret->perf[i]);
}

/* Does the kernel say of every worker that took part how long it waited for a CPU? */
static bool waits_known(const struct assignment *a)
{
	for (unsigned int i = 0; i < a->area->nr_workers; i++)
		if (!a->area->workers[i].waits_known)
			return false;
	return true;
}

/* The process' own figures are the same for all threads, and others for each process. */
static void add_effective(struct mapping_effective *sum, const struct mapping_effective *e,
			  enum worker_kind kind)
{
	if (!e->known)
		return;
	if (!sum->known || kind == WORKER_PROCESS) {
		sum->page_table_bytes += e->page_table_bytes;
		sum->process_resident_bytes += e->process_resident_bytes;
		sum->process_proportional_bytes += e->process_proportional_bytes;
	}
	sum->known = true;
	sum->mapped_bytes += e->mapped_bytes;
	sum->resident_bytes += e->resident_bytes;
	sum->huge_bytes += e->huge_bytes;
	sum->huge_sampled |= e->huge_sampled;
	sum->huge_room_bytes += e->huge_room_bytes;
	sum->swap_bytes += e->swap_bytes;
	sum->locked_bytes += e->locked_bytes;
	sum->nr_sampled += e->nr_sampled;
	for (unsigned int i = 0; i < HOST_NODES_MAX; i++)
		sum->node_bytes[i] += e->node_bytes[i];
	/* Of the whole system: one worker looks. */
	if (e->node_growth_known) {
		sum->node_growth_known = true;
		memcpy(sum->node_growth_bytes, e->node_growth_bytes,
		       sizeof(sum->node_growth_bytes));
	}
}

static void collect_effective(struct collector *c, const struct assignment *a,
			      struct repetition *ret)
{
	enum worker_kind kind = a->conditions->workers;

	memset(&ret->begun, 0, sizeof(ret->begun));
	memset(&ret->effective, 0, sizeof(ret->effective));
	for (unsigned int i = 0; i < a->area->nr_workers; i++) {
		const struct worker_report *w = &a->area->workers[i];

		c->looks[i] = (struct look){ w->begun, w->effective };
		add_effective(&ret->begun, &w->begun, kind);
		add_effective(&ret->effective, &w->effective, kind);
	}
	ret->looks = c->looks;
	ret->nr_looks = a->area->nr_workers;
}

void repetition_collect(struct collector *c, const struct assignment *a, struct repetition *ret)
{
	collect_window(a, ret);
	collect_effective(c, a, ret);
	ret->counted = a->area->workers[0].counted;
	memcpy(ret->counters, a->area->workers[0].counters, sizeof(ret->counters));
	collect_perf(a, ret);
	ret->nr_steps = a->nr_calls - a->nr_setup;
	for (unsigned int i = 0; i < ret->nr_steps; i++)
		collect_step(c, a, i, &ret->steps[i]);
	ret->take_turns = crew_takes_turns(a);
	ret->waits_known = waits_known(a);
	for (unsigned int i = 0; ret->take_turns && i < ret->nr_steps; i++)
		/* What one worker does for all is its own time. */
		if (ret->steps[i].ran && ret->steps[i].nr_workers > crew_cpus(a))
			collect_turns(a, crew_cpus(a), i, &ret->steps[i]);
	remarks_make(a, ret);
	area_forget(a->area);
}
