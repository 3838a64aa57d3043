/* SPDX-License-Identifier: MIT */
/*
 * What whoever reads the figures of a repetition ought to know of how they came about: its
 * warnings. The figures are left as they are.
 */
#ifndef RUN_REMARKS_H
#define RUN_REMARKS_H

#include "run/crew.h"
#include "scenario/record.h"

/* Of the workers' reports and the figures made of them, into ret->warnings and ret->shortfall. */
void remarks_make(const struct assignment *a, struct repetition *ret);

#endif
