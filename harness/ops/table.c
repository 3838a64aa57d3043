/* SPDX-License-Identifier: MIT */
/* The operations: one row each. */
#include "ops/op.h"

extern const struct op op_map, op_touch, op_unmap;

const struct op *const ops[] = {
	&op_map,
	&op_touch,
	&op_unmap,
	NULL,
};
