/* SPDX-License-Identifier: MIT */
/* The picture of overcommitting: chunk mapped upon chunk until the kernel refuses. */
#ifndef RUN_PILE_H
#define RUN_PILE_H

#include "axes/axis.h"
#include "base/error.h"
#include "scenario/record.h"

/* What a pile of chunks is made of, and what ends it. */
struct pile_plan {
	struct map_request chunk;
	uint64_t touch_bytes;       /* written to in each chunk */
	uint64_t until_bytes;       /* granted in all; 0: no end but a refusal */
	uint64_t touched_max_bytes; /* in all; 0: no end by it */
	uint64_t reserve_bytes;     /* ends when less is usable; 0: not looked at */
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

/* Why it ended: "then refused: ENOMEM", "stopped at --max-memory". Returns ret. */
char *pile_end_describe(const struct pile *pile, char *ret, size_t length);

/*
 * The same in a fresh child under c, which has gone when this returns. −ENOTSUP for chunks that are
 * filled at once (populate, locked); −errno where the child failed.
 */
int pile_search(const struct conditions *c, const struct pile_plan *plan, struct pile *ret,
		struct error *err);

#endif
