/* SPDX-License-Identifier: MIT */
/*
 * The largest mapping that this kernel grants, found by asking it, to the page; and the picture of
 * overcommitting: chunks mapped until the kernel refuses. Both in a fresh child.
 */
#ifndef RUN_CEILING_H
#define RUN_CEILING_H

#include "axes/axis.h"
#include "base/error.h"
#include "model/ceiling.h"

#define CEILING_CALLS_MAX 60 /* of mmap, in one search */

struct ceiling_found {
	uint64_t bytes;        /* largest length that was granted; 0: none was */
	int error;             /* errno of one page (or huge page) more; 0: nothing was refused */
	unsigned int nr_calls; /* of mmap */
	uint64_t elapsed_ns;   /* of the search itself, in the child */
	struct ceiling predicted; /* for the child as it was then */
};

/*
 * Search under the conditions (limits are set in the child; settings are the caller's to apply).
 * host is the machine as it is now. −ENOTSUP for mappings that are filled at once (populate,
 * locked): the search would fill the memory. −errno where the child failed.
 */
int ceiling_search(const struct conditions *c, const struct host *host, struct ceiling_found *ret,
		   struct error *err);

struct cumulative_sample {
	uint64_t granted_bytes, committed_bytes, page_table_bytes, resident_bytes;
};

/*
 * Map chunks of c->map.length_bytes until one is refused or there are max of them, with a sample
 * after each; touch: bytes of each chunk that are written to. *ret_n samples; *ret_error: errno of
 * the refusal, 0 where none came.
 */
int cumulative_map(const struct conditions *c, uint64_t touch_bytes, unsigned int max,
		   struct cumulative_sample *ret, unsigned int *ret_n, int *ret_error,
		   struct error *err);

#endif
