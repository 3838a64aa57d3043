/* SPDX-License-Identifier: MIT */
#include "result/json.h"

#include "base/cleanup.h"
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *json_format_double(double value, char ret[static JSON_DOUBLE_MAX])
{
	if (!isfinite(value)) {
		snprintf(ret, JSON_DOUBLE_MAX, "null");
		return ret;
	}
	/* What %.15g would make of a whole number, several times as fast: most numbers are. */
	if (fabs(value) < 1e15 && value == (double)(int64_t)value &&
	    (value != 0 || !signbit(value))) {
		snprintf(ret, JSON_DOUBLE_MAX, "%" PRId64, (int64_t)value);
		return ret;
	}
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(ret, JSON_DOUBLE_MAX, "%.*g", digits, value);
		if (strtod(ret, NULL) == value)
			break;
	}
	return ret;
}

static cJSON *number_u64(uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	return cJSON_CreateRaw(text);
}

static cJSON *number_double(double value)
{
	char text[JSON_DOUBLE_MAX];

	return cJSON_CreateRaw(json_format_double(value, text));
}

/* Fresh memory: text with what is no UTF-8 replaced; NULL: memory ran out. */
static char *utf8_repaired(const char *text)
{
	const char *at = text;
	char *fresh = malloc(3 * strlen(text) + 1), *to = fresh;

	if (!fresh)
		return NULL;
	while (*at) {
		size_t n = text_utf8_length(at);

		if (n) {
			memcpy(to, at, n);
		} else {
			memcpy(to, "\xef\xbf\xbd", 3);
		}
		to += n ? n : 3;
		at += n ? n : 1;
	}
	*to = '\0';
	return fresh;
}

cJSON *json_text(const char *text)
{
	const char *at = text;
	char *repaired;
	cJSON *item;

	while (*at && text_utf8_length(at))
		at += text_utf8_length(at);
	if (!*at)
		return cJSON_CreateString(text);
	repaired = utf8_repaired(text);
	item = repaired ? cJSON_CreateString(repaired) : NULL;
	free(repaired);
	return item;
}

/*
 * Memory that runs out half-way must not pass as a shorter document. An item of type invalid makes
 * cJSON refuse to print the whole.
 */
static void spoil(cJSON *parent)
{
	/* The higher bits say who owns its name. */
	if (parent)
		parent->type = (parent->type & ~0xff) | cJSON_Invalid;
}

void json_add(cJSON *object, const char *name, cJSON *item)
{
	if (!item || !cJSON_AddItemToObjectCS(object, name, item)) {
		cJSON_Delete(item);
		spoil(object);
	}
}

void json_add_copied(cJSON *object, const char *name, cJSON *item)
{
	if (!item || !cJSON_AddItemToObject(object, name, item)) {
		cJSON_Delete(item);
		spoil(object);
	}
}

void json_append(cJSON *array, cJSON *item)
{
	if (!item || !cJSON_AddItemToArray(array, item)) {
		cJSON_Delete(item);
		spoil(array);
	}
}

void json_add_u64(cJSON *object, const char *name, uint64_t value)
{
	json_add(object, name, number_u64(value));
}

void json_add_double(cJSON *object, const char *name, double value)
{
	json_add(object, name, number_double(value));
}

void json_add_bool(cJSON *object, const char *name, bool value)
{
	json_add(object, name, cJSON_CreateBool(value));
}

void json_add_text(cJSON *object, const char *name, const char *text)
{
	json_add(object, name, text ? json_text(text) : cJSON_CreateNull());
}

void json_add_null(cJSON *object, const char *name)
{
	json_add(object, name, cJSON_CreateNull());
}

cJSON *json_add_object(cJSON *object, const char *name)
{
	cJSON *item = cJSON_CreateObject();

	json_add(object, name, item);
	return item;
}

cJSON *json_add_array(cJSON *object, const char *name)
{
	cJSON *item = cJSON_CreateArray();

	json_add(object, name, item);
	return item;
}

void json_append_u64(cJSON *array, uint64_t value)
{
	json_append(array, number_u64(value));
}

void json_append_double(cJSON *array, double value)
{
	json_append(array, number_double(value));
}

void json_append_text(cJSON *array, const char *text)
{
	json_append(array, json_text(text));
}

char *json_print(const cJSON *item)
{
	return item ? cJSON_PrintBuffered(item, 4096, false) : NULL;
}

int json_write(cJSON *document, bool lines, FILE *out, struct error *err)
{
	AUTO_FREE char *text = lines && document ? cJSON_Print(document) : json_print(document);

	cJSON_Delete(document);
	if (!text)
		return error_set(err, -ENOMEM, "out of memory");
	if (fprintf(out, "%s\n", text) < 0 || fflush(out))
		return error_set_errno(err, -errno, "cannot write");
	return 0;
}

double json_get_double(const cJSON *object, const char *name, double fallback)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	return cJSON_IsNumber(item) ? item->valuedouble : fallback;
}

uint64_t json_get_u64(const cJSON *object, const char *name, uint64_t fallback)
{
	double value = json_get_double(object, name, -1);

	/* 2^64 as a double; at and above it the conversion is undefined. */
	return value < 0 ? fallback : value < 0x1p64 ? (uint64_t)value : UINT64_MAX;
}

const char *json_get_text(const cJSON *object, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}
