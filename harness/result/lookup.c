/* SPDX-License-Identifier: MIT */
/* Finding things in a result that was read. */
#include "result/json.h"
#include "result/read.h"
#include "result/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int64_t result_cell_index(const struct result *r, uint64_t number)
{
	uint32_t found;

	if (!r->store->nr_slots)
		return -ENOENT;
	found = r->store->slots[store_slot(r->store, r->cells, number)];
	return found ? (int64_t)found - 1 : -ENOENT;
}

int result_axis_index(const struct result *r, const char *name)
{
	for (unsigned int i = 0; i < r->nr_axes; i++)
		if (strcmp(r->axes[i].name, name) == 0)
			return (int)i;
	return -ENOENT;
}

int result_metric_index(const struct result *r, const char *name)
{
	for (unsigned int i = 0; i < r->nr_metrics; i++)
		if (strcmp(r->metrics[i].name, name) == 0)
			return (int)i;
	return -ENOENT;
}

/* The item at a path, or NULL. */
static const cJSON *find(const struct result *r, const char *path)
{
	const cJSON *item = r->store->context;
	char part[256];

	while (item && *path) {
		size_t length = strcspn(path, "/");

		if (length >= sizeof(part))
			return NULL;
		memcpy(part, path, length);
		part[length] = '\0';
		item = cJSON_IsArray(item) ? cJSON_GetArrayItem(item, atoi(part))
					   : cJSON_GetObjectItemCaseSensitive(item, part);
		path += length + (path[length] == '/');
	}
	return item;
}

const char *result_text(const struct result *r, const char *path)
{
	return cJSON_GetStringValue(find(r, path));
}

double result_number(const struct result *r, const char *path, double fallback)
{
	const cJSON *item = find(r, path);

	return cJSON_IsNumber(item) ? item->valuedouble : fallback;
}

static void visit_leaf(const cJSON *item, const char *path,
		       void (*visit)(void *context, const char *path, const char *text),
		       void *context)
{
	char number[JSON_DOUBLE_MAX];

	if (cJSON_IsString(item))
		visit(context, path, item->valuestring);
	else if (cJSON_IsNumber(item))
		visit(context, path, json_format_double(item->valuedouble, number));
	else if (cJSON_IsBool(item))
		visit(context, path, cJSON_IsTrue(item) ? "true" : "false");
	else
		visit(context, path, "null");
}

static void visit_tree(const cJSON *item, const char *path,
		       void (*visit)(void *context, const char *path, const char *text),
		       void *context)
{
	const cJSON *child;
	char below[512];
	unsigned int i = 0;

	if (!cJSON_IsObject(item) && !cJSON_IsArray(item)) {
		visit_leaf(item, path, visit, context);
		return;
	}
	cJSON_ArrayForEach(child, item)
	{
		if (child->string)
			snprintf(below, sizeof(below), "%s/%s", path, child->string);
		else
			snprintf(below, sizeof(below), "%s/%u", path, i++);
		visit_tree(child, below, visit, context);
	}
}

void result_visit(const struct result *r, const char *path,
		  void (*visit)(void *context, const char *path, const char *text), void *context)
{
	const cJSON *item = find(r, path);

	if (item)
		visit_tree(item, path, visit, context);
}

void result_hist_merge(const struct result_hist *from, struct hist *into)
{
	if (!from->n)
		return;
	into->n += from->n;
	into->sum += from->sum;
	into->min = from->min < into->min ? from->min : into->min;
	into->max = from->max > into->max ? from->max : into->max;
	for (unsigned int i = 0; i < from->nr_buckets; i++)
		into->count[from->buckets[i].index] += from->buckets[i].count;
}
