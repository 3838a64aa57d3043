/* SPDX-License-Identifier: MIT */
/* One repetition of a result, the other way round than encode_repetition.c. */
#include "result/decode.h"

#include "result/store.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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

static int read_shares(struct reader *rd, const cJSON *object, struct json_slice text,
		       struct result_repetition *rep)
{
	struct result_share *shares;
	const cJSON *item;

	if (!object || !object->child)
		return 0;
	shares = decode_room(rd, (size_t)cJSON_GetArraySize(object), sizeof(*shares));
	rep->shares = shares;
	cJSON_ArrayForEach(item, object)
	{
		int metric = result_metric_index(rd->r, item->string);

		if (metric < 0 || !cJSON_IsNumber(item) ||
		    !(item->valuedouble >= 0 && item->valuedouble <= 1))
			return wrong_at(rd, text.text,
					"a repetition has a \"counters_share\" that is not of a "
					"metric, or not from 0 to 1");
		if (shares)
			shares[rep->nr_shares++] = (struct result_share){ (unsigned int)metric,
									  item->valuedouble };
	}
	return 0;
}

static void read_effective(struct reader *rd, const cJSON *item, struct result_effective *ret)
{
	*ret = (struct result_effective){
		.overcommit = decode_text(rd, json_get_text(item, "overcommit")),
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
	to = decode_room(rd, (size_t)cJSON_GetArraySize(buckets), sizeof(*to));
	ret->buckets = to;
	cJSON_ArrayForEach(pair, buckets)
	{
		const cJSON *index = cJSON_GetArrayItem(pair, 0),
			    *count = cJSON_GetArrayItem(pair, 1);

		if (to)
			to[ret->nr_buckets++] = (struct result_bucket){
				(uint32_t)index->valuedouble, (uint64_t)count->valuedouble
			};
	}
}

static void read_step(struct reader *rd, const cJSON *item, struct result_step *ret)
{
	const cJSON *spread = cJSON_GetObjectItemCaseSensitive(item, "worker_ns");

	ret->name = decode_text(rd, json_get_text(item, "step"));
	ret->executions = json_get_u64(item, "executions", 0);
	ret->elapsed_ns = json_get_u64(item, "elapsed_ns", 0);
	for (unsigned int i = 0; i < COUNTS; i++)
		ret->count[i] = json_get_double(item, count_name(i), NAN);
	ret->worker_ns_min = json_get_double(spread, "min", NAN);
	ret->worker_ns_median = json_get_double(spread, "median", NAN);
	ret->worker_ns_max = json_get_double(spread, "max", NAN);
	ret->stamp_share = json_get_double(item, "stamp_share", NAN);
	read_hist(rd, cJSON_GetObjectItemCaseSensitive(item, "times"), &ret->times);
	read_hist(rd, cJSON_GetObjectItemCaseSensitive(item, "events"), &ret->events);
}

static void read_steps(struct reader *rd, const cJSON *array, struct result_repetition *rep)
{
	struct result_step *steps = decode_room(rd, (size_t)cJSON_GetArraySize(array),
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
	texts = decode_room(rd, (size_t)cJSON_GetArraySize(array), sizeof(*texts));
	cJSON_ArrayForEach(item, array)
	{
		if (texts && cJSON_IsString(item))
			texts[(*ret_n)++] = decode_text(rd, item->valuestring);
	}
	*ret = texts;
}

static const struct shape effective_shape[] = {
	{ "overcommit", SHAPE_TEXT },     { "committed_bytes", SHAPE_NUMBER },
	{ "mapped_bytes", SHAPE_NUMBER }, { "resident_bytes", SHAPE_NUMBER },
	{ "huge_bytes", SHAPE_NUMBER },   { "swap_bytes", SHAPE_NUMBER },
	{ "locked_bytes", SHAPE_NUMBER }, { "page_table_bytes", SHAPE_NUMBER },
	{ "huge_share", SHAPE_NUMBER },   { NULL },
};

static const struct shape hist_shape[] = {
	{ "n", SHAPE_COUNT },   { "sum", SHAPE_COUNT },       { "min", SHAPE_COUNT },
	{ "max", SHAPE_COUNT }, { "buckets", SHAPE_BUCKETS }, { NULL },
};

static const struct shape spread_shape[] = {
	{ "min", SHAPE_NUMBER },
	{ "median", SHAPE_NUMBER },
	{ "max", SHAPE_NUMBER },
	{ NULL },
};

static const struct shape step_shape[] = {
	{ "step", SHAPE_TEXT },
	{ "executions", SHAPE_COUNT },
	{ "elapsed_ns", SHAPE_COUNT },
	{ "waited_ns", SHAPE_KNOWN },
	{ "first_ns", SHAPE_KNOWN },
	{ "calls", SHAPE_KNOWN },
	{ "touches", SHAPE_KNOWN },
	{ "pages", SHAPE_KNOWN },
	{ "bytes", SHAPE_KNOWN },
	{ "faults", SHAPE_KNOWN },
	{ "worker_ns", SHAPE_OBJECT, spread_shape },
	{ "times", SHAPE_OBJECT, hist_shape },
	{ "events", SHAPE_OBJECT, hist_shape },
	{ "stamp_share", SHAPE_NUMBER },
	{ NULL },
};

/* In the order in which they are written. */
static const struct shape repetition_shape[] = {
	{ "started_ns", SHAPE_COUNT },      { "elapsed_ns", SHAPE_COUNT },
	{ "outcome", SHAPE_TEXT },          { "step", SHAPE_TEXT },
	{ "detail", SHAPE_TEXT },           { "rule", SHAPE_TEXT },
	{ "indeterminate", SHAPE_FLAG },    { "expected", SHAPE_TEXT },
	{ "as_expected", SHAPE_FLAG },      { "take_turns", SHAPE_FLAG },
	{ "iterations", SHAPE_COUNT },      { "effective", SHAPE_OBJECT, effective_shape },
	{ "counters_share", SHAPE_OBJECT }, { "steps", SHAPE_OBJECTS, step_shape },
	{ "warnings", SHAPE_TEXTS },        { NULL },
};

int decode_repetition(struct reader *rd, const cJSON *item, struct json_slice text)
{
	static const char whose[] = "a repetition";
	uint64_t number, round, sequence;
	struct result *r = rd->r;
	struct result_repetition *rep;
	int error = grow_repetitions(rd);
	int64_t cell;

	if (!error)
		error = decode_count(rd, item, text, whose, "cell", &number);
	if (error)
		return error;
	cell = result_cell_index(r, number);
	if (cell < 0)
		return wrong_at(rd, text.text, "a repetition is of a cell that is not there");
	if (!json_get_text(item, "outcome"))
		return wrong_at(rd, text.text, "a repetition has no outcome");
	error = decode_count(rd, item, text, whose, "round", &round);
	if (!error)
		error = decode_count(rd, item, text, whose, "sequence", &sequence);
	if (!error)
		error = decode_check(rd, item, text, repetition_shape);
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
		.take_turns = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(item, "take_turns")),
		.iterations = json_get_u64(item, "iterations", 0),
		.outcome = decode_text(rd, json_get_text(item, "outcome")),
		.step = decode_text(rd, json_get_text(item, "step")),
		.detail = decode_text(rd, json_get_text(item, "detail")),
		.rule = decode_text(rd, json_get_text(item, "rule")),
		.indeterminate = cJSON_IsTrue(
			cJSON_GetObjectItemCaseSensitive(item, "indeterminate")),
		.expected = decode_text(rd, json_get_text(item, "expected")),
		.as_expected = !cJSON_IsFalse(
			cJSON_GetObjectItemCaseSensitive(item, "as_expected")),
	};
	read_effective(rd, cJSON_GetObjectItemCaseSensitive(item, "effective"), &rep->effective);
	read_texts(rd, cJSON_GetObjectItemCaseSensitive(item, "warnings"), &rep->warnings,
		   &rep->nr_warnings);
	error = read_shares(rd, cJSON_GetObjectItemCaseSensitive(item, "counters_share"), text,
			    rep);
	if (error)
		return error;
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
