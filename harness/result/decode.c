/* SPDX-License-Identifier: MIT */
#include "result/decode.h"

#include "result/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *decode_text(struct reader *rd, const char *text)
{
	const char *kept = store_text(rd->r->store, text);

	if (text && !kept)
		rd->out_of_memory = true;
	return kept;
}

void *decode_room(struct reader *rd, size_t n, size_t bytes)
{
	void *room = store_alloc(rd->r->store, n * bytes);

	if (!room)
		rd->out_of_memory = true;
	return room;
}

/* "r.json:12:" before what is wrong there. */
int wrong_at(struct reader *rd, const char *at, const char *what)
{
	return error_set(rd->err, -EINVAL, "%s:%zu: %s", rd->path, json_position(rd->text, at).line,
			 what);
}

int decode_count(struct reader *rd, const cJSON *object, struct json_slice text, const char *whose,
		 const char *name, uint64_t *ret)
{
	struct error what;

	if (shape_is_count(cJSON_GetObjectItemCaseSensitive(object, name), ret))
		return 0;
	error_set(&what, 0, "%s has no \"%s\" that is a whole number from 0", whose, name);
	return wrong_at(rd, text.text, what.text);
}

int decode_check(struct reader *rd, const cJSON *object, struct json_slice text,
		 const struct shape *members)
{
	struct error what;

	return shape_fits(object, members, &what) ? 0 : wrong_at(rd, text.text, what.text);
}

/* Members of the head. */

static bool better_parse(const char *name, enum better *ret)
{
	for (enum better b = BETTER_LOWER; b <= BETTER_NEITHER; b++) {
		*ret = b;
		if (name && strcmp(name, better_name(b)) == 0)
			return true;
	}
	return false;
}

static bool are_texts(const cJSON *array)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, array)
	{
		if (!cJSON_IsString(item))
			return false;
	}
	return cJSON_IsArray(array);
}

static void read_axis(struct reader *rd, const cJSON *item, struct result_axis *ret)
{
	const cJSON *values = cJSON_GetObjectItemCaseSensitive(item, "values"), *value;

	ret->name = decode_text(rd, json_get_text(item, "name"));
	ret->varies = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(item, "varies"));
	ret->values = decode_room(rd, (size_t)cJSON_GetArraySize(values), sizeof(*ret->values));
	cJSON_ArrayForEach(value, values)
	{
		if (ret->values && cJSON_IsString(value))
			ret->values[ret->nr_values++] = decode_text(rd, value->valuestring);
	}
}

int decode_axes(struct reader *rd, const cJSON *array)
{
	struct result *r = rd->r;
	const cJSON *item;

	r->axes = decode_room(rd, (size_t)cJSON_GetArraySize(array), sizeof(*r->axes));
	if (!r->axes)
		return -ENOMEM;
	cJSON_ArrayForEach(item, array)
	{
		const cJSON *varies = cJSON_GetObjectItemCaseSensitive(item, "varies"),
			    *values = cJSON_GetObjectItemCaseSensitive(item, "values");

		read_axis(rd, item, &r->axes[r->nr_axes++]);
		if (!r->axes[r->nr_axes - 1].name)
			return error_set(rd->err, -EINVAL, "%s: an axis has no name", rd->path);
		if (varies && !cJSON_IsBool(varies))
			return error_set(rd->err, -EINVAL,
					 "%s: axis %.60s: \"varies\" is neither true nor false",
					 rd->path, r->axes[r->nr_axes - 1].name);
		if (values && !are_texts(values))
			return error_set(rd->err, -EINVAL,
					 "%s: axis %.60s: \"values\" is no list of texts", rd->path,
					 r->axes[r->nr_axes - 1].name);
	}
	return 0;
}

/* Results from before it was stated have one headline a step, its first metric. */
static bool is_headline(const cJSON *item, const struct result_metric *m, const struct result *r)
{
	const cJSON *stated = cJSON_GetObjectItemCaseSensitive(item, "headline");
	bool first = m == r->metrics || !m->step || !m[-1].step || strcmp(m[-1].step, m->step) != 0;

	return stated ? cJSON_IsTrue(stated) : first;
}

