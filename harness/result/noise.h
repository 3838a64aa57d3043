/* SPDX-License-Identifier: MIT */
/*
 * What disturbed a run while it measured, by the counters of its repetitions: what other guests and
 * other processes took of the processors. One rule, for whoever warns of it and whoever leaves such
 * repetitions out.
 */
#ifndef RESULT_NOISE_H
#define RESULT_NOISE_H

#include "result/read.h"

#include <stdbool.h>
#include <stdint.h>

/* The share of the processors' time that may be stolen from a repetition. */
#define NOISE_STEAL 0.01

struct noise {
	uint32_t nr_stolen; /* repetitions for which noise_stolen() holds */
	/*
	 * Of the processors' time while the steps ran, over all repetitions: what the hypervisor
	 * gave to other guests, and what processes other than the run's used. NaN: not counted, or
	 * over less time than the kernel's clock ticks can tell.
	 */
	double steal_share, others_share;
};

/*
 * Was more than NOISE_STEAL of the processors' time given to other guests while the steps ran, and
 * enough of it that the kernel's clock ticks can tell?
 */
bool noise_stolen(const struct result *r, uint32_t repetition);

void noise_judge(const struct result *r, struct noise *ret);

#endif
