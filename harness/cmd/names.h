/* SPDX-License-Identifier: MIT */
/* What an option that may be repeated was given: --metric, --a, --b, --set. */
#ifndef CMD_NAMES_H
#define CMD_NAMES_H

#include "base/error.h"
#include "sys/settings.h"

#include <stddef.h>

struct names {
	const char **items; /* NULL-terminated; NULL: none yet */
	size_t n;
};

/* Names are not copied. Without memory the program ends with EXIT_USAGE. */
void names_add(struct names *names, const char *name);
void names_free(struct names *names);

/* "vm.swappiness=10" of --set, cut at the sign in place. −EINVAL: it has no such form. */
int setting_split(char *text, struct setting_wanted *ret, struct error *err);

#endif
