/* SPDX-License-Identifier: MIT */
/*
 * Does a snapshot contradict itself? One that was mended by hand may, and every answer from it
 * would be wrong.
 */
#ifndef RESULT_SNAPSHOT_CHECK_H
#define RESULT_SNAPSHOT_CHECK_H

#include "result/snapshot.h"

/*
 * −EINVAL with what it is that cannot be. A commit limit that is not stated is reckoned from the
 * rest.
 */
int snapshot_check(struct snapshot *s, struct error *err);

#endif
