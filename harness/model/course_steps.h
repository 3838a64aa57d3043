/* SPDX-License-Identifier: MIT */
/* What the operations of a course are made of, and the operations themselves; for course.c. */
#ifndef MODEL_COURSE_STEPS_H
#define MODEL_COURSE_STEPS_H

#include "model/course.h"

/* The value of an operation's argument by its name, or otherwise. */
uint64_t course_argument(const struct op_call *call, const char *name, uint64_t otherwise);

/* Is that argument this word? */
bool course_chose(const struct op_call *call, const char *name, const char *word);

/* The choice of a call as an index into words, or −1. */
int course_choice(const struct op_call *call, const char *name, const char *const *words);

/* Open for a reason that is no rule's: the call may be refused, or not. */
void course_leave_open(const struct course *c, struct prediction *ret);

/*
 * All workers reach the first `bytes` of their mappings, or together those of the one they share.
 * What is deferred stays so: a signal at this step.
 */
void course_reach(struct course *c, uint64_t bytes, bool write, struct prediction *ret);

/*
 * A call on so many bytes from an offset on of a mapping whose parts differ is refused where it
 * meets a hole, else open. false: they do not differ.
 */
bool course_meets_parts(const struct course *c, uint64_t from, uint64_t bytes,
			struct prediction *ret);

/* A call instead of accesses: where a signal would have come, it returns an errno. */
void course_no_signal(struct prediction *p, int at_protection, int at_object);

/* One operation each; *ret as of course_step(). */
typedef void course_step_fn(struct course *c, const struct op_call *call, struct prediction *ret);

course_step_fn course_map, course_touch, course_unmap, course_protect, course_remap, course_fork,
	course_lock, course_unlock, course_advise, course_refault, course_commit, course_brk,
	course_churn, course_many, course_fill, course_verify, course_chase, course_stream,
	course_userfault, course_sync, course_move, course_delay;

#endif
