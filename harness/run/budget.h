/* SPDX-License-Identifier: MIT */
/*
 * How much memory a cell will have resident at most, and whether the machine can spare it. A cell
 * that could not is refused before it hurts.
 */
#ifndef RUN_BUDGET_H
#define RUN_BUDGET_H

#include "run/crew.h"

#include <stdint.h>

/*
 * What is never planned for: the larger of 512 MiB and 5 % of RAM, at most half of RAM; in a
 * control group with a smaller limit, of that limit.
 */
uint64_t budget_reserve_bytes(const struct host *host);

/* What may be used, as host was read: host_usable_bytes(), less the reserve. */
uint64_t budget_allowed_bytes(const struct host *host);

/* Peak over the steps, all workers together: what ops say becomes resident, less what they unmap.
 */
uint64_t budget_peak_bytes(const struct assignment *a);

/*
 * 0: the peak fits into max_bytes (0: what is usable now, less the reserve). −ENOMEM: it does not,
 * err has the figures and what to do.
 */
int budget_check(const struct assignment *a, uint64_t max_bytes, struct error *err);

/*
 * A budget as people write it, for --max-memory. −EINVAL for 0, which no cell could keep; else as
 * host_parse_size().
 */
int budget_parse(const char *text, uint64_t *ret_bytes, struct error *err);

#endif
