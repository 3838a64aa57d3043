/* SPDX-License-Identifier: MIT */
/*
 * Did the repetition run as it was asked to? An outcome that differs from the expected one, and
 * conditions that were not achieved, are said here, never passed off as ok.
 */
#ifndef RUN_CONFORM_H
#define RUN_CONFORM_H

#include "axes/axis.h"
#include "scenario/record.h"

/*
 * Turn an ok outcome into OUTCOME_DEGRADED where the effective conditions fall short of what c asks
 * for: huge pages, nodes, populated or locked pages. detail gets "huge share 35 %, asked for thp".
 */
void conform_conditions(const struct conditions *c, const struct host *host, struct repetition *r);

/*
 * Compare with what was expected ("ENOMEM", step NULL: anywhere; "ok" matches degraded too). Fills
 * expected, expected_known and as_expected. A skipped or refused repetition is compared with
 * nothing.
 */
void conform_outcome(const char *outcome, const char *step, const char *happened_at,
		     struct repetition *r);

#endif
