/* SPDX-License-Identifier: MIT */
#include "result/json_walk.h"

#include "result/harmless.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct json_position json_position(const char *text, const char *at)
{
	struct json_position p = { .line = 1, .column = 1 };

	for (; text < at; text++) {
		p.column++;
		if (*text == '\n') {
			p.line++;
			p.column = 1;
		}
	}
	return p;
}

static void skip_blanks(struct json_walk *w)
{
	while (w->at < w->end &&
	       (*w->at == ' ' || *w->at == '\n' || *w->at == '\t' || *w->at == '\r'))
		w->at++;
}

static bool wrong(struct json_walk *w)
{
	if (!w->error)
		w->error = w->at;
	return false;
}

/* Go past one character of punctuation; false: something else is there. */
static bool take(struct json_walk *w, char c)
{
	skip_blanks(w);
	if (w->error || w->at == w->end || *w->at != c)
		return false;
	w->at++;
	return true;
}

void json_walk_begin(struct json_walk *w, struct json_slice text)
{
	*w = (struct json_walk){ .at = text.text, .end = text.text + text.length };
	if (take(w, '{'))
		w->close = '}';
	else if (take(w, '['))
		w->close = ']';
	else
		wrong(w);
}

bool json_walk_next(struct json_walk *w, cJSON **ret_name)
{
	cJSON *name = NULL;

	if (ret_name)
		*ret_name = NULL;
	if (w->error || !w->close)
		return false;
	if ((w->close == '}') != (ret_name != NULL))
		return wrong(w);
	if (take(w, w->close)) {
		w->close = '\0';
		return false;
	}
	if (w->begun && !take(w, ','))
		return wrong(w);
	w->begun = true;
	skip_blanks(w);
	if (!ret_name)
		return true;
	if (w->at == w->end || *w->at != '"')
		return wrong(w);
	name = json_walk_parse(w, NULL);
	if (!name)
		return false;
	if (!take(w, ':')) {
		cJSON_Delete(name);
		return wrong(w);
	}
	skip_blanks(w);
	*ret_name = name;
	return true;
}

cJSON *json_walk_parse(struct json_walk *w, struct json_slice *ret_text)
{
	const char *behind = NULL;
	cJSON *item;

	if (w->error)
		return NULL;
	if (w->at == w->end) {
		wrong(w);
		return NULL;
	}
	item = cJSON_ParseWithLengthOpts(w->at, (size_t)(w->end - w->at), &behind, false);
	if (!item) {
		w->at = behind ? behind : w->at;
		wrong(w);
		return NULL;
	}
	harmless_tree(item);
	if (ret_text)
		*ret_text = (struct json_slice){ w->at, (size_t)(behind - w->at) };
	w->at = behind;
	return item;
}

/* Behind the string that begins at `at`, or NULL: it does not end. */
static const char *behind_string(const char *at, const char *end)
{
	for (at++; at < end && *at != '"'; at++)
		if (*at == '\\')
			at++;
	return at < end ? at + 1 : NULL;
}

bool json_walk_skip(struct json_walk *w, struct json_slice *ret_text)
{
	const char *at = w->at;
	size_t depth = 0;

	if (w->error)
		return false;
	while (at && at < w->end) {
		char c = *at;

		if (!depth && (c == ',' || c == '}' || c == ']'))
			break;
		if (c == '"') {
			at = behind_string(at, w->end);
			continue;
		}
		depth += c == '{' || c == '[';
		depth -= c == '}' || c == ']';
		at++;
	}
	if (!at || depth) {
		w->at = w->end;
		return wrong(w);
	}
	if (ret_text)
		*ret_text = (struct json_slice){ w->at, (size_t)(at - w->at) };
	w->at = at;
	return true;
}

void json_walk_enter(struct json_walk *w, struct json_walk *ret_inner)
{
	json_walk_begin(ret_inner, (struct json_slice){ w->at, (size_t)(w->end - w->at) });
}

void json_walk_leave(struct json_walk *w, const struct json_walk *inner)
{
	w->at = inner->at;
	if (inner->error)
		w->error = inner->error;
}

bool json_walk_at_end(const struct json_walk *w)
{
	struct json_walk rest = *w;

	skip_blanks(&rest);
	return rest.at == rest.end;
}

uint64_t json_exact_u64(struct json_slice text, const char *name, uint64_t fallback)
{
	struct json_walk w = { .at = text.text, .end = text.text + text.length };
	char quoted[64], digits[24];
	size_t length = (size_t)snprintf(quoted, sizeof(quoted), "\"%s\"", name), n;

	/* In a string every quote has a backslash before it, so this with a colon is a member. */
	while ((w.at = memmem(w.at, (size_t)(w.end - w.at), quoted, length))) {
		w.at += length;
		if (!take(&w, ':'))
			continue;
		skip_blanks(&w);
		for (n = 0; w.at < w.end && n < sizeof(digits) - 1; n++, w.at++) {
			if (!isdigit((unsigned char)*w.at))
				break;
			digits[n] = *w.at;
		}
		digits[n] = '\0';
		if (n && (w.at == w.end || !strchr(".eE", *w.at)))
			return strtoull(digits, NULL, 10);
		return fallback;
	}
	return fallback;
}
