/* SPDX-License-Identifier: MIT */
/* overmap --version. */
#include "cmd/cmd.h"

#include "version.h"

#include <stdio.h>

int cmd_version(void)
{
	printf("overmap %s (%s), %s %s\n", OVERMAP_VERSION, OVERMAP_COMMIT, OVERMAP_COMPILER,
	       OVERMAP_CFLAGS);
	return 0;
}
