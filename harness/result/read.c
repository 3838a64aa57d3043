/* SPDX-License-Identifier: MIT */
#include "result/read.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "result/journal.h"
#include "result/store.h"
#include "result/write.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A result while it is read. */
struct reader {
	struct result *r;
	const char *path;
	const char *text; /* the whole file */
	size_t length;
	unsigned int flags;
	uint32_t room_cells, room_repetitions;
	bool seen_tag, seen_cells, seen_repetitions, ended;
	bool out_of_memory;
	struct error *err;
};

static const char *take_text(struct reader *rd, const char *text)
{
	const char *kept = store_text(rd->r->store, text);

	if (text && !kept)
		rd->out_of_memory = true;
	return kept;
}

static void *take_room(struct reader *rd, size_t n, size_t bytes)
{
	void *room = store_alloc(rd->r->store, n * bytes);

	if (!room)
		rd->out_of_memory = true;
	return room;
}

/* "r.json:12:" before what is wrong there. */
static int wrong_at(struct reader *rd, const char *at, const char *what)
{
	return error_set(rd->err, -EINVAL, "%s:%zu: %s", rd->path, json_position(rd->text, at).line,
			 what);
}

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

/* Members of the head. */

static enum better better_number(const char *name)
{
	for (enum better b = BETTER_LOWER; b < BETTER_NEITHER; b++)
		if (name && strcmp(name, better_name(b)) == 0)
			return b;
	return BETTER_NEITHER;
}

static void read_axis(struct reader *rd, const cJSON *item, struct result_axis *ret)
{
	const cJSON *values = cJSON_GetObjectItemCaseSensitive(item, "values"), *value;

	ret->name = take_text(rd, json_get_text(item, "name"));
	ret->varies = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(item, "varies"));
	ret->values = take_room(rd, (size_t)cJSON_GetArraySize(values), sizeof(*ret->values));
	cJSON_ArrayForEach(value, values)
	{
		if (ret->values && cJSON_IsString(value))
			ret->values[ret->nr_values++] = take_text(rd, value->valuestring);
	}
}

static int read_axes(struct reader *rd, const cJSON *array)
{
	struct result *r = rd->r;
	const cJSON *item;

	r->axes = take_room(rd, (size_t)cJSON_GetArraySize(array), sizeof(*r->axes));
	if (!r->axes)
		return -ENOMEM;
	cJSON_ArrayForEach(item, array)
	{
		read_axis(rd, item, &r->axes[r->nr_axes++]);
		if (!r->axes[r->nr_axes - 1].name)
			return error_set(rd->err, -EINVAL, "%s: an axis has no name", rd->path);
	}
	return 0;
}

static int read_metrics(struct reader *rd, const cJSON *array)
{
	struct result *r = rd->r;
	const cJSON *item;

	r->metrics = take_room(rd, (size_t)cJSON_GetArraySize(array), sizeof(*r->metrics));
	if (!r->metrics)
		return -ENOMEM;
	cJSON_ArrayForEach(item, array)
	{
		struct result_metric *m = &r->metrics[r->nr_metrics++];

		m->name = take_text(rd, json_get_text(item, "name"));
		m->step = take_text(rd, json_get_text(item, "step"));
		m->unit = take_text(rd, json_get_text(item, "unit"));
		m->help = take_text(rd, json_get_text(item, "help"));
		m->better = better_number(json_get_text(item, "better"));
		if (!m->name || !m->step || !m->unit)
			return error_set(rd->err, -EINVAL, "%s: a metric has no name, step or unit",
					 rd->path);
	}
	return 0;
}

static int read_warnings(struct reader *rd, const cJSON *item)
{
	struct result *r = rd->r;
	struct result_warning *grown = store_alloc(r->store,
						   (r->nr_warnings + 1) * sizeof(*r->warnings));

	if (!grown)
		return -ENOMEM;
	if (r->nr_warnings)
		memcpy(grown, r->warnings, r->nr_warnings * sizeof(*grown));
	r->warnings = grown;
	grown[r->nr_warnings].kind = take_text(rd, json_get_text(item, "kind"));
	grown[r->nr_warnings++].text = take_text(rd, json_get_text(item, "text"));
	return 0;
}

