/* SPDX-License-Identifier: MIT */
/*
 * What a repetition leaves behind. The supervisor fills it, results store it; the two know each
 * other only through this plain struct.
 */
#ifndef SCENARIO_RECORD_H
#define SCENARIO_RECORD_H

#include "ops/op.h"
#include "sys/counters.h"
#include "sys/mapping.h"
#include "sys/perf.h"

#include <stdbool.h>
#include <stdint.h>

enum outcome_kind {
	OUTCOME_OK,
	OUTCOME_DEGRADED,   /* it ran, but not under the conditions asked for: detail says which */
	OUTCOME_ERRNO,      /* a step's call failed; number is the errno */
	OUTCOME_SIGNAL,     /* a signal ended it; number is the signal */
	OUTCOME_OOM_KILLED, /* by the kernel, or by the watchdog before the kernel had to */
	OUTCOME_TIMEOUT,
	OUTCOME_SKIPPED,     /* not possible here; detail is the reason */
	OUTCOME_REFUSED,     /* over the memory budget; detail has the figures */
	OUTCOME_FAILED,      /* the harness itself failed; detail says how */
	OUTCOME_INTERRUPTED, /* by the user; never stored as a finished repetition */
};

struct outcome {
	enum outcome_kind kind;
	int number;       /* errno or signal, positive */
	int step;         /* index into scenario.steps; −1: none; −2 − i: setup step i */
	char detail[256]; /* "" where there is nothing to say */
};

/* "ok", "ENOMEM", "SIGBUS", "oom-killed", "timeout", "skipped", "refused", "degraded", "failed". */
const char *outcome_name(const struct outcome *o);

/* Is name one that outcome_name() can give? For the loader. */
bool outcome_name_known(const char *name);

/* Minimum, median and maximum over the workers of a repetition. */
struct spread {
	double min, median, max;
};

struct step_record {
	bool ran;                /* false: `when` kept it out of this cell, or never reached */
	unsigned int nr_workers; /* that did it */
	uint64_t executions;     /* over all workers */
	uint64_t elapsed_ns;     /* over all workers, less waited_ns */
	uint64_t waited_ns;      /* for a CPU, over all workers; see repetition.waits_known */
	uint64_t first_ns;       /* of a worker's first execution, mean over workers */
	uint64_t
		count[COUNTS]; /* over all workers; 0 may be that nobody counted, see op_counts() */
	double metric[METRICS_MAX]; /* by row of op->metrics; NaN: not measured */
	struct spread worker_ns;    /* mean ns of an execution, spread over workers */
	/* The workers' own, in memory shared with them: nr_reports, so many apart; NULL: none. */
	const struct step_report *reports;
	unsigned int nr_reports, reports_apart;
	const struct hist *times;    /* ns of each execution, merged; NULL: none */
	const struct hist *events;   /* ns of each event, merged; NULL: none */
	double stamp_share;          /* of an event's time that is its time stamp; NaN: no events */
	const struct slices *slices; /* executions over time, all workers; NULL: none */
	struct steadiness steadiness;
	double ns_per_tick; /* of slices */
};

/* After a chunk of `find: cumulative`. */
struct cumulative_sample {
	uint64_t granted_bytes;   /* in all, by now */
	uint64_t committed_bytes; /* Committed_AS of the machine */
	uint64_t page_table_bytes, resident_bytes;
};

#define WARNINGS_MAX 8

struct repetition {
	uint64_t cell;       /* number in the matrix */
	unsigned int round;  /* 0, 1, 2 … */
	uint64_t sequence;   /* place in the order that really ran */
	uint64_t started_ns; /* CLOCK_REALTIME */
	uint64_t elapsed_ns; /* whole repetition, fork to wait */
	struct outcome outcome;
	bool expected_known, as_expected;
	char expected[64];             /* "ok", "ENOMEM at map" */
	bool indeterminate;            /* the model would not say: neither agrees nor differs */
	char rule[48];                 /* of the kernel, that the model sees at work; "": none */
	char effective_overcommit[16]; /* read back: "never" */
	uint64_t committed_bytes;      /* Committed_AS that the prediction reckoned with; 0: none */
	char shortfall[128]; /* what a step achieved less than it was asked for; "": none */
	struct mapping_effective begun;     /* before the first timed step; sums over workers */
	struct mapping_effective effective; /* at the end of them, or before they unmap; the same */
	unsigned int nr_looks; /* the workers' own, to be judged each by itself; 0: the sums are */
	const struct look {
		struct mapping_effective begun, effective;
	} * looks;
	bool counted;                  /* false: it died before; counters hold nothing */
	double counters[COUNTERS_MAX]; /* by row of sys/counters.h; NaN: not to be had here */
	struct perf_total perf[PERF_EVENTS_MAX]; /* by the scenario's choice */
	uint64_t start_skew_ns;                  /* between the first and the last worker's start */
	uint64_t window_ns;                      /* when all workers were running */
	bool take_turns;                         /* there were more workers than CPUs for them */
	bool waits_known;                        /* then: how long each waited for one */
	uint64_t iterations;   /* passes through the steps, smallest over workers */
	unsigned int nr_steps; /* of the scenario */
	struct step_record steps[STEPS_MAX];
	unsigned int nr_samples; /* of find: cumulative, ascending */
	const struct cumulative_sample *samples;
	unsigned int nr_warnings;
	char warnings[WARNINGS_MAX][160];
};

#endif
