/* SPDX-License-Identifier: MIT */
/* Room for the items of a list, or the pairs of a mapping, while it is read and grows. */
#ifndef SCENARIO_GATHER_H
#define SCENARIO_GATHER_H

#include "scenario/document.h"

struct gather {
	struct node **keys, **items;
	unsigned int nr, room;
};

/* key: NULL for an item of a list. −ENOMEM. */
int gather_add(struct gather *g, struct node *key, struct node *item);

/* The key that is that word; NULL: none. */
const struct node *gather_find(const struct gather *g, const char *key);

void gather_free(struct gather *g);

#endif
