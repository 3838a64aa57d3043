/* SPDX-License-Identifier: MIT */
#include "result/document_json.h"

#include "base/size.h"
#include "result/json.h"

#include <string.h>

static cJSON *scalar_json(const struct node *node)
{
	uint64_t number;

	if (node->plain && strcmp(node->text, "true") == 0)
		return cJSON_CreateTrue();
	if (node->plain && strcmp(node->text, "false") == 0)
		return cJSON_CreateFalse();
	if (node->plain && count_parse(node->text, &number, NULL) == 0)
		return cJSON_CreateRaw(node->text);
	return json_text(node->text);
}

static cJSON *node_json(const struct node *node)
{
	cJSON *json;

	switch (node->kind) {
	case NODE_SCALAR:
		return scalar_json(node);
	case NODE_LIST:
		json = cJSON_CreateArray();
		for (unsigned int i = 0; i < node->nr; i++)
			json_append(json, node_json(node->items[i]));
		return json;
	case NODE_MAPPING:
		json = cJSON_CreateObject();
		for (unsigned int i = 0; i < node->nr; i++)
			json_add_copied(json, node->keys[i]->text, node_json(node->items[i]));
		return json;
	case NODE_NULL:
	case NODE_BROKEN:
		break;
	}
	return cJSON_CreateNull();
}

int document_write_json(const struct node *root, FILE *out)
{
	return json_write(node_json(root), false, out, NULL);
}
