/* SPDX-License-Identifier: MIT */
/*
 * What the kernel really gave the workers' mappings, read back while they stand; never timed. A
 * process looks at its own; of threads the first looks at those of all, while the others wait,
 * since each look walks the whole process; a mapping that all share is the first's.
 */
#ifndef RUN_INSPECT_H
#define RUN_INSPECT_H

#include "run/seat.h"

/*
 * What the timed steps begin with, where it will be judged: they may split huge pages and move
 * others themselves, as the writes after a fork do.
 */
void inspect_begun(struct seat *seat);

/* Once, before a step takes the mapping away, or else at the end: by all workers at the same place.
 */
void inspect_early(struct seat *seat);
void inspect_end(struct seat *seat);

#endif
