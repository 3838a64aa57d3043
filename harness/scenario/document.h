/* SPDX-License-Identifier: MIT */
/*
 * A YAML file as a tree of words: libfyaml reads it, and this is its only home. Aliases and merge
 * keys are followed; nothing is a number or a boolean yet, that is for the readers of the tree.
 */
#ifndef SCENARIO_DOCUMENT_H
#define SCENARIO_DOCUMENT_H

#include "scenario/mistakes.h"

#include <stdbool.h>
#include <stddef.h>

#define DOCUMENT_KEYS_MAX    1000 /* of one mapping */
#define DOCUMENT_ANCHORS_MAX 1000

enum node_kind {
	NODE_SCALAR,
	NODE_NULL, /* no value, or a plain ~ or null */
	NODE_LIST,
	NODE_MAPPING,
	NODE_BROKEN, /* its mistake is reported already */
};

struct node {
	enum node_kind kind;
	bool plain; /* a scalar without quotes: may stand for a number or a boolean */
	struct position place;
	const char *text; /* of a scalar */
	unsigned int nr;  /* items or pairs */
	struct node **keys, **items;
	unsigned int weight, height; /* nodes in it with aliases followed; levels */
};

struct document;

/*
 * Read text into a tree. What is wrong with it as YAML goes into m: −EINVAL where there is no tree
 * to go on with (syntax, limits, no document at all); 0 with mistakes in m where there is one.
 */
int document_parse(const char *text, size_t length, struct mistakes *m, struct document **ret);
void document_free(struct document *d);

const struct node *document_root(const struct document *d);

/* The value of a key, and where wanted the key itself; NULL: not there, or no mapping. */
const struct node *node_find(const struct node *mapping, const char *key,
			     const struct node **ret_key);

#endif
