/* SPDX-License-Identifier: MIT */
/*
 * Going on with a run that was cut short: what its journal says it was, whether this machine and
 * this scenario are still the same, and the repetitions that it had finished.
 */
#ifndef RESULT_RESUME_H
#define RESULT_RESUME_H

#include "base/error.h"
#include "result/write.h"
#include "scenario/record.h"
#include "scenario/scenario.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct resume;

/*
 * Read the journal that belongs to output_path. −ENOENT: there is none (err says what there is
 * instead); −EINVAL: it is no journal.
 */
int resume_open(struct resume **ret, const char *output_path, struct error *err);
void resume_free(struct resume *r);

/* The scenario's text as it was then, for scenario_load_text(), and the name for messages. */
const char *resume_source(const struct resume *r);
const char *resume_path(const struct resume *r);

/* The seed: with it the order goes on as it began. */
uint64_t resume_seed(const struct resume *r);

/* Is that warning in its journal? */
bool resume_has_warning(const struct resume *r, const char *kind, const char *text);

/* The options that it began with, as in struct result_context. */
uint64_t resume_max_memory_bytes(const struct resume *r);
uint64_t resume_timeout_ns(const struct resume *r);
uint64_t resume_time_limit_ns(const struct resume *r);

/*
 * May the run go on as now? −ESTALE: no, err says what differs (scenario, seed, machine, kernel,
 * RAM, swap, CPUs): its repetitions could not be compared with new ones. Differences that a result
 * can bear (a reboot, another build of overmap, another limit) are given to warn one by one, to be
 * recorded as warnings.
 */
int resume_check(const struct resume *r, const struct result_context *now,
		 void (*warn)(void *context, const char *kind, const char *text), void *context,
		 struct error *err);

/*
 * Hand out what was finished, in the order that it ran. What is filled: cell, round, sequence,
 * started_ns, elapsed_ns, outcome, expected, iterations, and each step's metrics.
 */
void resume_replay(const struct resume *r, const struct scenario *s,
		   void (*take)(void *taker, const struct repetition *rep), void *taker);

#endif
