/* SPDX-License-Identifier: MIT */
/* The members that a document and the lines of a journal have in common. */
#include "result/read_parts.h"

#include "result/store.h"
#include "result/write.h"

#include <errno.h>
#include <string.h>

int read_foreign(struct reader *rd)
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

int read_one_cell(struct reader *rd, struct json_walk *w)
{
	struct json_slice text;
	cJSON *item = json_walk_parse(w, &text);
	int r = item ? decode_cell(rd, item, text) : 0;

	cJSON_Delete(item);
	return r;
}

int read_one_repetition(struct reader *rd, struct json_walk *w)
{
	struct json_slice text;
	cJSON *item = parse_repetition(rd, w, &text);
	int r = item ? decode_repetition(rd, item, text) : 0;

	cJSON_Delete(item);
	return r;
}

int read_member(struct reader *rd, const char *name, cJSON *value, struct json_slice text)
{
	struct result *r = rd->r;
	const cJSON *item;
	int error = 0;

	if (strcmp(name, "overmap") == 0) {
		rd->seen_tag = cJSON_IsString(value) && strcmp(value->valuestring, "result") == 0;
		if (!rd->seen_tag)
			error = read_foreign(rd);
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
