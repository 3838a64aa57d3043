/* SPDX-License-Identifier: MIT */
/* The machine that a result was measured on, made again from what the result says of it. */
#ifndef RESULT_MACHINE_H
#define RESULT_MACHINE_H

#include "result/read.h"
#include "result/snapshot.h"

/*
 * Fill *ret with what the kernel's rules and the axes ask for, as it was when the run began. What
 * the result does not say is 0, a limit that it does not say is none. −EINVAL: it lacks what
 * nothing can be said without.
 */
int result_machine(const struct result *r, struct snapshot *ret, struct error *err);

#endif
