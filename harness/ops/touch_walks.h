/* SPDX-License-Identifier: MIT */
/* The loops of touch: one a combination of access, order and what is timed. For ops/touch.c. */
#ifndef OPS_TOUCH_WALKS_H
#define OPS_TOUCH_WALKS_H

#include "ops/events.h"
#include "ops/op.h"
#include "ops/scatter.h"

#include <stdint.h>

struct touch_walk {
	unsigned char *base;
	uint64_t n; /* places */
	uint64_t stride, line_mask;
	struct scatter scatter;
	struct step_report *report;
	struct events *events; /* begun where each is timed */
};

/*
 * Touch every place once and count the touches, in the report too while it lasts. By whether each
 * event is timed, whether the order is scattered, and whether it is read.
 */
extern void (*const touch_walks[2][2][2])(const struct touch_walk *walk);

#endif
