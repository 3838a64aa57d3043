/* SPDX-License-Identifier: MIT */
#include "cmd/names.h"

#include "cmd/cmd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

int setting_split(char *text, struct setting_wanted *ret, struct error *err)
{
	char *sign = strchr(text, '=');

	if (!sign || sign == text || !sign[1])
		return error_set(err, -EINVAL, "--set %s: try --set vm.swappiness=10", text);
	*sign = '\0';
	*ret = (struct setting_wanted){ text, sign + 1 };
	return 0;
}
