/* SPDX-License-Identifier: MIT */
/*
 * The tree is composed from libfyaml's events instead of its own documents: in 0.7.12 reports on
 * empty values and merged collections get lost there, duplicated keys hide, and an alias bomb goes
 * off before anything can be counted.
 */
#include "scenario/compose.h"

#include "scenario/event.h"
#include "scenario/gather.h"
#include "scenario/scenario.h"
#include "scenario/syntax.h"

#include <errno.h>
#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>

struct anchor {
	const char *name;
	struct node *node; /* NULL while what it names is being read */
};

struct composer {
	struct document *document;
	struct mistakes *mistakes;
	struct fy_parser *parser;
	struct anchor anchors[DOCUMENT_ANCHORS_MAX];
	unsigned int nr_anchors, nr_nodes;
};

/* A mapping while it is read. */
struct open_mapping {
	struct gather pairs;
	struct gather merges; /* values of "<<" */
	struct position merge_place;
};

static int compose(struct composer *c, struct fy_event *event, unsigned int depth,
		   struct position fallback, struct node **ret);

static int out_of_memory(struct composer *c)
{
	mistakes_add(c->mistakes, (struct position){ 0 }, "out of memory");
	return -ENOMEM;
}

static struct node *new_node(struct composer *c, enum node_kind kind, struct position place)
{
	struct node *node = document_alloc(c->document, sizeof(*node));

	if (!node)
		return NULL;
	node->kind = kind;
	node->place = place;
	node->weight = 1;
	node->height = 1;
	return node;
}

static bool is_null_word(const char *text)
{
	return !*text || strcmp(text, "~") == 0 || strcmp(text, "null") == 0 ||
	       strcmp(text, "Null") == 0 || strcmp(text, "NULL") == 0;
}

static int compose_scalar(struct composer *c, struct fy_event *event, struct position fallback,
			  struct node **ret)
{
	struct node *node = new_node(c, NODE_NULL, event_place(event, fallback));
	const char *text = NULL;
	size_t length = 0;

	if (!node)
		return out_of_memory(c);
	*ret = node;
	if (!event->scalar.value)
		return 0;
	text = fy_token_get_text(event->scalar.value, &length);
	node->text = document_copy(c->document, text, text ? length : 0);
	if (!node->text)
		return out_of_memory(c);
	node->plain = fy_token_scalar_style(event->scalar.value) == FYSS_PLAIN;
	if (event_quoted(event) && node->place.column > 1) {
		node->place.column--;
		node->place.length += 2;
	}
	if (length != strlen(node->text)) {
		mistakes_add(c->mistakes, node->place, "a NUL character cannot be part of a word");
		node->kind = NODE_BROKEN;
	} else if (!node->plain || !is_null_word(node->text)) {
		node->kind = NODE_SCALAR;
	}
	return 0;
}

/* An alias stands for the very node that was anchored; both count. */
static int compose_alias(struct composer *c, struct fy_event *event, unsigned int depth,
			 struct node **ret)
{
	struct position place = event_place(event, (struct position){ 0 });
	size_t length = 0;
	const char *name = fy_token_get_text(event->alias.anchor, &length);
	const struct anchor *anchor = NULL;

	for (unsigned int i = c->nr_anchors; i-- > 0 && !anchor;)
		if (strlen(c->anchors[i].name) == length &&
		    memcmp(c->anchors[i].name, name, length) == 0)
			anchor = &c->anchors[i];
	if (!anchor || !anchor->node) {
		mistakes_add(c->mistakes, place,
			     anchor ? "alias '*%.*s' stands inside what it names"
				    : "alias '*%.*s' names no anchor: write '&%.*s' before the "
				      "value that it stands for",
			     (int)length, name, (int)length, name);
		*ret = new_node(c, NODE_BROKEN, place);
		return *ret ? 0 : out_of_memory(c);
	}
	c->nr_nodes += anchor->node->weight;
	if (depth + anchor->node->height - 1 > SCENARIO_DEPTH_MAX) {
		mistakes_add(c->mistakes, place,
			     "nested more than %d levels deep when aliases are followed",
			     SCENARIO_DEPTH_MAX);
		return -EINVAL;
	}
	*ret = anchor->node;
	return 0;
}

