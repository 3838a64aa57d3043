/* SPDX-License-Identifier: MIT */
#include "result/read.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "result/decode.h"
#include "result/journal.h"
#include "result/store.h"
#include "result/write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

static int foreign(struct reader *rd)
{
	return error_set(rd->err, -EINVAL,
			 "%s: is no result of overmap: it lacks \"overmap\": \"result\"", rd->path);
}

static int check_schema(struct reader *rd, double schema)
{
	if (schema == RESULT_SCHEMA)
		return 0;
	if (schema > RESULT_SCHEMA)
		return error_set(rd->err, -EINVAL,
				 "%s: has result schema %g, this overmap knows up to %d: read it "
				 "with a newer overmap",
				 rd->path, schema, RESULT_SCHEMA);
	return error_set(rd->err, -EINVAL, "%s: has no result schema that is known", rd->path);
}

/* One repetition as a tree, less its steps where nobody asked for them: they are most of the text.
 */
static cJSON *parse_repetition(struct reader *rd, struct json_walk *w, struct json_slice *ret_text)
{
	const char *start = w->at;
	struct json_walk inner;
	cJSON *object, *name;

	if (rd->flags & RESULT_STEPS)
		return json_walk_parse(w, ret_text);
	object = cJSON_CreateObject();
	json_walk_enter(w, &inner);
	while (json_walk_next(&inner, &name)) {
		if (strcmp(name->valuestring, "steps") == 0) {
			json_walk_skip(&inner, NULL);
		} else {
			cJSON *value = json_walk_parse(&inner, NULL);

			if (value)
				json_add_copied(object, name->valuestring, value);
		}
		cJSON_Delete(name);
	}
	json_walk_leave(w, &inner);
	if (w->error) {
		cJSON_Delete(object);
		return NULL;
	}
	*ret_text = (struct json_slice){ start, (size_t)(w->at - start) };
	return object;
}

static int read_one_cell(struct reader *rd, struct json_walk *w)
{
	struct json_slice text;
	cJSON *item = json_walk_parse(w, &text);
	int r = item ? decode_cell(rd, item, text) : 0;

	cJSON_Delete(item);
	return r;
}

static int read_one_repetition(struct reader *rd, struct json_walk *w)
{
	struct json_slice text;
	cJSON *item = parse_repetition(rd, w, &text);
	int r = item ? decode_repetition(rd, item, text) : 0;

	cJSON_Delete(item);
	return r;
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

/* A member of the head or of the end, kept for result_text() and its like. Takes value. */
static int read_member(struct reader *rd, const char *name, cJSON *value, struct json_slice text)
{
	struct result *r = rd->r;
	const cJSON *item;
	int error = 0;

	if (strcmp(name, "overmap") == 0) {
		rd->seen_tag = cJSON_IsString(value) && strcmp(value->valuestring, "result") == 0;
		if (!rd->seen_tag)
			error = foreign(rd);
	} else if (strcmp(name, "schema") == 0) {
		error = check_schema(rd, cJSON_IsNumber(value) ? value->valuedouble : 0);
	} else if (strcmp(name, "complete") == 0) {
		r->complete = cJSON_IsTrue(value);
		if (!cJSON_IsBool(value))
			error = wrong_at(rd, text.text, "\"complete\" is neither true nor false");
	} else if (strcmp(name, "axes") == 0 && !r->axes) {
		error = decode_axes(rd, value);
	} else if (strcmp(name, "metrics") == 0 && !r->metrics) {
		error = decode_metrics(rd, value);
	} else if (strcmp(name, "warnings") == 0) {
		if (!cJSON_IsArray(value))
			error = wrong_at(rd, text.text, "\"warnings\" is no list");
		cJSON_ArrayForEach(item, value)
		{
			if (!error)
				error = decode_warning(rd, item, text);
		}
	} else if (strcmp(name, "run") == 0) {
		r->seed = json_exact_u64(text, "seed", r->seed);
	}
	json_add_copied(r->store->context, name, value);
	return error;
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

static int read_document(struct reader *rd)
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
		return foreign(rd);
	r = read_postponed(rd, &later);
	if (!r && (!rd->seen_cells || !rd->seen_repetitions))
		r = error_set(rd->err, -EINVAL, "%s: lacks its axes, metrics, cells or repetitions",
			      rd->path);
	return r;
}

/* The journal: a line is an object with one member. */

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

static int read_journal(struct reader *rd)
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

static int read_text(struct reader *rd)
{
	static const char journal_start[] = "{\"header\":";
	int r;

	if (strncmp(rd->text, journal_start, strlen(journal_start)) == 0)
		r = read_journal(rd);
	else if (!rd->length)
		r = error_set(rd->err, -EINVAL, "%s: is empty", rd->path);
	else
		r = read_document(rd);
	if (r == -ENOMEM || (!r && rd->out_of_memory))
		r = error_set(rd->err, -ENOMEM, "%s: out of memory", rd->path);
	if (!r && !rd->r->values)
		r = decode_nothing(rd);
	return r;
}

static int read_file(struct result **ret, const char *path, unsigned int flags, struct error *err)
{
	struct result *result = calloc(1, sizeof(*result));
	struct reader rd = { .r = result, .path = path, .flags = flags, .err = err };
	AUTO_FREE char *text = NULL;
	int r;

	if (!result)
		return error_set(err, -ENOMEM, "out of memory");
	result->store = calloc(1, sizeof(*result->store));
	if (!result->store || !(result->store->context = cJSON_CreateObject())) {
		result_free(result);
		return error_set(err, -ENOMEM, "out of memory");
	}
	r = file_load(path, RESULT_BYTES_MAX, &text, &rd.length, err);
	if (!r) {
		rd.text = text;
		result->path = store_text(result->store, path);
		r = read_text(&rd);
	}
	if (r) {
		result_free(result);
		return r;
	}
	*ret = result;
	return 0;
}

void result_free(struct result *r)
{
	if (!r)
		return;
	if (r->store)
		store_clear(r->store);
	free(r->store);
	free(r->cells);
	free(r->repetitions);
	free(r->values);
	free(r);
}

static void set_note(struct result *r, const char *path, const char *what)
{
	struct error note;

	error_set(&note, 0, "%s %s: read from %s", path, what, r->path);
	r->note = store_text(r->store, note.text);
}

/* Is the journal of the very run that left the document incomplete? It has at least as much. */
static bool same_run(const struct result *a, const struct result *b)
{
	const char *one = result_text(a, "run/started"), *other = result_text(b, "run/started");

	return one && other && strcmp(one, other) == 0 && a->seed == b->seed;
}

int result_read(struct result **ret, const char *path, unsigned int flags, struct error *err)
{
	AUTO_FREE char *beside = journal_path(path);
	struct result *result = NULL, *journal = NULL;
	struct stat st;
	int r;

	if (!beside)
		return error_set(err, -ENOMEM, "out of memory");
	if (strcmp(path, "-") != 0 && stat(path, &st) && errno == ENOENT && !stat(beside, &st)) {
		r = read_file(&result, beside, flags, err);
		if (!r) {
			set_note(result, path, "is not finished");
			*ret = result;
		}
		return r;
	}
	r = read_file(&result, path, flags, err);
	if (r)
		return r;
	if (!result->complete && !result->from_journal && !stat(beside, &st) &&
	    !read_file(&journal, beside, flags, NULL)) {
		if (same_run(result, journal) && journal->nr_repetitions > result->nr_repetitions) {
			struct result *swap = result;

			result = journal;
			journal = swap;
			set_note(result, path, "is not the latest");
		}
		result_free(journal);
	}
	*ret = result;
	return 0;
}
