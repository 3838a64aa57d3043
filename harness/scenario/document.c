/* SPDX-License-Identifier: MIT */
#include "scenario/document.h"

#include "scenario/compose.h"
#include "scenario/syntax.h"

#include <errno.h>
#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>

struct piece { /* of memory that lives as long as the document */
	struct piece *next;
	max_align_t data[];
};

void *document_alloc(struct document *d, size_t bytes)
{
	struct piece *piece = calloc(1, sizeof(*piece) + bytes);

	if (!piece)
		return NULL;
	piece->next = d->pieces;
	d->pieces = piece;
	return piece->data;
}

const char *document_copy(struct document *d, const char *text, size_t length)
{
	char *copy = document_alloc(d, length + 1);

	if (copy && length)
		memcpy(copy, text, length);
	return copy;
}

void document_free(struct document *d)
{
	struct piece *piece, *next;

	if (!d)
		return;
	for (piece = d->pieces; piece; piece = next) {
		next = piece->next;
		free(piece);
	}
	free(d);
}

const struct node *document_root(const struct document *d)
{
	return d->root;
}

const struct node *node_find(const struct node *mapping, const char *key,
			     const struct node **ret_key)
{
	if (mapping->kind != NODE_MAPPING)
		return NULL;
	for (unsigned int i = 0; i < mapping->nr; i++) {
		if (mapping->keys[i]->kind != NODE_SCALAR ||
		    strcmp(mapping->keys[i]->text, key) != 0)
			continue;
		if (ret_key)
			*ret_key = mapping->keys[i];
		return mapping->items[i];
	}
	return NULL;
}

static struct fy_diag *quiet_diag(void)
{
	struct fy_diag_cfg config;
	struct fy_diag *diag;

	fy_diag_cfg_default(&config);
	config.fp = NULL;
	config.output_fn = NULL;
	diag = fy_diag_create(&config);
	if (diag)
		fy_diag_set_collect_errors(diag, true);
	return diag;
}

static int parse(struct document *d, const char *text, size_t length, struct mistakes *m)
{
	struct fy_parse_cfg config = { .flags = FYPCF_COLLECT_DIAG | FYPCF_DEFAULT_VERSION_1_2 |
						FYPCF_JSON_NONE };
	struct fy_parser *parser;
	int r = -ENOMEM;

	config.diag = quiet_diag();
	if (!config.diag)
		return r;
	parser = fy_parser_create(&config);
	/* An empty string would be taken for an error. */
	if (parser && !fy_parser_set_string(parser, text, length))
		r = compose_document(d, parser, config.diag, m);
	if (parser)
		fy_parser_destroy(parser);
	fy_diag_destroy(config.diag);
	return r;
}

int document_parse(const char *text, size_t length, struct mistakes *m, struct document **ret)
{
	struct document *d;
	int r;

	if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		length -= 3;
	}
	m->text = text;
	m->length = length;
	r = syntax_check(text, length, m);
	if (r)
		return r;
	d = calloc(1, sizeof(*d));
	r = d ? parse(d, text, length, m) : -ENOMEM;
	if (r == -ENOMEM && !m->nr_errors)
		mistakes_add(m, (struct position){ 0 }, "out of memory");
	if (r)
		document_free(d);
	else
		*ret = d;
	return r;
}
