/* SPDX-License-Identifier: MIT */
/* The small schemas that the schemas of documents are put together from. All return fresh trees. */
#ifndef RESULT_SCHEMA_PARTS_H
#define RESULT_SCHEMA_PARTS_H

#include "ops/op.h"
#include "result/json.h"

#include <stdio.h>
#include <string.h>

/* {"type": type}; "integer|null" for either. */
static inline cJSON *type(const char *types)
{
	cJSON *schema = cJSON_CreateObject(), *array;
	const char *bar = strchr(types, '|');
	char first[16];

	if (!bar) {
		json_add_text(schema, "type", types);
		return schema;
	}
	snprintf(first, sizeof(first), "%.*s", (int)(bar - types), types);
	array = json_add_array(schema, "type");
	json_append_text(array, first);
	json_append_text(array, bar + 1);
	return schema;
}

static inline cJSON *described(cJSON *schema, const char *text)
{
	json_add_text(schema, "description", text);
	return schema;
}

/* Whole numbers from 0; cJSON's own integers end at 2^53, ours do not. */
static inline cJSON *count(void)
{
	cJSON *schema = type("integer");

	json_add_u64(schema, "minimum", 0);
	return schema;
}

static inline cJSON *count_or_null(void)
{
	cJSON *schema = type("integer|null");

	json_add_u64(schema, "minimum", 0);
	return schema;
}

static inline cJSON *pattern(const char *types, const char *expression)
{
	cJSON *schema = type(types);

	json_add_text(schema, "pattern", expression);
	return schema;
}

static inline cJSON *list(cJSON *items)
{
	cJSON *schema = type("array");

	json_add(schema, "items", items);
	return schema;
}

/* An object that may have only the members that member() adds to it. */
static inline cJSON *closed_object(void)
{
	cJSON *schema = type("object");

	json_add_object(schema, "properties");
	json_add_array(schema, "required");
	json_add_bool(schema, "additionalProperties", false);
	return schema;
}

static inline void optional(cJSON *object, const char *name, cJSON *schema)
{
	json_add_copied(cJSON_GetObjectItemCaseSensitive(object, "properties"), name, schema);
}

static inline void member(cJSON *object, const char *name, cJSON *schema)
{
	optional(object, name, schema);
	json_append_text(cJSON_GetObjectItemCaseSensitive(object, "required"), name);
}

static inline void members(cJSON *object, const char *const *names, cJSON *(*make)(void))
{
	for (; *names; names++)
		member(object, *names, make());
}

/* An object whose members all fit one schema. */
static inline cJSON *map_of(cJSON *values)
{
	cJSON *schema = type("object");

	json_add(schema, "additionalProperties", values);
	return schema;
}

static inline cJSON *text_or_null(void)
{
	return type("string|null");
}

static inline cJSON *number_or_null(void)
{
	return type("number|null");
}

static inline cJSON *text(void)
{
	return type("string");
}

static inline cJSON *better_schema(void)
{
	cJSON *schema = type("string"), *names = json_add_array(schema, "enum");

	for (enum better b = BETTER_LOWER; b <= BETTER_NEITHER; b++)
		json_append_text(names, better_name(b));
	return schema;
}

static inline cJSON *constant_text(const char *value)
{
	cJSON *schema = cJSON_CreateObject();

	json_add_text(schema, "const", value);
	return schema;
}

/* One of the schema's definitions. */
static inline cJSON *reference(const char *name)
{
	cJSON *schema = cJSON_CreateObject();
	char path[64];

	snprintf(path, sizeof(path), "#/$defs/%s", name);
	json_add_text(schema, "$ref", path);
	return schema;
}

static inline cJSON *one_of_words(const char *const *words)
{
	cJSON *schema = cJSON_CreateObject(), *list = json_add_array(schema, "enum");

	for (; *words; words++)
		json_append_text(list, *words);
	return schema;
}

/* Any of two schemas; the second may be NULL. */
static inline cJSON *either(cJSON *first, cJSON *second)
{
	cJSON *schema, *list;

	if (!second)
		return first;
	schema = cJSON_CreateObject();
	list = json_add_array(schema, "anyOf");
	json_append(list, first);
	json_append(list, second);
	return schema;
}

/* One item at least. */
static inline cJSON *list_of(cJSON *items)
{
	cJSON *schema = type("array");

	json_add(schema, "items", items);
	json_add_u64(schema, "minItems", 1);
	return schema;
}

/* A mapping with these members and no others. */
static inline cJSON *closed(cJSON *properties)
{
	cJSON *schema = type("object");

	json_add(schema, "properties", properties);
	json_add_bool(schema, "additionalProperties", false);
	return schema;
}

/* A plain scalar of any type: words that hold only digits are numbers in JSON. */
static inline cJSON *any_word(void)
{
	cJSON *schema = cJSON_CreateObject(), *list = json_add_array(schema, "type");

	json_append_text(list, "string");
	json_append_text(list, "number");
	return schema;
}

/* Objects that have the member. */
static inline cJSON *requiring(const char *name)
{
	cJSON *schema = cJSON_CreateObject();

	json_append_text(json_add_array(schema, "required"), name);
	return schema;
}

static inline cJSON *counts_object(const char *const *names)
{
	cJSON *schema = closed_object();

	members(schema, names, count);
	return schema;
}

#endif
