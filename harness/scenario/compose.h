/* SPDX-License-Identifier: MIT */
/* The tree of a document, made from libfyaml's events. */
#ifndef SCENARIO_COMPOSE_H
#define SCENARIO_COMPOSE_H

#include "scenario/document.h"
#include "scenario/mistakes.h"

#include <stddef.h>

struct fy_diag;
struct fy_parser;

struct document {
	struct node *root;
	struct piece *pieces;
};

/* Zeroed memory that lives as long as the document, and a copy of text in it; NULL: none left. */
void *document_alloc(struct document *d, size_t bytes);
const char *document_copy(struct document *d, const char *text, size_t length);

/*
 * Read the parser's stream into d->root. Mistakes go into m, libfyaml's own by way of diag.
 * −EINVAL: there is no tree to go on with; −ENOMEM.
 */
int compose_document(struct document *d, struct fy_parser *parser, struct fy_diag *diag,
		     struct mistakes *m);

#endif
