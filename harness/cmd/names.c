/* SPDX-License-Identifier: MIT */
#include "cmd/names.h"

#include "cmd/cmd.h"

#include <stdio.h>
#include <stdlib.h>

void names_add(struct names *names, const char *name)
{
	const char **grown = realloc(names->items, (names->n + 2) * sizeof(*grown));

	if (!grown) {
		fputs("overmap: out of memory\n", stderr);
		exit(EXIT_USAGE);
	}
	grown[names->n++] = name;
	grown[names->n] = NULL;
	names->items = grown;
}

void names_free(struct names *names)
{
	free(names->items);
	*names = (struct names){ NULL, 0 };
}
