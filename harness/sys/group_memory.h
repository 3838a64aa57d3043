/* SPDX-License-Identifier: MIT */
/*
 * What the control groups that this process is in leave it of memory, by either version: where one
 * is full, its own OOM killer ends the process, however much the machine has left.
 */
#ifndef SYS_GROUP_MEMORY_H
#define SYS_GROUP_MEMORY_H

#include <stdint.h>

struct group_memory {
	uint64_t limit_bytes; /* the smallest of its and its ancestors'; UINT64_MAX: none */
	uint64_t room_bytes;  /* the smallest that one of them has left, counting what is cached */
	/* The same of swap, beside that memory; 0 where swap is not for this group. */
	uint64_t swap_room_bytes;
};

/* root: before /proc and /sys, "" for this machine. Without a readable group: no limit. */
void group_memory_read(const char *root, struct group_memory *ret);

#endif
