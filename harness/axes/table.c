/* SPDX-License-Identifier: MIT */
/*
 * All axes, in the order of resolve: a row may look at what the rows above it have written. The
 * settings come first (they move the commit limit that sizes are shares of), workers come before
 * huge pages (which are counted for all of them).
 */
#include "axes/rows.h"

#include "base/cleanup.h"

#include <errno.h>
#include <string.h>

#define ROWS(X)                                                                                    \
	X(settings)                                                                                \
	X(overcommit)                                                                              \
	X(size)                                                                                    \
	X(flags)                                                                                   \
	X(protection)                                                                              \
	X(threads)                                                                                 \
	X(workers)                                                                                 \
	X(placement)                                                                               \
	X(layout)                                                                                  \
	X(hugepages)                                                                               \
	X(numa)                                                                                    \
	X(limits)

#define ROW(name)  &axis_##name,
#define NAME(name) #name,

const struct axis *const axes[] = { ROWS(ROW) NULL };

static const char *const names[] = { ROWS(NAME) NULL };

_Static_assert(ARRAY_LENGTH(axes) <= AXES_MAX + 1, "struct params has no room for all axes");

int axis_index(const char *name)
{
	for (int i = 0; names[i]; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -ENOENT;
}

const char *const *axis_names(void)
{
	return names;
}
