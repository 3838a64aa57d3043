/* SPDX-License-Identifier: MIT */
/* A mapping's pairs, keys that are there twice, and merge keys: "<<: *name". */
#include "scenario/compose_parts.h"

#include "scenario/event.h"

#include <errno.h>
#include <libfyaml.h>
#include <string.h>

/* A mapping while it is read. */
struct open_mapping {
	struct gather pairs;
	struct gather merges; /* values of "<<" */
	struct position merge_place;
};

/* The value of "<<": a mapping or a list of them. */
static int collect_merges(struct composer *c, struct open_mapping *m, const struct node *key,
			  struct node *value)
{
	struct node **items = &value;
	unsigned int nr = 1;
	int r = 0;

	m->merge_place = key->place;
	if (value->kind == NODE_LIST) {
		items = value->items;
		nr = value->nr;
	}
	for (unsigned int i = 0; i < nr && !r; i++) {
		if (items[i]->kind == NODE_MAPPING)
			r = gather_add(&m->merges, NULL, items[i]);
		else if (items[i]->kind != NODE_BROKEN)
			mistakes_add(c->mistakes, key->place,
				     "'<<' takes a mapping, or a list of mappings: write '<<: "
				     "*name'");
	}
	return r;
}

static int too_many_keys(struct composer *c, struct position place)
{
	mistakes_add(c->mistakes, place, "more than %d keys in one mapping", DOCUMENT_KEYS_MAX);
	return -EINVAL;
}

/* Keys of the mapping itself win over merged ones, earlier merges over later. */
static int apply_merges(struct composer *c, struct open_mapping *m)
{
	struct gather *g = &m->pairs;
	int r = 0;

	for (unsigned int i = 0; i < m->merges.nr; i++) {
		const struct node *from = m->merges.items[i];

		for (unsigned int j = 0; j < from->nr && !r; j++) {
			if (!from->keys[j]->text || gather_find(g, from->keys[j]->text))
				continue;
			if (g->nr >= DOCUMENT_KEYS_MAX)
				return too_many_keys(c, m->merge_place);
			c->nr_nodes += 1 + from->items[j]->weight;
			r = gather_add(g, from->keys[j], from->items[j]);
		}
	}
	return r;
}

static int add_pair(struct composer *c, struct open_mapping *m, struct node *key,
		    struct node *value)
{
	struct gather *g = &m->pairs;
	const struct node *earlier;

	if (key->kind == NODE_SCALAR && key->plain && strcmp(key->text, "<<") == 0)
		return collect_merges(c, m, key, value);
	if (key->kind == NODE_NULL)
		mistakes_add(c->mistakes, key->text ? key->place : value->place,
			     "a key is missing before ':'");
	else if (key->kind == NODE_LIST || key->kind == NODE_MAPPING)
		mistakes_add(c->mistakes, key->place, "a key must be a word");
	if (key->kind != NODE_SCALAR)
		return 0;
	earlier = gather_find(g, key->text);
	if (earlier) {
		mistakes_add(c->mistakes, key->place,
			     "key '%s' is there twice, first on line %u: remove one", key->text,
			     earlier->place.line);
		return 0;
	}
	if (g->nr >= DOCUMENT_KEYS_MAX)
		return too_many_keys(c, key->place);
	return gather_add(g, key, value);
}

int compose_mapping(struct composer *c, struct fy_event *start, unsigned int depth,
		    struct node **ret)
{
	struct node *node = compose_node(c, NODE_MAPPING,
					 event_place(start, (struct position){ 0 }));
	struct node *key, *value;
	struct fy_event *event;
	struct open_mapping m = { { 0 } };
	int r = 0;

	if (!node)
		return compose_no_memory(c);
	for (;;) {
		bool end;

		event = fy_parser_parse(c->parser);
		end = !event || event->type == FYET_MAPPING_END;
		r = !event ? -EINVAL
		    : end  ? 0
			   : compose_value(c, event, depth + 1, node->place, &key);
		fy_parser_event_free(c->parser, event);
		if (r || end)
			break;
		event = fy_parser_parse(c->parser);
		r = event ? compose_value(c, event, depth + 1, key->place, &value) : -EINVAL;
		fy_parser_event_free(c->parser, event);
		if (!r)
			r = add_pair(c, &m, key, value);
		if (r)
			break;
	}
	if (!r)
		r = apply_merges(c, &m);
	if (!r)
		r = compose_gathered(c, &m.pairs, node);
	gather_free(&m.pairs);
	gather_free(&m.merges);
	if (!r)
		*ret = node;
	return r;
}
