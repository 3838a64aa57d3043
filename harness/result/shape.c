/* SPDX-License-Identifier: MIT */
#include "result/shape.h"

#include "stats/hist.h"

#include <math.h>
#include <string.h>

static const char *const not_so[] = {
	[SHAPE_TEXT] = "neither a text nor null",
	[SHAPE_FLAG] = "neither true, false nor null",
	[SHAPE_COUNT] = "no whole number from 0",
	[SHAPE_KNOWN] = "neither a whole number from 0 nor null",
	[SHAPE_NUMBER] = "neither a number nor null",
	[SHAPE_OBJECT] = "neither an object nor null",
	[SHAPE_OBJECTS] = "no list of objects",
	[SHAPE_TEXTS] = "no list of texts",
	[SHAPE_BUCKETS] = "no list of pairs of an index and a count",
};

bool shape_is_count(const cJSON *item, uint64_t *ret)
{
	if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0) || item->valuedouble >= 0x1p64 ||
	    item->valuedouble != floor(item->valuedouble))
		return false;
	*ret = (uint64_t)item->valuedouble;
	return true;
}

/* The same for those that need 64 bits: the largest of them become 2^64 as a double. */
static bool is_wide_count(const cJSON *item)
{
	uint64_t count;

	return shape_is_count(item, &count) ||
	       (cJSON_IsNumber(item) && item->valuedouble == 0x1p64);
}

static bool is_text(const cJSON *item)
{
	return cJSON_IsString(item);
}

static bool is_object(const cJSON *item)
{
	return cJSON_IsObject(item);
}

static bool is_bucket(const cJSON *item)
{
	uint64_t index, count;

	return cJSON_GetArraySize(item) == 2 && shape_is_count(item->child, &index) &&
	       index < HIST_BUCKETS && shape_is_count(item->child->next, &count);
}

static bool is_list(const cJSON *list, bool (*is)(const cJSON *item))
{
	const cJSON *item;

	cJSON_ArrayForEach(item, list)
	{
		if (!is(item))
			return false;
	}
	return cJSON_IsArray(list);
}

static bool is_kind(const cJSON *item, enum shape_kind kind)
{
	switch (kind) {
	case SHAPE_TEXT:
		return cJSON_IsNull(item) || cJSON_IsString(item);
	case SHAPE_FLAG:
		return cJSON_IsNull(item) || cJSON_IsBool(item);
	case SHAPE_COUNT:
		return is_wide_count(item);
	case SHAPE_KNOWN:
		return cJSON_IsNull(item) || is_wide_count(item);
	case SHAPE_NUMBER:
		return cJSON_IsNull(item) || (cJSON_IsNumber(item) && isfinite(item->valuedouble));
	case SHAPE_OBJECT:
		return cJSON_IsNull(item) || cJSON_IsObject(item);
	case SHAPE_OBJECTS:
		return is_list(item, is_object);
	case SHAPE_TEXTS:
		return is_list(item, is_text);
	case SHAPE_BUCKETS:
		return is_list(item, is_bucket);
	}
	return false;
}

/* The member of that name, looked for from *next on: they come in the order of the table. */
static const struct shape *find(const struct shape *members, const char *name, size_t *next)
{
	for (size_t i = *next; members[i].name; i++)
		if (strcmp(members[i].name, name) == 0) {
			*next = i + 1;
			return &members[i];
		}
	for (size_t i = 0; i < *next; i++)
		if (strcmp(members[i].name, name) == 0)
			return &members[i];
	return NULL;
}

static bool below_fits(const cJSON *item, const struct shape *shape, struct error *ret_what)
{
	const cJSON *each;
	struct error below;
	bool fits = true;

	if (!shape->members)
		return true;
	if (shape->kind == SHAPE_OBJECT)
		fits = shape_fits(item, shape->members, &below);
	else
		cJSON_ArrayForEach(each, item)
		{
			fits = fits && shape_fits(each, shape->members, &below);
		}
	if (!fits)
		/* below begins with a quote. */
		error_set(ret_what, 0, "\"%s.%s", shape->name, below.text + 1);
	return fits;
}

bool shape_fits(const cJSON *object, const struct shape *members, struct error *ret_what)
{
	const cJSON *item;
	size_t next = 0;

	cJSON_ArrayForEach(item, object)
	{
		const struct shape *shape = find(members, item->string, &next);

		if (!shape)
			continue;
		if (!is_kind(item, shape->kind)) {
			error_set(ret_what, 0, "\"%s\" is %s", shape->name, not_so[shape->kind]);
			return false;
		}
		if (!below_fits(item, shape, ret_what))
			return false;
	}
	return true;
}
