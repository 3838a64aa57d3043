/* SPDX-License-Identifier: MIT */
/*
 * Something that is done in a fresh child, under conditions of its own and first in line when
 * memory runs short, and what it leaves behind.
 */
#ifndef RUN_FRESH_H
#define RUN_FRESH_H

#include "axes/axis.h"
#include "base/error.h"

#include <stddef.h>

/*
 * Fork, take on what c asks of a process, and let deed fill `bytes` of room, zeroed, which *ret has
 * after. −errno of fork and mmap; −EIO where the child failed or was killed: *ret is untouched.
 */
int fresh_process(const struct conditions *c, int (*deed)(const void *context, void *room),
		  const void *context, void *ret, size_t bytes, struct error *err);

#endif
