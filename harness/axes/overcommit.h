/* SPDX-License-Identifier: MIT */
/* What the overcommit settings of a cell come to. */
#ifndef AXES_OVERCOMMIT_H
#define AXES_OVERCOMMIT_H

#include "axes/axis.h"

/*
 * CommitLimit in bytes under what c wants of vm.overcommit_ratio or _kbytes, else as it stands.
 * Source: vm_commit_limit() in mm/util.c.
 */
uint64_t overcommit_limit_bytes(const struct conditions *c, const struct host *host);

#endif
