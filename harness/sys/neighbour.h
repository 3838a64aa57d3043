/* SPDX-License-Identifier: MIT */
/*
 * Another run of overmap on this machine: two that measure at once disturb each other, and one may
 * change settings under the other.
 */
#ifndef SYS_NEIGHBOUR_H
#define SYS_NEIGHBOUR_H

#include <sys/types.h>

/* A process that runs `overmap run`, `ceiling` or `selftest`, and is not this one; 0: none. */
pid_t neighbour_find(void);

/* The same below a folder laid out like /proc, for a process that is self. */
pid_t neighbour_find_at(const char *proc, pid_t self);

#endif
