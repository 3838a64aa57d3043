/* SPDX-License-Identifier: MIT */
/*
 * A walk over a document's text, member by member, that never holds more than one of them as a
 * tree: a result may have millions.
 */
#ifndef RESULT_JSON_WALK_H
#define RESULT_JSON_WALK_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A piece of JSON text: not NUL-terminated, not owned. */
struct json_slice {
	const char *text;
	size_t length;
};

/* Where in a text something is wrong; both from 1, columns in bytes. */
struct json_position {
	size_t line, column;
};
struct json_position json_position(const char *text, const char *at);

/*
 * Members of the object, or items of the array, that a text holds, one after the other. The values
 * themselves are cJSON's to parse.
 */
struct json_walk {
	const char *at, *end;
	const char *error; /* where the text is no JSON; NULL: nowhere yet */
	char close;        /* '}' or ']' */
	bool begun;
};

/* Begin with a text that holds an object or an array; others set error. */
void json_walk_begin(struct json_walk *w, struct json_slice text);

/*
 * Step to the next value: its member's name (objects; NULL for arrays, cJSON_Delete()d by the
 * caller) and where it starts. false: there is none, or the text is wrong (w->error). A value has
 * to be consumed with json_walk_parse(), json_walk_skip() or json_walk_enter() before the next
 * step.
 */
bool json_walk_next(struct json_walk *w, cJSON **ret_name);

/* The value as a tree, and its text. NULL: the text is wrong (w->error). */
cJSON *json_walk_parse(struct json_walk *w, struct json_slice *ret_text);

/*
 * Go past a value without looking at more of it than its brackets and strings: several times as
 * fast, but what is wrong inside is not seen.
 */
bool json_walk_skip(struct json_walk *w, struct json_slice *ret_text);

/* Step into the value, an object or an array; json_walk_leave() goes on behind it. */
void json_walk_enter(struct json_walk *w, struct json_walk *ret_inner);
void json_walk_leave(struct json_walk *w, const struct json_walk *inner);

/* Blanks only from here to the end of the text? */
bool json_walk_at_end(const struct json_walk *w);

/*
 * A member anywhere in a piece of valid JSON text as an exact whole number, or fallback. cJSON
 * keeps numbers as doubles, so what is above 2^53 is read from the text.
 */
uint64_t json_exact_u64(struct json_slice text, const char *name, uint64_t fallback);

#endif
