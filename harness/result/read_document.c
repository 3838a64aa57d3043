/* SPDX-License-Identifier: MIT */
/* A finished document: one JSON object. */
#include "result/read_parts.h"

#include "base/cleanup.h"

#include <errno.h>
#include <string.h>

/*
 * Does the file end where it should not? Then it was cut, and no more is to be said of it. cJSON
 * says where a string begins that does not end, so brackets and quotes are looked at too; a file
 * that ends as documents do has its mistake inside.
 */
static bool is_cut(const struct reader *rd, const char *at)
{
	struct json_walk w = { .at = rd->text, .end = rd->text + rd->length };
	const char *last = w.end;

	while (last > rd->text && strchr(" \t\r\n", last[-1]))
		last--;
	if (at >= last)
		return true;
	return !json_walk_skip(&w, NULL) && strcmp(last - 1, "}\n") != 0;
}

static int not_json(struct reader *rd, const char *at)
{
	struct json_position p = json_position(rd->text, at);

	if (rd->text[strspn(rd->text, " \t\r\n")] != '{')
		return error_set(rd->err, -EINVAL,
				 "%s: is no result of overmap: it is no JSON object", rd->path);
	if (is_cut(rd, at))
		return error_set(rd->err, -EINVAL,
				 "%s: is cut short: the file ends in line %zu, inside the document",
				 rd->path, json_position(rd->text, rd->text + rd->length).line);
	return error_set(rd->err, -EINVAL, "%s:%zu:%zu: is not valid JSON from here", rd->path,
			 p.line, p.column);
}

/* The items of the list that the walk stands before. */
static int read_list(struct reader *rd, struct json_walk *w,
		     int (*read_one)(struct reader *rd, struct json_walk *w))
{
	struct json_walk inner;
	int r = 0;

	json_walk_enter(w, &inner);
	while (!r && json_walk_next(&inner, NULL))
		r = read_one(rd, &inner);
	json_walk_leave(w, &inner);
	return r;
}

/* Lists that come before what they refer to, in a document that someone has sorted. */
struct postponed {
	struct json_slice cells, repetitions;
};

static bool ready_for(const struct reader *rd, const char *name)
{
	if (!rd->r->axes || !rd->r->metrics)
		return false;
	return strcmp(name, "cells") == 0 || rd->seen_cells;
}

static int document_member(struct reader *rd, struct json_walk *w, const char *name,
			   struct postponed *later)
{
	bool cells = strcmp(name, "cells") == 0;
	struct json_slice text;
	cJSON *value;

	if (cells || strcmp(name, "repetitions") == 0) {
		if (!ready_for(rd, name)) {
			json_walk_skip(w, cells ? &later->cells : &later->repetitions);
			return 0;
		}
		*(cells ? &rd->seen_cells : &rd->seen_repetitions) = true;
		return read_list(rd, w, cells ? read_one_cell : read_one_repetition);
	}
	value = json_walk_parse(w, &text);
	return value ? read_member(rd, name, value, text) : 0;
}

static int read_postponed(struct reader *rd, struct postponed *later)
{
	const char *names[] = { "cells", "repetitions" };
	struct json_slice texts[] = { later->cells, later->repetitions };
	int r = 0;

	for (size_t i = 0; !r && i < ARRAY_LENGTH(names); i++) {
		struct json_walk w;

		if (!texts[i].length || !ready_for(rd, names[i]))
			continue;
		w = (struct json_walk){ .at = texts[i].text,
					.end = texts[i].text + texts[i].length };
		r = document_member(rd, &w, names[i], later);
		if (!r && w.error)
			r = not_json(rd, w.error);
	}
	return r;
}

int read_document(struct reader *rd)
{
	struct postponed later = { { 0 }, { 0 } };
	struct json_walk w;
	cJSON *name;
	int r = 0;

	json_walk_begin(&w, (struct json_slice){ rd->text, rd->length });
	while (!r && json_walk_next(&w, &name)) {
		r = document_member(rd, &w, name->valuestring, &later);
		cJSON_Delete(name);
	}
	if (r)
		return r;
	if (w.error || !json_walk_at_end(&w))
		return not_json(rd, w.error ? w.error : w.at);
	if (!rd->seen_tag)
		return read_foreign(rd);
	r = read_postponed(rd, &later);
	if (!r && (!rd->seen_cells || !rd->seen_repetitions))
		r = error_set(rd->err, -EINVAL, "%s: lacks its axes, metrics, cells or repetitions",
			      rd->path);
	return r;
}