/* Cells. */

static size_t slot_of(const struct result_store *s, const struct result_cell *cells,
		      uint64_t number)
{
	/* Fibonacci hashing: the numbers are dense. */
	size_t slot = (size_t)(number * 0x9e3779b97f4a7c15u >> 32) & (s->nr_slots - 1);

	while (s->slots[slot] && cells[s->slots[slot] - 1].number != number)
		slot = (slot + 1) & (s->nr_slots - 1);
	return slot;
}

int64_t result_cell_index(const struct result *r, uint64_t number)
{
	uint32_t found;

	if (!r->store->nr_slots)
		return -ENOENT;
	found = r->store->slots[slot_of(r->store, r->cells, number)];
	return found ? (int64_t)found - 1 : -ENOENT;
}

/* Room for one more cell, and slots at most half full. */
static int grow_cells(struct reader *rd)
{
	struct result *r = rd->r;
	struct result_store *s = r->store;
	uint32_t room = rd->room_cells ? rd->room_cells * 2 : 64;
	struct result_cell *cells;
	uint32_t *slots;

	if (r->nr_cells < rd->room_cells)
		return 0;
	cells = realloc(r->cells, room * sizeof(*cells));
	if (!cells)
		return -ENOMEM;
	r->cells = cells;
	rd->room_cells = room;
	slots = calloc((size_t)room * 2, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	free(s->slots);
	s->slots = slots;
	s->nr_slots = (size_t)room * 2;
	for (uint32_t i = 0; i < r->nr_cells; i++)
		slots[slot_of(s, cells, cells[i].number)] = i + 1;
	return 0;
}

static int read_cell(struct reader *rd, const cJSON *item, struct json_slice text)
{
	const cJSON *params = cJSON_GetObjectItemCaseSensitive(item, "params");
	struct result *r = rd->r;
	struct result_cell *cell;
	int error = grow_cells(rd);

	if (error)
		return error;
	if (!cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(item, "cell")))
		return wrong_at(rd, text.text, "a cell has no number");
	cell = &r->cells[r->nr_cells];
	*cell = (struct result_cell){
		.number = json_exact_u64(text, "cell", 0),
		.params = take_room(rd, r->nr_axes, sizeof(*cell->params)),
		.size_bytes = json_exact_u64(text, "size_bytes", 0),
		.nr_workers = (unsigned int)json_get_u64(item, "nr_workers", 0),
	};
	if (!cell->params)
		return -ENOMEM;
	for (unsigned int i = 0; i < r->nr_axes; i++)
		cell->params[i] = take_text(rd, json_get_text(params, r->axes[i].name));
	if (result_cell_index(r, cell->number) >= 0)
		return wrong_at(rd, text.text, "a cell is there twice");
	r->nr_cells++;
	r->store->slots[slot_of(r->store, r->cells, cell->number)] = r->nr_cells;
	return 0;
}

/* Repetitions. */

static int grow_repetitions(struct reader *rd)
{
	struct result *r = rd->r;
	uint32_t room = rd->room_repetitions ? rd->room_repetitions * 2 : 64;
	struct result_repetition *repetitions;
	double *values;

	if (r->nr_repetitions < rd->room_repetitions)
		return 0;
	repetitions = realloc(r->repetitions, room * sizeof(*repetitions));
	if (!repetitions)
		return -ENOMEM;
	r->repetitions = repetitions;
	values = realloc(r->values, ((size_t)room * r->nr_metrics + 1) * sizeof(*values));
	if (!values)
		return -ENOMEM;
	r->values = values;
	rd->room_repetitions = room;
	return 0;
}

