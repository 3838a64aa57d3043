/* SPDX-License-Identifier: MIT */
/* Inside compose*.c: a document while it is composed. */
#ifndef SCENARIO_COMPOSE_PARTS_H
#define SCENARIO_COMPOSE_PARTS_H

#include "scenario/compose.h"
#include "scenario/gather.h"

struct fy_event;

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

/* All return 0 or, after a mistake, −EINVAL or −ENOMEM. fallback: a place where there is no other.
 */
int compose_no_memory(struct composer *c);

/* The value that an event is, or begins, at a depth from 1. */
int compose_value(struct composer *c, struct fy_event *event, unsigned int depth,
		  struct position fallback, struct node **ret);
int compose_mapping(struct composer *c, struct fy_event *start, unsigned int depth,
		    struct node **ret);

/* A node of the document; NULL: memory ran out. */
struct node *compose_node(struct composer *c, enum node_kind kind, struct position place);

/* Move what was gathered into the node. */
int compose_gathered(struct composer *c, struct gather *g, struct node *node);

#endif
