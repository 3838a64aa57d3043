/* SPDX-License-Identifier: MIT */
#include "result/decode.h"

#include "result/store.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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
int wrong_at(struct reader *rd, const char *at, const char *what)
{
	return error_set(rd->err, -EINVAL, "%s:%zu: %s", rd->path, json_position(rd->text, at).line,
			 what);
}

/* Is it a whole number from 0? Then that is in *ret, exact up to 2^53. */
static bool is_count(const cJSON *item, uint64_t *ret)
{
	if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0) || item->valuedouble >= 0x1p64 ||
	    item->valuedouble != floor(item->valuedouble))
		return false;
	*ret = (uint64_t)item->valuedouble;
	return true;
}

/* A count that has to be there, since it says what belongs to what. */
static int need_count(struct reader *rd, const cJSON *object, struct json_slice text,
		      const char *whose, const char *name, uint64_t *ret)
{
	struct error what;

	if (is_count(cJSON_GetObjectItemCaseSensitive(object, name), ret))
		return 0;
	error_set(&what, 0, "%s has no \"%s\" that is a whole number from 0", whose, name);
	return wrong_at(rd, text.text, what.text);
}

/* A count that may be missing, but nothing else. */
static int check_count(struct reader *rd, const cJSON *object, struct json_slice text,
		       const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
	struct error what;
	uint64_t count;

	if (!item || is_count(item, &count))
		return 0;
	error_set(&what, 0, "\"%s\" is no whole number from 0", name);
	return wrong_at(rd, text.text, what.text);
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

	ret->name = take_text(rd, json_get_text(item, "name"));
	ret->varies = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(item, "varies"));
	ret->values = take_room(rd, (size_t)cJSON_GetArraySize(values), sizeof(*ret->values));
	cJSON_ArrayForEach(value, values)
	{
		if (ret->values && cJSON_IsString(value))
			ret->values[ret->nr_values++] = take_text(rd, value->valuestring);
	}
}

int decode_axes(struct reader *rd, const cJSON *array)
{
	struct result *r = rd->r;
	const cJSON *item;

	r->axes = take_room(rd, (size_t)cJSON_GetArraySize(array), sizeof(*r->axes));
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

int decode_warning(struct reader *rd, const cJSON *item)
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
	const cJSON *params = cJSON_GetObjectItemCaseSensitive(item, "params");
	struct result *r = rd->r;
	struct result_cell *cell;
	uint64_t number;
	int error = grow_cells(rd);

	if (!error)
		error = need_count(rd, item, text, "a cell", "cell", &number);
	if (error)
		return error;
	if (params && !cJSON_IsObject(params))
		return wrong_at(rd, text.text, "a cell's \"params\" are no object");
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
	r->store->slots[store_slot(r->store, r->cells, cell->number)] = r->nr_cells;
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

static int read_values(struct reader *rd, const cJSON *metrics, struct json_slice text,
		       double *values)
{
	struct result *r = rd->r;
	unsigned int next = 0;
	struct error what;
	const cJSON *item;

	if (!cJSON_IsObject(metrics))
		return wrong_at(rd, text.text, "a repetition has no \"metrics\"");

	for (unsigned int i = 0; i < r->nr_metrics; i++)
		values[i] = NAN;
	cJSON_ArrayForEach(item, metrics)
	{
		int i = (int)next;

		/* They come in the order of the table, as a rule. */
		if (next >= r->nr_metrics || strcmp(r->metrics[next].name, item->string) != 0)
			i = result_metric_index(r, item->string);
		if (i < 0 || !(cJSON_IsNull(item) ||
			       (cJSON_IsNumber(item) && isfinite(item->valuedouble)))) {
			error_set(&what, 0, "%s: %.60s",
				  i < 0 ? "a repetition has a metric that the result does not list"
					: "a repetition has a value that is neither a number nor "
					  "null",
				  item->string);
			return wrong_at(rd, text.text, what.text);
		}
		if (cJSON_IsNumber(item))
			values[i] = item->valuedouble;
		next = (unsigned int)i + 1;
	}
	return 0;
}

static void read_effective(struct reader *rd, const cJSON *item, struct result_effective *ret)
{
	*ret = (struct result_effective){
		.overcommit = take_text(rd, json_get_text(item, "overcommit")),
		.committed_bytes = json_get_double(item, "committed_bytes", NAN),
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

int decode_repetition(struct reader *rd, const cJSON *item, struct json_slice text)
{
	static const char whose[] = "a repetition";
	uint64_t number, round, sequence;
	struct result *r = rd->r;
	struct result_repetition *rep;
	int error = grow_repetitions(rd);
	int64_t cell;

	if (!error)
		error = need_count(rd, item, text, whose, "cell", &number);
	if (error)
		return error;
	cell = result_cell_index(r, number);
	if (cell < 0)
		return wrong_at(rd, text.text, "a repetition is of a cell that is not there");
	if (!json_get_text(item, "outcome"))
		return wrong_at(rd, text.text, "a repetition has no outcome");
	error = need_count(rd, item, text, whose, "round", &round);
	if (!error)
		error = need_count(rd, item, text, whose, "sequence", &sequence);
	if (!error)
		error = check_count(rd, item, text, "started_ns");
	if (!error)
		error = check_count(rd, item, text, "elapsed_ns");
	if (!error && round >= UINT32_MAX)
		error = wrong_at(rd, text.text, "a repetition is of a round that cannot be");
	/* By rounds they are paired: one that has a second is no pair. */
	if (!error && round < r->cells[cell].next_round)
		error = wrong_at(rd, text.text,
				 "a repetition of the same cell in the same round, or a later one, "
				 "is before it");
	if (error)
		return error;
	rep = &r->repetitions[r->nr_repetitions];
	*rep = (struct result_repetition){
		.cell = (uint32_t)cell,
		.round = (uint32_t)round,
		.sequence = sequence,
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
	error = read_values(rd, cJSON_GetObjectItemCaseSensitive(item, "metrics"), text,
			    r->values + (size_t)r->nr_repetitions * r->nr_metrics);
	if (error)
		return error;
	if (rd->flags & RESULT_STEPS)
		read_steps(rd, cJSON_GetObjectItemCaseSensitive(item, "steps"), rep);
	r->nr_repetitions++;
	r->cells[cell].nr_repetitions++;
	r->cells[cell].next_round = (uint32_t)round + 1;
	return 0;
}

int decode_nothing(struct reader *rd)
{
	return grow_repetitions(rd);
}