static void read_values(struct reader *rd, const cJSON *metrics, double *values)
{
	struct result *r = rd->r;
	unsigned int next = 0;
	const cJSON *item;

	for (unsigned int i = 0; i < r->nr_metrics; i++)
		values[i] = NAN;
	cJSON_ArrayForEach(item, metrics)
	{
		int i = (int)next;

		/* They come in the order of the table, as a rule. */
		if (next >= r->nr_metrics || strcmp(r->metrics[next].name, item->string) != 0)
			i = result_metric_index(r, item->string);
		if (i < 0)
			continue;
		if (cJSON_IsNumber(item))
			values[i] = item->valuedouble;
		next = (unsigned int)i + 1;
	}
}

static void read_effective(struct reader *rd, const cJSON *item, struct result_effective *ret)
{
	*ret = (struct result_effective){
		.overcommit = take_text(rd, json_get_text(item, "overcommit")),
		.mapped_bytes = json_get_double(item, "mapped_bytes", NAN),
		.resident_bytes = json_get_double(item, "resident_bytes", NAN),
		.huge_bytes = json_get_double(item, "huge_bytes", NAN),
		.huge_share = json_get_double(item, "huge_share", NAN),
		.swap_bytes = json_get_double(item, "swap_bytes", NAN),
		.locked_bytes = json_get_double(item, "locked_bytes", NAN),
		.page_table_bytes = json_get_double(item, "page_table_bytes", NAN),
	};
}

static void read_hist(struct reader *rd, const cJSON *item, struct result_hist *ret)
{
	const cJSON *buckets = cJSON_GetObjectItemCaseSensitive(item, "buckets"), *pair;
	struct result_bucket *to;

	if (!cJSON_IsObject(item))
		return;
	ret->n = json_get_u64(item, "n", 0);
	ret->sum = json_get_u64(item, "sum", 0);
	ret->min = json_get_u64(item, "min", 0);
	ret->max = json_get_u64(item, "max", 0);
	to = take_room(rd, (size_t)cJSON_GetArraySize(buckets), sizeof(*to));
	ret->buckets = to;
	cJSON_ArrayForEach(pair, buckets)
	{
		const cJSON *index = cJSON_GetArrayItem(pair, 0),
			    *count = cJSON_GetArrayItem(pair, 1);

		if (to && cJSON_IsNumber(index) && cJSON_IsNumber(count) &&
		    index->valuedouble >= 0 && index->valuedouble < HIST_BUCKETS &&
		    count->valuedouble >= 0 && count->valuedouble < 0x1p64)
			to[ret->nr_buckets++] = (struct result_bucket){
				(uint32_t)index->valuedouble, (uint64_t)count->valuedouble
			};
	}
}

static void read_step(struct reader *rd, const cJSON *item, struct result_step *ret)
{
	static const char *const names[COUNTS] = {
		[COUNT_CALLS] = "calls", [COUNT_TOUCHES] = "touches", [COUNT_PAGES] = "pages",
		[COUNT_BYTES] = "bytes", [COUNT_FAULTS] = "faults",
	};
	const cJSON *spread = cJSON_GetObjectItemCaseSensitive(item, "worker_ns");

	ret->name = take_text(rd, json_get_text(item, "step"));
	ret->executions = json_get_u64(item, "executions", 0);
	ret->elapsed_ns = json_get_u64(item, "elapsed_ns", 0);
	for (unsigned int i = 0; i < COUNTS; i++)
		ret->count[i] = json_get_u64(item, names[i], 0);
	ret->worker_ns_min = json_get_double(spread, "min", NAN);
	ret->worker_ns_median = json_get_double(spread, "median", NAN);
	ret->worker_ns_max = json_get_double(spread, "max", NAN);
	read_hist(rd, cJSON_GetObjectItemCaseSensitive(item, "times"), &ret->times);
	read_hist(rd, cJSON_GetObjectItemCaseSensitive(item, "events"), &ret->events);
}

static void read_steps(struct reader *rd, const cJSON *array, struct result_repetition *rep)
{
	struct result_step *steps = take_room(rd, (size_t)cJSON_GetArraySize(array),
					      sizeof(*steps));
	const cJSON *item;

	rep->steps = steps;
	cJSON_ArrayForEach(item, array)
	{
		if (steps)
			read_step(rd, item, &steps[rep->nr_steps++]);
	}
}

