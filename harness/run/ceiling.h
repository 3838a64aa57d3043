/* SPDX-License-Identifier: MIT */
/* The largest mapping that this kernel grants, found by asking it, to the page. */
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

/*
 * The two halves of it, for a process that is to search by itself: predict from its own address
 * space (host: as the conditions have made the machine), then search. Nothing may be mapped or
 * allocated between them. −errno where /proc cannot be read.
 */
int ceiling_predict(const struct map_request *request, const struct host *host,
		    struct ceiling_found *ret);
void ceiling_find(const struct map_request *request, const struct host *host,
		  struct ceiling_found *found);

#endif
