/* SPDX-License-Identifier: MIT */
/* The operations: one row each. */
#include "ops/op.h"

extern const struct op op_map, op_touch, op_unmap, op_protect, op_remap, op_advise, op_sync,
	op_lock, op_unlock, op_refault, op_commit, op_brk, op_churn, op_many, op_fork, op_chase,
	op_stream, op_fill, op_verify, op_userfault, op_move, op_delay;

/* One row a line, so that a new one is a line of a diff. */
/* clang-format off */
const struct op *const ops[] = {
	&op_map,
	&op_touch,
	&op_unmap,
	&op_protect,
	&op_remap,
	&op_advise,
	&op_sync,
	&op_lock,
	&op_unlock,
	&op_refault,
	&op_commit,
	&op_brk,
	&op_churn,
	&op_many,
	&op_fork,
	&op_chase,
	&op_stream,
	&op_fill,
	&op_verify,
	&op_userfault,
	&op_move,
	&op_delay,
	NULL,
};
/* clang-format on */