static void read_texts(struct reader *rd, const cJSON *array, const char ***ret, uint32_t *ret_n)
{
	const char **texts;
	const cJSON *item;

	if (!cJSON_IsArray(array) || !array->child)
		return;
	texts = take_room(rd, (size_t)cJSON_GetArraySize(array), sizeof(*texts));
	cJSON_ArrayForEach(item, array)
	{
		if (texts && cJSON_IsString(item))
			texts[(*ret_n)++] = take_text(rd, item->valuestring);
	}
	*ret = texts;
}

static int read_repetition(struct reader *rd, const cJSON *item, struct json_slice text)
{
	uint64_t number = json_get_u64(item, "cell", UINT64_MAX);
	struct result *r = rd->r;
	struct result_repetition *rep;
	int64_t cell = result_cell_index(r, number);
	int error = grow_repetitions(rd);

	if (error)
		return error;
	if (cell < 0)
		return wrong_at(rd, text.text, "a repetition is of a cell that is not there");
	if (!json_get_text(item, "outcome"))
		return wrong_at(rd, text.text, "a repetition has no outcome");
	rep = &r->repetitions[r->nr_repetitions];
	*rep = (struct result_repetition){
		.cell = (uint32_t)cell,
		.round = (uint32_t)json_get_u64(item, "round", 0),
		.sequence = json_get_u64(item, "sequence", 0),
		.started_ns = json_exact_u64(text, "started_ns", 0),
		.elapsed_ns = json_get_u64(item, "elapsed_ns", 0),
		.iterations = json_get_u64(item, "iterations", 0),
		.outcome = take_text(rd, json_get_text(item, "outcome")),
		.step = take_text(rd, json_get_text(item, "step")),
		.detail = take_text(rd, json_get_text(item, "detail")),
		.rule = take_text(rd, json_get_text(item, "rule")),
		.indeterminate = cJSON_IsTrue(
			cJSON_GetObjectItemCaseSensitive(item, "indeterminate")),
		.expected = take_text(rd, json_get_text(item, "expected")),
		.as_expected = !cJSON_IsFalse(
			cJSON_GetObjectItemCaseSensitive(item, "as_expected")),
	};
	read_effective(rd, cJSON_GetObjectItemCaseSensitive(item, "effective"), &rep->effective);
	read_texts(rd, cJSON_GetObjectItemCaseSensitive(item, "warnings"), &rep->warnings,
		   &rep->nr_warnings);
	read_values(rd, cJSON_GetObjectItemCaseSensitive(item, "metrics"),
		    r->values + (size_t)r->nr_repetitions * r->nr_metrics);
	if (rd->flags & RESULT_STEPS)
		read_steps(rd, cJSON_GetObjectItemCaseSensitive(item, "steps"), rep);
	r->nr_repetitions++;
	r->cells[cell].nr_repetitions++;
	return 0;
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
	int r = item ? read_cell(rd, item, text) : 0;

	cJSON_Delete(item);
	return r;
}

static int read_one_repetition(struct reader *rd, struct json_walk *w)
{
	struct json_slice text;
	cJSON *item = parse_repetition(rd, w, &text);
	int r = item ? read_repetition(rd, item, text) : 0;

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
	} else if (strcmp(name, "axes") == 0 && !r->axes) {
		error = read_axes(rd, value);
	} else if (strcmp(name, "metrics") == 0 && !r->metrics) {
		error = read_metrics(rd, value);
	} else if (strcmp(name, "warnings") == 0) {
		cJSON_ArrayForEach(item, value)
		{
			if (!error)
				error = read_warnings(rd, item);
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
		struct json_walk w = { .at = texts[i].text,
				       .end = texts[i].text + texts[i].length };

		if (!texts[i].length || !ready_for(rd, names[i]))
			continue;
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
	cJSON *item = json_walk_parse(w, NULL);
	int r = item ? read_warnings(rd, item) : 0;

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
		r = grow_repetitions(rd);
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