/* Move what was gathered into the node. */
static int gather_finish(struct composer *c, struct gather *g, struct node *node)
{
	size_t bytes = g->nr * sizeof(*g->items);

	if (!g->nr)
		return 0;
	node->items = document_alloc(c->document, bytes);
	if (!node->items)
		return out_of_memory(c);
	memcpy(node->items, g->items, bytes);
	if (node->kind == NODE_MAPPING) {
		node->keys = document_alloc(c->document, bytes);
		if (!node->keys)
			return out_of_memory(c);
		memcpy(node->keys, g->keys, bytes);
	}
	node->nr = g->nr;
	for (unsigned int i = 0; i < g->nr; i++) {
		node->weight += g->items[i]->weight + (g->keys[i] != NULL);
		if (g->items[i]->height + 1 > node->height)
			node->height = g->items[i]->height + 1;
	}
	return 0;
}

static int compose_list(struct composer *c, struct fy_event *start, unsigned int depth,
			struct node **ret)
{
	struct node *node = new_node(c, NODE_LIST, event_place(start, (struct position){ 0 }));
	struct fy_event *event;
	struct gather g = { 0 };
	int r = 0;

	if (!node)
		return out_of_memory(c);
	for (;;) {
		struct node *item = NULL;
		bool end;

		event = fy_parser_parse(c->parser);
		end = !event || event->type == FYET_SEQUENCE_END;
		r = !event ? -EINVAL
		    : end  ? 0
			   : compose(c, event, depth + 1,
                                    g.nr ? g.items[g.nr - 1]->place : node->place, &item);
		fy_parser_event_free(c->parser, event);
		if (r || end)
			break;
		r = gather_add(&g, NULL, item);
		if (r)
			break;
	}
	if (!r)
		r = gather_finish(c, &g, node);
	gather_free(&g);
	if (!r)
		*ret = node;
	return r;
}

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

static int compose_mapping(struct composer *c, struct fy_event *start, unsigned int depth,
			   struct node **ret)
{
	struct node *node = new_node(c, NODE_MAPPING, event_place(start, (struct position){ 0 }));
	struct node *key, *value;
	struct fy_event *event;
	struct open_mapping m = { { 0 } };
	int r = 0;

	if (!node)
		return out_of_memory(c);
	for (;;) {
		bool end;

		event = fy_parser_parse(c->parser);
		end = !event || event->type == FYET_MAPPING_END;
		r = !event ? -EINVAL : end ? 0 : compose(c, event, depth + 1, node->place, &key);
		fy_parser_event_free(c->parser, event);
		if (r || end)
			break;
		event = fy_parser_parse(c->parser);
		r = event ? compose(c, event, depth + 1, key->place, &value) : -EINVAL;
		fy_parser_event_free(c->parser, event);
		if (!r)
			r = add_pair(c, &m, key, value);
		if (r)
			break;
	}
	if (!r)
		r = apply_merges(c, &m);
	if (!r)
		r = gather_finish(c, &m.pairs, node);
	gather_free(&m.pairs);
	gather_free(&m.merges);
	if (!r)
		*ret = node;
	return r;
}

static int open_anchor(struct composer *c, struct fy_token *token, struct position place,
		       struct anchor **ret)
{
	size_t length = 0;
	const char *name = fy_token_get_text(token, &length);

	if (c->nr_anchors == DOCUMENT_ANCHORS_MAX) {
		mistakes_add(c->mistakes, place, "more than %d anchors", DOCUMENT_ANCHORS_MAX);
		return -EINVAL;
	}
	*ret = &c->anchors[c->nr_anchors];
	**ret = (struct anchor){ document_copy(c->document, name, length), NULL };
	if (!(*ret)->name)
		return out_of_memory(c);
	c->nr_anchors++;
	return 0;
}

