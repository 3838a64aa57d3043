/* SPDX-License-Identifier: MIT */
/*
 * The memory that supervisor and workers share: what a repetition had measured survives its death.
 * Every worker writes its own part alone; the control block is read by all.
 */
#ifndef RUN_AREA_H
#define RUN_AREA_H

#include "base/error.h"
#include "ops/op.h"
#include "sys/counters.h"
#include "sys/mapping.h"
#include "sys/perf.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum area_stop {
	STOP_NO,
	STOP_ASKED,  /* the supervisor: end after this iteration */
	STOP_FAILED, /* a worker's step failed: the others end too */
};

/* Written a few times a repetition; workers spin on lines of it that nobody writes meanwhile. */
struct area_control {
	_Atomic uint32_t stop __attribute__((aligned(CACHE_PAIR)));
	_Atomic uint64_t deadline_ticks __attribute__((aligned(CACHE_PAIR))); /* 0: not set yet */
	_Atomic uint32_t nr_ready __attribute__((aligned(CACHE_PAIR)));
	_Atomic uint32_t barrier_arrived __attribute__((aligned(CACHE_PAIR)));
	_Atomic uint32_t barrier_phase __attribute__((aligned(CACHE_PAIR)));
	_Atomic uint32_t again; /* the first worker's word to all who share its mapping */
	_Atomic uint32_t nr_ended, tallied; /* workers past their last step; all was read then */
	_Atomic uint64_t first_start, last_end; /* of a step between two walls; 0: nobody's yet */
};

enum area_phase { PHASE_START, PHASE_SETUP, PHASE_STEPS, PHASE_DONE };

/* What a worker says of itself while it goes. */
struct worker_report {
	uint32_t phase;
	uint32_t step;       /* in the phase's list */
	uint64_t iterations; /* complete passes */
	uint64_t start_ticks, end_ticks;
	int32_t error;           /* positive errno of the step that failed; 0: none */
	uint32_t harness_failed; /* the error is the harness', not the step's */
	uint32_t inspected;
	uint32_t waits_known;           /* waited_ticks of its steps is what the kernel says */
	char text[256];                 /* the sentence for the error */
	struct mapping_effective begun; /* as the setup left it; known only where it is judged */
	struct mapping_effective
		effective; /* at the end, or before they unmap; both see inspect.h */
	uint32_t counted;
	double counters[COUNTERS_MAX];             /* of the whole process, by the first worker */
	double usage[USAGE_COUNTERS];              /* of this worker, in the timed steps */
	struct perf_reading perf[PERF_EVENTS_MAX]; /* of this worker */
} __attribute__((aligned(CACHE_PAIR)));

struct area {
	unsigned int nr_workers, nr_steps; /* nr_steps: setup and timed steps together */
	size_t bytes;
	struct area_control *control;
	struct worker_report *workers; /* [nr_workers] */
	struct step_report *steps;     /* [nr_workers * nr_steps] */
};

/* Map the area; no page of it is touched yet. −ENOMEM. */
int area_open(struct area *ret, unsigned int nr_workers, unsigned int nr_steps, struct error *err);
void area_close(struct area *a);

/* Before each repetition: control and worker reports as new (step reports: each worker its own). */
void area_reset(struct area *a);

/*
 * In the worker, before it says ready: its reports zeroed and resident, on its own node; histograms
 * of events only where each event is timed.
 */
void area_prefault(const struct area *a, unsigned int worker, bool each_event);

/* Give up the supervisor's view of pages that were read, so that it stays small. */
void area_forget(const struct area *a);

/*
 * One execution of a step that ended well, between two time stamps of a worker, which waited for a
 * CPU for so many ticks in between.
 */
static inline void area_record(struct step_report *report, const struct clock *clock,
			       uint64_t worker_start_ticks, uint64_t start, uint64_t end,
			       uint64_t waited_ticks)
{
	uint64_t own_ticks = end - start - waited_ticks;

	report->elapsed_ticks += own_ticks;
	report->waited_ticks += waited_ticks;
	if (!report->executions++)
		report->first_ticks = own_ticks;
	hist_record(&report->times, clock_ticks_to_ns(clock, own_ticks));
	slices_add(&report->slices, end - worker_start_ticks, own_ticks);
}

static inline struct step_report *area_step(const struct area *a, unsigned int worker,
					    unsigned int step)
{
	return &a->steps[(size_t)worker * a->nr_steps + step];
}

#endif