int decode_metrics(struct reader *rd, const cJSON *array)
{
	struct result *r = rd->r;
	const cJSON *item;

	r->metrics = decode_room(rd, (size_t)cJSON_GetArraySize(array), sizeof(*r->metrics));
	if (!r->metrics)
		return -ENOMEM;
	cJSON_ArrayForEach(item, array)
	{
		struct result_metric *m = &r->metrics[r->nr_metrics++];

		m->name = decode_text(rd, json_get_text(item, "name"));
		m->step = decode_text(rd, json_get_text(item, "step"));
		m->unit = decode_text(rd, json_get_text(item, "unit"));
		m->help = decode_text(rd, json_get_text(item, "help"));
		m->absent = decode_text(rd, json_get_text(item, "absent"));
		m->note = decode_text(rd, json_get_text(item, "note"));
		m->headline = is_headline(item, m, r);
		if (!better_parse(json_get_text(item, "better"), &m->better) || !m->name ||
		    !m->step || !m->unit)
			return error_set(rd->err, -EINVAL,
					 "%s: a metric lacks its \"name\", \"step\", \"unit\", or "
					 "which way is \"better\"",
					 rd->path);
	}
	return 0;
}

int decode_warning(struct reader *rd, const cJSON *item, struct json_slice text)
{
	static const struct shape members[] = { { "kind", SHAPE_TEXT },
						{ "text", SHAPE_TEXT },
						{ NULL } };
	struct result *r = rd->r;
	struct result_warning *grown = store_alloc(r->store,
						   (r->nr_warnings + 1) * sizeof(*r->warnings));

	if (!grown)
		return -ENOMEM;
	if (!cJSON_IsObject(item))
		return wrong_at(rd, text.text, "a warning is no object");
	if (decode_check(rd, item, text, members))
		return -EINVAL;
	if (r->nr_warnings)
		memcpy(grown, r->warnings, r->nr_warnings * sizeof(*grown));
	r->warnings = grown;
	grown[r->nr_warnings].kind = decode_text(rd, json_get_text(item, "kind"));
	grown[r->nr_warnings++].text = decode_text(rd, json_get_text(item, "text"));
	return 0;
}

/* Cells. */

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
		slots[store_slot(s, cells, cells[i].number)] = i + 1;
	return 0;
}

int decode_cell(struct reader *rd, const cJSON *item, struct json_slice text)
{
	static const struct shape members[] = {
		{ "size_bytes", SHAPE_COUNT },
		{ "nr_workers", SHAPE_COUNT },
		{ NULL },
	};
	const cJSON *params = cJSON_GetObjectItemCaseSensitive(item, "params"), *param;
	struct result *r = rd->r;
	struct result_cell *cell;
	uint64_t number;
	int error = grow_cells(rd);

	if (!error)
		error = decode_count(rd, item, text, "a cell", "cell", &number);
	if (!error)
		error = decode_check(rd, item, text, members);
	if (error)
		return error;
	if (params && !cJSON_IsObject(params))
		return wrong_at(rd, text.text, "a cell's \"params\" are no object");
	cJSON_ArrayForEach(param, params)
	{
		if (!cJSON_IsString(param))
			return wrong_at(rd, text.text, "a cell has a param that is no text");
	}
	cell = &r->cells[r->nr_cells];
	*cell = (struct result_cell){
		.number = json_exact_u64(text, "cell", 0),
		.params = decode_room(rd, r->nr_axes, sizeof(*cell->params)),
		.size_bytes = json_exact_u64(text, "size_bytes", 0),
		.nr_workers = (unsigned int)json_get_u64(item, "nr_workers", 0),
	};
	if (!cell->params)
		return -ENOMEM;
	for (unsigned int i = 0; i < r->nr_axes; i++)
		cell->params[i] = decode_text(rd, json_get_text(params, r->axes[i].name));
	if (result_cell_index(r, cell->number) >= 0)
		return wrong_at(rd, text.text, "a cell is there twice");
	r->nr_cells++;
	r->store->slots[store_slot(r->store, r->cells, cell->number)] = r->nr_cells;
	return 0;
}