static int check_limits(struct composer *c, struct position place, unsigned int depth)
{
	if (depth > SCENARIO_DEPTH_MAX) {
		mistakes_add(c->mistakes, place, "nested more than %d levels deep",
			     SCENARIO_DEPTH_MAX);
		return -EINVAL;
	}
	if (c->nr_nodes > SCENARIO_NODES_MAX) {
		mistakes_add(c->mistakes, place, "more than %u values when aliases are followed",
			     SCENARIO_NODES_MAX);
		return -EINVAL;
	}
	return 0;
}

static int compose_kind(struct composer *c, struct fy_event *event, unsigned int depth,
			struct position fallback, struct node **ret)
{
	switch (event->type) {
	case FYET_ALIAS:
		return compose_alias(c, event, depth, ret);
	case FYET_SCALAR:
		return compose_scalar(c, event, fallback, ret);
	case FYET_SEQUENCE_START:
		return compose_list(c, event, depth, ret);
	case FYET_MAPPING_START:
		return compose_mapping(c, event, depth, ret);
	default:
		mistakes_add(c->mistakes, fallback, "not a value");
		return -EINVAL;
	}
}

static int compose(struct composer *c, struct fy_event *event, unsigned int depth,
		   struct position fallback, struct node **ret)
{
	struct position place = event_place(event, fallback);
	struct fy_token *token;
	struct anchor *anchor = NULL;
	int r;

	c->nr_nodes++;
	r = check_limits(c, place, depth);
	if (r)
		return r;
	token = event_anchor(event);
	if (token) {
		r = open_anchor(c, token, place, &anchor);
		if (r)
			return r;
	}
	token = event_tag(event);
	if (token)
		mistakes_add(c->mistakes, token_place(token, place),
			     "tags such as !!int mean nothing here: remove the tag");
	r = compose_kind(c, event, depth, fallback, ret);
	if (!r && anchor)
		anchor->node = *ret;
	/* Once more: an alias has added what it stands for. */
	return r ? r : check_limits(c, place, depth);
}

/* Everything between the start and the end of the stream: one document, no more. */
static int compose_stream(struct composer *c)
{
	struct fy_event *event;
	int r = 0;

	while (!r && (event = fy_parser_parse(c->parser))) {
		switch (event->type) {
		case FYET_STREAM_START:
		case FYET_STREAM_END:
		case FYET_DOCUMENT_END:
			break;
		case FYET_DOCUMENT_START:
			if (!c->document->root)
				break;
			mistakes_add(c->mistakes, event_place(event, (struct position){ 0 }),
				     "a second document begins here: one scenario a file");
			r = -EINVAL;
			break;
		default:
			r = compose(c, event, 1, (struct position){ 1, 1, 1 }, &c->document->root);
		}
		fy_parser_event_free(c->parser, event);
	}
	return r;
}

static int compose_all(struct composer *c, struct fy_diag *diag)
{
	unsigned int before = c->mistakes->nr_errors;
	int r = compose_stream(c);

	if (fy_parser_get_stream_error(c->parser)) {
		syntax_report(c->mistakes, diag);
		return -EINVAL;
	}
	if (r && c->mistakes->nr_errors == before)
		mistakes_add(c->mistakes, (struct position){ 0 }, "is not YAML");
	if (!r && !c->document->root) {
		mistakes_add(c->mistakes, (struct position){ 0 },
			     "is empty: a scenario begins with 'scenario: NAME'");
		r = -EINVAL;
	}
	return r;
}

int compose_document(struct document *d, struct fy_parser *parser, struct fy_diag *diag,
		     struct mistakes *m)
{
	struct composer *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return -ENOMEM;
	c->document = d;
	c->parser = parser;
	c->mistakes = m;
	r = compose_all(c, diag);
	free(c);
	return r;
}
