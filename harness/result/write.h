/* SPDX-License-Identifier: MIT */
/*
 * Recording a run: a journal line for each cell and repetition while it lasts, and one JSON
 * document made from the journal at its end. FORMAT.md describes both.
 */
#ifndef RESULT_WRITE_H
#define RESULT_WRITE_H

#include "base/clock.h"
#include "base/error.h"
#include "scenario/matrix.h"
#include "scenario/record.h"
#include "scenario/scenario.h"
#include "sys/host.h"
#include "sys/settings.h"

#include <stdbool.h>
#include <stdint.h>

#define RESULT_SCHEMA 1

/* What the program is, from build/version.h. */
struct result_tool {
	const char *version, *commit, *compiler, *flags;
};

/* One fact about the host, as text: group "cpu", name "governor". */
typedef void result_fact_fn(void *context, const char *group, const char *name, const char *value);

/* What a result says of the run as a whole. Everything must outlive the recorder. */
struct result_context {
	const struct scenario *scenario;
	const struct host *host;
	const struct clock *clock; /* NULL: not calibrated yet, see result_end */
	struct result_tool tool;
	bool emulated; /* the processor is software: times are the emulator's */
	uint64_t seed;
	uint64_t max_memory_bytes, timeout_ns, time_limit_ns; /* options; 0: not given */
	const struct setting_wanted *set;                     /* --set, in every cell */
	unsigned int nr_set;
	const char *const *guarded_by; /* NULL-terminated; NULL: nothing */

	/* Call visit(visit_context, …) once a fact; NULL: no facts beside those of host. */
	void (*facts)(result_fact_fn *visit, void *visit_context);
};

/* How the run ended. */
struct result_end {
	const struct clock *clock; /* NULL: as in the context */
	int signal;                /* that ended the run: the result is incomplete; 0: none */
	bool out_of_time;          /* the time limit ended the run */
	uint64_t spent_ns;         /* in all its processes */
	uint64_t nr_unsettled;     /* cells without what they are repeated for */
	uint64_t nr_repetitions, nr_cells;
	uint64_t nr_unexpected, nr_indeterminate, nr_failed, nr_skipped, nr_refused, nr_degraded,
		nr_oom, nr_timeout;
};

struct recorder;

/*
 * Begin the journal OUTPUT.journal ("-": in TMPDIR, for a document on standard output), with all
 * that is known beforehand, durable on return. −EEXIST: an earlier run left a journal that is worth
 * something; −EBUSY: another run writes it; other −errno: OUTPUT cannot be written.
 */
int recorder_open(struct recorder **ret, const char *output_path,
		  const struct result_context *context, struct error *err);

/*
 * Go on in the journal that an earlier run left. The caller has checked with resume_check() that
 * context is the same run's.
 */
int recorder_resume(struct recorder **ret, const char *output_path,
		    const struct result_context *context, struct error *err);

/*
 * Record a repetition, durable on return; the first of a cell brings the cell's own line before it.
 * An interrupted repetition is not recorded. −errno: the disk is full, …
 */
int recorder_repetition(struct recorder *r, const struct cell *cell, const struct repetition *rep,
			struct error *err);

/* Record a warning about the run as a whole: kind is a word, text a sentence. */
int recorder_warn(struct recorder *r, const char *kind, const char *text, struct error *err);

/* Where the journal is. */
const char *recorder_journal(const struct recorder *r);

/*
 * Write the document. 0: it is safe on disk, and the journal is gone unless a signal ended the run
 * (then --resume needs it). −errno: the journal is kept, an earlier OUTPUT is untouched. The
 * recorder is freed in both cases.
 */
int recorder_finish(struct recorder *r, const struct result_end *end, struct error *err);

/* Give up; the journal is kept. NULL is fine. */
void recorder_abort(struct recorder *r);

#endif
