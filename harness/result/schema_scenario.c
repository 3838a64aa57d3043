/* SPDX-License-Identifier: MIT */
#include "result/schema_scenario.h"

#include "axes/axis.h"
#include "ops/op.h"
#include "result/schema_cells.h"
#include "result/schema_parts.h"
#include "scenario/scenario.h"

#include <stdio.h>

static const char name_pattern[] = "^[A-Za-z0-9_][A-Za-z0-9_.-]*$";

static cJSON *steps_list(bool may_be_empty)
{
	cJSON *schema = type("array");

	json_add(schema, "items", reference("step"));
	json_add_u64(schema, "minItems", may_be_empty ? 0 : 1);
	json_add_u64(schema, "maxItems", STEPS_MAX);
	return schema;
}

/* libpfm4 knows the names, by CPU. */
static cJSON *perf_schema(void)
{
	cJSON *list = list_of(pattern("string", "^.{1,63}$"));

	json_add_u64(list, "maxItems", PERF_EVENTS_MAX);
	json_add_bool(list, "uniqueItems", true);
	return either(pattern("string", "^.{1,63}$"), list);
}

/* One word, or steps by name: of an op that has events, "-2" and so on behind it. */
static cJSON *events_schema(void)
{
	static const char *const loop[] = { "loop", NULL };
	char names[512] = "^(";
	size_t n = 2;

	for (size_t i = 0; ops[i] && n < sizeof(names); i++)
		if (ops[i]->event)
			n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s",
					      n > 2 ? "|" : "", ops[i]->name);
	if (n < sizeof(names))
		snprintf(names + n, sizeof(names) - n, ")(-[0-9]+)?$|^each$");
	return either(one_of_words(loop),
		      either(pattern("string", names), list_of(pattern("string", names))));
}

static cJSON *measure_schema(void)
{
	static const char *const histograms[] = { "merged", "per-worker", NULL };
	cJSON *properties = cJSON_CreateObject(), *schema, *both;

	json_add(properties, "iterations", schema_count(1, 0));
	json_add(properties, "for", reference("duration"));
	json_add(properties, "events", events_schema());
	json_add(properties, "histograms", one_of_words(histograms));
	json_add(properties, "perf", perf_schema());
	schema = closed(properties);
	json_add_u64(schema, "minProperties", 1);
	both = json_add_array(json_add_object(schema, "not"), "required");
	json_append_text(both, "iterations");
	json_append_text(both, "for");
	described(schema, "passes through the steps inside a repetition, or how long to go on");
	return schema;
}

static cJSON *rule_schema(void)
{
	cJSON *properties = cJSON_CreateObject(), *schema;

	json_add(properties, "when", reference("pattern"));
	json_add(properties, "outcome",
		 pattern("string",
			 "^(ok|degraded|oom-killed|timeout|skipped|refused|failed|E[A-Z0-9]+|"
			 "SIG[A-Z0-9]+)$"));
	json_add(properties, "step", type("string"));
	schema = closed(properties);
	json_append_text(json_add_array(schema, "required"), "outcome");
	return schema;
}

static cJSON *expect_schema(void)
{
	static const char *const words[] = { "ok", "model", "nothing", NULL };
	cJSON *schema = either(one_of_words(words), either(list_of(rule_schema()), rule_schema()));

	described(schema,
		  "what the cells are to end as (ok; with find or may_oom: nothing); of rules the "
		  "last that matches");
	return schema;
}

static cJSON *repetitions_schema(void)
{
	cJSON *properties = cJSON_CreateObject(), *schema, *pairs, *list;

	json_add(properties, "min", schema_count(1, 0));
	json_add(properties, "max", schema_count(1, 0));
	json_add(properties, "until", pattern("string", SCHEMA_PERCENT));
	json_add(properties, "compare", one_of_words(axis_names()));
	json_add(properties, "margin", pattern("string", SCHEMA_PERCENT));
	json_add(properties, "power", pattern("string", SCHEMA_PERCENT));
	schema = closed(properties);
	json_add_u64(schema, "minProperties", 1);
	pairs = json_add_object(schema, "dependentRequired");
	list = json_add_array(pairs, "until");
	json_append_text(list, "max");
	list = json_add_array(pairs, "margin");
	json_append_text(list, "compare");
	list = json_add_array(pairs, "power");
	json_append_text(list, "compare");
	json_add(json_add_object(schema, "dependentSchemas"), "max",
		 either(requiring("until"), requiring("compare")));
	schema = either(schema_count(1, 0), schema);
	described(schema, "independent runs of each cell, each in a fresh process");
	return schema;
}

static cJSON *requires_schema(void)
{
	const char *names[AXES_MAX + 1] = { NULL };
	size_t n = 0;

	for (size_t i = 0; axes[i]; i++)
		if (axes[i]->system_wide)
			names[n++] = axes[i]->name;
	return either(one_of_words(names), list_of(one_of_words(names)));
}

static cJSON *name_schema(void)
{
	cJSON *schema = pattern("string", name_pattern);

	json_add_u64(schema, "maxLength", 64);
	return schema;
}

static cJSON *patterns(void)
{
	return either(reference("pattern"), list_of(reference("pattern")));
}

static cJSON *cells(void)
{
	return either(schema_axes(AXES_OF_CELL), list_of(schema_axes(AXES_OF_CELL)));
}

static cJSON *one_chart_or_more(void)
{
	static const char name[] = "^[a-z0-9-]+$";

	return either(pattern("string", name), list_of(pattern("string", name)));
}

/* `defaults` may hold anything: it is where anchors are put. */
static cJSON *root_properties(void)
{
	cJSON *p = cJSON_CreateObject(), *find = one_of_words(find_words);

	described(find, "search instead of steps; cumulative takes chunk, until and touched");
	json_add(p, "scenario", name_schema());
	json_add(p, "summary", any_word());
	json_add_bool(p, "defaults", true);
	json_add(p, "matrix", schema_axes(AXES_OF_MATRIX));
	json_add(p, "include", cells());
	json_add(p, "exclude", patterns());
	json_add(p, "when", patterns());
	json_add(p, "setup", steps_list(true));
	json_add(p, "steps", steps_list(false));
	json_add(p, "measure", measure_schema());
	json_add(p, "expect", expect_schema());
	json_add(p, "repetitions", repetitions_schema());
	json_add(p, "may_oom", type("boolean"));
	json_add(p, "timeout", reference("duration"));
	json_add(p, "requires", requires_schema());
	json_add(p, "charts", one_chart_or_more());
	json_add(p, "find", find);
	json_add(p, "chunk", reference("size"));
	json_add(p, "until", reference("size"));
	json_add(p, "touched", reference("size"));
	return p;
}

cJSON *schema_scenario(void)
{
	cJSON *schema = cJSON_CreateObject(), *root, *list;

	json_add_text(schema, "$schema", "https://json-schema.org/draft/2020-12/schema");
	json_add_text(schema, "title", "overmap scenario");
	json_add_text(schema, "type", "object");
	list = json_add_array(schema, "required");
	json_append_text(list, "scenario");
	list = json_add_array(schema, "oneOf");
	json_append(list, requiring("steps"));
	json_append(list, requiring("find"));
	root = root_properties();
	json_add(schema, "properties", root);
	json_add_bool(schema, "additionalProperties", false);
	schema_definitions(json_add_object(schema, "$defs"));
	return schema;
}
