/* SPDX-License-Identifier: MIT */
/*
 * What cJSON lacks for results: whole numbers exact to 64 bits, doubles that read back to the same
 * bits, and text that is always valid UTF-8. Only this room sees cJSON.
 */
#ifndef RESULT_JSON_H
#define RESULT_JSON_H

#include "base/error.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Room for json_format_double(). */
#define JSON_DOUBLE_MAX 32

/*
 * The shortest decimal text of 15 to 17 significant digits that reads back to the same double;
 * "null" for NaN and infinities, which JSON does not know. Returns ret.
 */
char *json_format_double(double value, char ret[static JSON_DOUBLE_MAX]);

/*
 * Add a member. name must outlive the object. Memory that runs out is not seen here but when the
 * whole is printed: see json_print().
 */
void json_add_u64(cJSON *object, const char *name, uint64_t value);
void json_add_double(cJSON *object, const char *name, double value);
void json_add_bool(cJSON *object, const char *name, bool value);
/* NULL: null. Bytes that are no UTF-8 become U+FFFD. */
void json_add_text(cJSON *object, const char *name, const char *text);
void json_add_null(cJSON *object, const char *name);
/* Add a member made elsewhere; item may be NULL (memory ran out). */
void json_add(cJSON *object, const char *name, cJSON *item);
/* The same with a name that is copied. */
void json_add_copied(cJSON *object, const char *name, cJSON *item);
cJSON *json_add_object(cJSON *object, const char *name);
cJSON *json_add_array(cJSON *object, const char *name);

/* Append to an array. */
void json_append_u64(cJSON *array, uint64_t value);
void json_append_double(cJSON *array, double value);
void json_append_text(cJSON *array, const char *text);
void json_append(cJSON *array, cJSON *item);

/* A string item; text as of json_add_text(). NULL: memory ran out. */
cJSON *json_text(const char *text);

/* On one line, fresh memory for free(); NULL: memory ran out. */
char *json_print(const cJSON *item);

/*
 * Print it with a newline, and let go of it; lines: a member a line, indented. −ENOMEM, or −errno
 * where the stream failed, with the sentence.
 */
int json_write(cJSON *document, bool lines, FILE *out, struct error *err);

/* Members of a tree, with what to take where there is none of that type. */
double json_get_double(const cJSON *object, const char *name, double fallback);
uint64_t json_get_u64(const cJSON *object, const char *name, uint64_t fallback);
const char *json_get_text(const cJSON *object, const char *name);

#endif
