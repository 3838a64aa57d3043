/* SPDX-License-Identifier: MIT */
/*
 * The kernel's rules for memory mappings as data: what each is called, which errno it gives, where
 * in the kernel it stands and which versions it holds for.
 */
#ifndef MODEL_RULE_H
#define MODEL_RULE_H

#include <stdbool.h>

#define KERNEL(major, minor) ((unsigned int)(major) << 16 | (unsigned int)(minor) << 8)

enum rule_id {
	RULE_NONE,
	RULE_LENGTH_ZERO,
	RULE_LENGTH_OVERFLOW,
	RULE_FLAGS,
	RULE_HUGE_PAGE_SIZE,
	RULE_MAP_COUNT,
	RULE_ADDRESS_SPACE,
	RULE_ADDRESS_TAKEN,
	RULE_LOWEST_ADDRESS,
	RULE_LOCK_PERMISSION,
	RULE_LIMIT_MEMLOCK,
	RULE_LIMIT_AS,
	RULE_LIMIT_DATA,
	RULE_HEURISTIC,
	RULE_HEURISTIC_FREE,
	RULE_COMMIT_LIMIT,
	RULE_OBJECT_SIZE,
	RULE_HUGE_PAGE_POOL,
	RULE_HUGE_PAGE_FAULT,
	RULE_REMAP_HUGE,
	RULE_REMAP_RANGE,
	RULE_REMAP_PRIVATE_COPY,
	RULE_REMAP_IN_PLACE,
	RULE_PROTECTION_FAULT,
	RULE_HOLE,
	RULE_PAST_OBJECT,
	RULE_OUT_OF_MEMORY,
	RULE_GROUP_MEMORY,
	RULE_OBJECT_PAGES,
	RULES,
};

struct rule {
	const char *name;   /* "ram-and-swap": stable, in results */
	int error;          /* positive errno, 0: a signal or none */
	int signal;         /* of a deferred failure, 0: none */
	const char *title;  /* what binds, for tables: "RAM + swap" */
	const char *text;   /* one sentence for people, without figures */
	const char *source; /* file and function in the kernel */
	unsigned int since; /* KERNEL(); 0: older than 4.19 */
	unsigned int until; /* the last version it holds for; 0: it still does */
};

const struct rule *rule_get(enum rule_id id);

/* Does the rule hold for this kernel (host.kernel_version)? */
bool rule_holds(const struct rule *rule, unsigned int kernel_version);

/* By name, or NULL. */
const struct rule *rule_find(const char *name);

#endif
