/* SPDX-License-Identifier: MIT */
#include "scenario/gather.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int gather_add(struct gather *g, struct node *key, struct node *item)
{
	unsigned int room = g->room ? g->room * 2 : 8;

	if (g->nr == g->room) {
		struct node **keys = realloc(g->keys, room * sizeof(*keys));
		struct node **items;

		if (!keys)
			return -ENOMEM;
		g->keys = keys;
		items = realloc(g->items, room * sizeof(*items));
		if (!items)
			return -ENOMEM;
		g->items = items;
		g->room = room;
	}
	g->keys[g->nr] = key;
	g->items[g->nr++] = item;
	return 0;
}

void gather_free(struct gather *g)
{
	free(g->keys);
	free(g->items);
}

const struct node *gather_find(const struct gather *g, const char *key)
{
	for (unsigned int i = 0; i < g->nr; i++)
		if (g->keys[i]->text && strcmp(g->keys[i]->text, key) == 0)
			return g->keys[i];
	return NULL;
}
