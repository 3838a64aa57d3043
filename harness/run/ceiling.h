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
#include "scenario/record.h"

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

/* What a pile of chunks is made of, and what ends it. */
struct pile_plan {
	struct map_request chunk;
	uint64_t touch_bytes;       /* written to in each chunk */
	uint64_t until_bytes;       /* granted in all; 0: no end but a refusal */
	uint64_t touched_max_bytes; /* in all; 0: no end by it */
	uint64_t reserve_bytes;     /* ends when MemAvailable falls below; 0: not looked at */
};

#define PILE_SAMPLES_MAX 512

enum pile_end { PILE_REFUSED, PILE_DONE, PILE_BUDGET, PILE_RESERVE };

struct pile {
	unsigned int nr_samples; /* when the room is full, every second one goes */
	struct cumulative_sample samples[PILE_SAMPLES_MAX];
	struct cumulative_sample last;
	uint64_t nr_chunks;
	enum pile_end end;
	int error; /* errno of the refusal */
};

/* Map chunk after chunk in this process, and leave them mapped. *ret is zeroed first. */
void pile_up(const struct pile_plan *plan, struct pile *ret);

/*
 * Map chunks of c->map.length_bytes until one is refused or there are max of them, with a sample
 * after each; touch: bytes of each chunk that are written to. *ret_n samples; *ret_error: errno of
 * the refusal, 0 where none came.
 */
int cumulative_map(const struct conditions *c, uint64_t touch_bytes, unsigned int max,
		   struct cumulative_sample *ret, unsigned int *ret_n, int *ret_error,
		   struct error *err);

#endif
