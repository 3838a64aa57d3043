/* SPDX-License-Identifier: MIT */
/*
 * The tree is composed from libfyaml's events instead of its own documents: in 0.7.12 reports on
 * empty values and merged collections get lost there, duplicated keys hide, and an alias bomb goes
 * off before anything can be counted.
 */
#include "scenario/compose.h"

#include "scenario/compose_parts.h"
#include "scenario/event.h"
#include "scenario/scenario.h"
#include "scenario/syntax.h"

#include <errno.h>
#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>

int compose_no_memory(struct composer *c)
{
	mistakes_add(c->mistakes, (struct position){ 0 }, "out of memory");
	return -ENOMEM;
}

struct node *compose_node(struct composer *c, enum node_kind kind, struct position place)
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
	struct node *node = compose_node(c, NODE_NULL, event_place(event, fallback));
	const char *text = NULL;
	size_t length = 0;

	if (!node)
		return compose_no_memory(c);
	*ret = node;
	if (!event->scalar.value)
		return 0;
	text = fy_token_get_text(event->scalar.value, &length);
	node->text = document_copy(c->document, text, text ? length : 0);
	if (!node->text)
		return compose_no_memory(c);
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
		*ret = compose_node(c, NODE_BROKEN, place);
		return *ret ? 0 : compose_no_memory(c);
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

int compose_gathered(struct composer *c, struct gather *g, struct node *node)
{
	size_t bytes = g->nr * sizeof(*g->items);

	if (!g->nr)
		return 0;
	node->items = document_alloc(c->document, bytes);
	if (!node->items)
		return compose_no_memory(c);
	memcpy(node->items, g->items, bytes);
	if (node->kind == NODE_MAPPING) {
		node->keys = document_alloc(c->document, bytes);
		if (!node->keys)
			return compose_no_memory(c);
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
	struct node *node = compose_node(c, NODE_LIST, event_place(start, (struct position){ 0 }));
	struct fy_event *event;
	struct gather g = { 0 };
	int r = 0;

	if (!node)
		return compose_no_memory(c);
	for (;;) {
		struct node *item = NULL;
		bool end;

		event = fy_parser_parse(c->parser);
		end = !event || event->type == FYET_SEQUENCE_END;
		r = !event ? -EINVAL
		    : end  ? 0
			   : compose_value(c, event, depth + 1,
                                          g.nr ? g.items[g.nr - 1]->place : node->place, &item);
		fy_parser_event_free(c->parser, event);
		if (r || end)
			break;
		r = gather_add(&g, NULL, item);
		if (r)
			break;
	}
	if (!r)
		r = compose_gathered(c, &g, node);
	gather_free(&g);
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
		return compose_no_memory(c);
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

int compose_value(struct composer *c, struct fy_event *event, unsigned int depth,
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
			r = compose_value(c, event, 1, (struct position){ 1, 1, 1 },
					  &c->document->root);
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
