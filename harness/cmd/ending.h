/* SPDX-License-Identifier: MIT */
/*
 * One way that repetitions of a cell ended, in a sentence: our own word, the kernel's rule, or both
 * sides where they differ.
 */
#ifndef CMD_ENDING_H
#define CMD_ENDING_H

#include "cmd/remade.h"
#include "result/answer.h"
#include "result/read.h"

struct ending {
	struct explanation explanation; /* points into what follows, and into the cell remade */
	char sentence[1024], name[512], step[128];
};

/* Is an outcome as good as ok? */
bool ending_well(const char *outcome);

/* Did both end alike, at the same step? */
bool ending_same(const struct result_repetition *a, const struct result_repetition *b);

/* Explain the ending of rep, which n repetitions of its cell share; the cell is made again in m. */
void ending_explain(struct ending *ret, struct remade *m, const struct result *r,
		    const struct result_repetition *rep, uint32_t n);

#endif
