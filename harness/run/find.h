/* SPDX-License-Identifier: MIT */
/*
 * What scenarios search for (scenario/find.h), done: the step of a repetition's one worker. What it
 * finds lies in a room that the supervisor shares, so that it survives the worker.
 */
#ifndef RUN_FIND_H
#define RUN_FIND_H

#include "scenario/find.h"
#include "scenario/record.h"
#include "sys/host.h"

struct find_room;
int find_room_new(struct find_room **ret);
void find_room_free(struct find_room *room);

/* Before each repetition. max_memory_bytes: that may become resident; 0: all but a reserve. */
void find_room_begin(struct find_room *room, const struct host *host, uint64_t max_memory_bytes);

/* The operation with its `step`, for one that only declares itself; others as they are. */
const struct op *find_running(const struct op *op);

/* Rule, detail and samples into the record. They point into the room. */
void find_collect(enum find_kind kind, struct find_room *room, struct repetition *r);

/* expect: model. Compare with the rules' figure; within its band: indeterminate. */
void find_conform(const struct find_room *room, struct repetition *r);

#endif
