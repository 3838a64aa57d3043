/* SPDX-License-Identifier: MIT */
/* What the kernel really gave a worker's mapping, read back while it stands; never timed. */
#ifndef RUN_INSPECT_H
#define RUN_INSPECT_H

#include "run/seat.h"

/*
 * What the timed steps begin with, where it will be judged: they may split huge pages and move
 * others themselves, as the writes after a fork do.
 */
void inspect_begun(const struct seat *seat);

/* What the kernel really gave, once, while the mapping still stands. Only the first worker looks.
 */
void inspect_end(struct seat *seat);

#endif
