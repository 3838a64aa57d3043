/* SPDX-License-Identifier: MIT */
/*
 * A repetition's steps on the model, one after the other: what each operation asks of the kernel.
 * For this room only.
 */
#ifndef MODEL_COURSE_H
#define MODEL_COURSE_H

#include "axes/axis.h"
#include "model/model.h"
#include "ops/op.h"

/* What is followed through the steps: each worker has the same mapping, so one stands for all. */
struct course {
	struct model model;
	const struct conditions *conditions;
	uint64_t nr_mappings;
	struct model_mapping mapping;
	uint64_t reached_bytes; /* of each mapping, so far: what is there already is not charged */
	bool mapped, filled;    /* filled: with a pattern that is there still */
	uint64_t pattern, seed; /* the arguments of that fill */

	/*
	 * After a part got another protection, or was unmapped: its first head_bytes are one
	 * mapping, and then there is a hole, or the rest is open.
	 */
	bool parted;
	uint64_t head_bytes;
	struct model_mapping head;
	struct model whole; /* as it was before */
};

/*
 * What the call comes to; where it is granted, the course goes on from there. false: there is
 * nothing to ask, such as a step on a mapping that is not there.
 */
bool course_step(struct course *c, const struct op_call *call, struct prediction *ret);

#endif
