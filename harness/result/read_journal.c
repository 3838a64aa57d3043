/* SPDX-License-Identifier: MIT */
/* A journal: a line is an object with one member. */
#include "result/read_parts.h"

#include "base/cleanup.h"
#include "result/store.h"

#include <errno.h>
#include <string.h>

/* Members of the header, or of an end: run is one object that both add to. */
static int read_members(struct reader *rd, struct json_walk *w)
{
	struct json_walk inner;
	struct json_slice text;
	cJSON *name, *value;
	int r = 0;

	json_walk_enter(w, &inner);
	while (!r && json_walk_next(&inner, &name)) {
		value = json_walk_parse(&inner, &text);
		if (value)
			r = read_member(rd, name->valuestring, value, text);
		cJSON_Delete(name);
	}
	json_walk_leave(w, &inner);
	return r;
}

static int read_end(struct reader *rd, struct json_walk *w)
{
	cJSON *end = json_walk_parse(w, NULL), *run, *into, *item;

	if (!end)
		return 0;
	run = cJSON_GetObjectItemCaseSensitive(end, "run");
	into = cJSON_GetObjectItemCaseSensitive(rd->r->store->context, "run");
	rd->r->complete = !json_get_text(run, "signal");
	while (run && into && (item = cJSON_DetachItemFromArray(run, 0))) {
		cJSON_DeleteItemFromObjectCaseSensitive(into, item->string);
		json_add_copied(into, item->string, item);
	}
	cJSON_Delete(end);
	return 0;
}

static int read_one_warning(struct reader *rd, struct json_walk *w)
{
	struct json_slice text;
	cJSON *item = json_walk_parse(w, &text);
	int r = item ? decode_warning(rd, item, text) : 0;

	cJSON_Delete(item);
	return r;
}

static int journal_line(struct reader *rd, struct json_slice line)
{
	static const struct {
		const char *kind;
		int (*read)(struct reader *rd, struct json_walk *w);
	} kinds[] = {
		{ "header", read_members },
		{ "cell", read_one_cell },
		{ "repetition", read_one_repetition },
		{ "warning", read_one_warning },
		{ "end", read_end },
	};
	struct json_walk w;
	cJSON *name;
	int r = 0;

	rd->r->complete = false;
	json_walk_begin(&w, line);
	while (!r && json_walk_next(&w, &name)) {
		size_t i = 0;

		while (i < ARRAY_LENGTH(kinds) && strcmp(kinds[i].kind, name->valuestring) != 0)
			i++;
		if (i < ARRAY_LENGTH(kinds))
			r = kinds[i].read(rd, &w);
		else
			json_walk_skip(&w, NULL);
		cJSON_Delete(name);
	}
	if (!r && w.error) {
		struct json_position p = json_position(rd->text, w.error);

		r = error_set(rd->err, -EINVAL, "%s:%zu:%zu: is not valid JSON from here", rd->path,
			      p.line, p.column);
	}
	return r;
}

int read_journal(struct reader *rd)
{
	const char *at = rd->text, *end = rd->text + rd->length, *newline;
	int r = 0;

	rd->r->from_journal = true;
	/* What follows the last newline was being written when the run died. */
	while (!r && (newline = memchr(at, '\n', (size_t)(end - at)))) {
		r = journal_line(rd, (struct json_slice){ at, (size_t)(newline - at) });
		at = newline + 1;
	}
	if (!r && !rd->seen_tag)
		r = error_set(rd->err, -EINVAL,
			      "%s: is cut short: the run died before it recorded anything",
			      rd->path);
	return r;
}
