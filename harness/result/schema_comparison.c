/* SPDX-License-Identifier: MIT */
/* The schema of what `overmap compare --format json` writes: see result/comparisons_write.c. */
#include "result/schema.h"

#include "result/comparisons.h"
#include "result/schema_parts.h"

static cJSON *number(void)
{
	return type("number");
}

/* One of the words. */
static cJSON *word(const char *const *words)
{
	cJSON *schema = type("string"), *names = json_add_array(schema, "enum");

	for (; *words; words++)
		json_append_text(names, *words);
	return schema;
}

static cJSON *verdict_schema(void)
{
	cJSON *schema = type("string"), *names = json_add_array(schema, "enum");

	for (int v = COMPARE_VERDICT_INCONCLUSIVE; v <= COMPARE_VERDICT_INDICATIVE; v++)
		json_append_text(names, compare_verdict_name((enum compare_verdict)v));
	return schema;
}

static cJSON *interval_schema(void)
{
	static const char *const ends[] = { "low", "high", "coverage", NULL };
	cJSON *schema = closed_object();

	members(schema, ends, number_or_null);
	return schema;
}

static cJSON *arm_schema(void)
{
	static const char *const numbers[] = { "median", "low", "high", "coverage", NULL };
	static const char *const counts[] = {
		"given", "used", "disturbed", "not_measured", "infinite", "not_positive", NULL
	};
	cJSON *schema = closed_object();

	members(schema, numbers, number_or_null);
	members(schema, counts, count);
	return schema;
}

static cJSON *row_warnings_schema(void)
{
	cJSON *schema = closed_object();

	member(schema, "kind", text());
	member(schema, "value", number_or_null());
	member(schema, "p", number());
	return list(schema);
}

/* With logarithms a row has a ratio and its interval, without them a difference and its own. */
static cJSON *row_schema(void)
{
	static const char *const texts[] = { "cell", "metric", "unit", NULL };
	static const char *const numbers[] = { "ratio", "difference", "coverage", "statistic",
					       "p",     "holm_p",     "p_margin", "holm_p_margin",
					       "noise", "detectable", "needed",   NULL };
	static const char *const either[] = { "low",
					      "high",
					      "ratio_of_medians",
					      "difference_low",
					      "difference_high",
					      "difference_of_medians",
					      NULL };
	static const char *const counts[] = {
		"family", "n", "zeros", "dropped", "unpaired_repetitions", NULL
	};
	static const char *const flags[] = { "primary", "exact", "beyond_margin",
					     "slower_beyond_margin", NULL };
	static const char *const tests[] = { "signed-rank", "rank-sum", NULL };
	static const char *const labels[] = { "paired", "paired, unrandomised", "unpaired",
					      "unpaired, unrandomised", NULL };
	cJSON *schema = closed_object();

	members(schema, texts, text);
	members(schema, numbers, number_or_null);
	members(schema, counts, count);
	for (const char *const *name = either; *name; name++)
		optional(schema, *name, number_or_null());
	for (const char *const *name = flags; *name; name++)
		member(schema, *name, type("boolean"));
	member(schema, "better", better_schema());
	member(schema, "a", arm_schema());
	member(schema, "b", arm_schema());
	member(schema, "narrow", interval_schema());
	member(schema, "test", word(tests));
	member(schema, "label", word(labels));
	member(schema, "verdict", verdict_schema());
	member(schema, "apparent", verdict_schema());
	member(schema, "warnings", row_warnings_schema());
	return schema;
}

static cJSON *mean_schema(void)
{
	static const char *const counts[] = { "cells",    "unmatched", "zero",
					      "negative", "infinite",  NULL };
	cJSON *schema = closed_object();

	member(schema, "metric", text());
	member(schema, "of", text_or_null());
	member(schema, "better", better_schema());
	member(schema, "ratio", number_or_null());
	members(schema, counts, count);
	return schema;
}

/* Of the results that were compared; samples have none. */
static void add_origin(cJSON *schema)
{
	static const struct {
		const char *object;
		const char *names[4];
	} origins[] = {
		{ "host", { "name", "kernel", "machine" } },
		{ "run", { "started", "clock" } },
		{ "scenario", { "name" } },
		{ "tool", { "version" } },
	};

	for (size_t i = 0; i < sizeof(origins) / sizeof(origins[0]); i++) {
		cJSON *object = closed_object();

		for (const char *const *name = origins[i].names; *name; name++)
			optional(object, *name, text());
		optional(schema, origins[i].object, object);
	}
}

cJSON *schema_comparison(void)
{
	static const char *const numbers[] = { "margin", "alpha", "power", NULL };
	static const char *const texts[] = { "baseline", "other", "unit", NULL };
	static const char *const sentences[] = { "unmatched", "differences", "warnings", NULL };
	static const char *const transforms[] = { "log", "none", NULL };
	cJSON *schema = closed_object(), *version = cJSON_CreateObject();

	json_add_text(schema, "$schema", "https://json-schema.org/draft/2020-12/schema");
	json_add_text(schema, "title", "A comparison of overmap");
	member(schema, "overmap", constant_text("comparison"));
	json_add_u64(version, "const", COMPARISONS_SCHEMA);
	member(schema, "schema", version);
	add_origin(schema);
	optional(schema, "emulated", type("boolean"));
	members(schema, texts, text);
	members(schema, numbers, number);
	member(schema, "transform", word(transforms));
	member(schema, "comparisons", list(row_schema()));
	member(schema, "geomeans", list(mean_schema()));
	for (const char *const *name = sentences; *name; name++)
		member(schema, *name, list(text()));
	return schema;
}
