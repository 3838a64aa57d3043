/* SPDX-License-Identifier: MIT */
#include "result/schema_scenario.h"

#include "axes/axis.h"
#include "ops/op.h"
#include "scenario/scenario.h"

#include <stdio.h>
#include <string.h>

#define NUMBER "[0-9]+(\\.[0-9]{1,6})?"
#define UNIT   "(B|KiB|MiB|GiB|TiB|PiB|EiB|pages?)"
#define AMOUNT NUMBER " *" UNIT
#define BASE   "(ram|swap|ram\\+swap|available|commit-limit|node|llc|mapping)"
#define SHARE  NUMBER "(% *|x +)" BASE "( *[+-] *" AMOUNT ")?"
#define SIZE   "(0|" AMOUNT "|" SHARE ")"

static const char size_pattern[] = "^ *" SIZE " *$";
static const char hex_pattern[] = "^ *0[xX]0*[0-9a-fA-F]{1,16}$";
static const char compared_size_pattern[] = "^ *([<>]=? *)?" SIZE " *$";
static const char compared_count_pattern[] = "^[<>]=? *([1-9][0-9]*|[a-z]+)$";
static const char count_pattern[] = "^(0|[1-9][0-9]*)$";
static const char duration_pattern[] = "^" NUMBER " *(ns|us|ms|s|min|h)$";
static const char percent_pattern[] = "^" NUMBER "%$";
static const char name_pattern[] = "^[A-Za-z0-9_][A-Za-z0-9_.-]*$";

static cJSON *typed(const char *type)
{
	cJSON *schema = cJSON_CreateObject();

	json_add_text(schema, "type", type);
	return schema;
}

static cJSON *text_like(const char *pattern)
{
	cJSON *schema = typed("string");

	json_add_text(schema, "pattern", pattern);
	return schema;
}

static cJSON *constant(const char *text)
{
	cJSON *schema = cJSON_CreateObject();

	json_add_text(schema, "const", text);
	return schema;
}

static cJSON *reference(const char *name)
{
	cJSON *schema = cJSON_CreateObject();
	char path[64];

	snprintf(path, sizeof(path), "#/$defs/%s", name);
	json_add_text(schema, "$ref", path);
	return schema;
}

static cJSON *one_of_words(const char *const *words)
{
	cJSON *schema = cJSON_CreateObject(), *list = json_add_array(schema, "enum");

	for (; *words; words++)
		json_append_text(list, *words);
	return schema;
}

/* Any of two schemas; the second may be NULL. */
static cJSON *either(cJSON *first, cJSON *second)
{
	cJSON *schema, *list;

	if (!second)
		return first;
	schema = cJSON_CreateObject();
	list = json_add_array(schema, "anyOf");
	json_append(list, first);
	json_append(list, second);
	return schema;
}

static cJSON *list_of(cJSON *items)
{
	cJSON *schema = typed("array");

	json_add(schema, "items", items);
	json_add_u64(schema, "minItems", 1);
	return schema;
}

/* A mapping with these members and no others. */
static cJSON *closed(cJSON *properties)
{
	cJSON *schema = typed("object");

	json_add(schema, "properties", properties);
	json_add_bool(schema, "additionalProperties", false);
	return schema;
}

static void describe(cJSON *schema, const char *text)
{
	json_add_text(schema, "description", text);
}

/* A plain scalar of any type: words that hold only digits are numbers in JSON. */
static cJSON *any_word(void)
{
	cJSON *schema = cJSON_CreateObject(), *list = json_add_array(schema, "type");

	json_append_text(list, "string");
	json_append_text(list, "number");
	return schema;
}

static cJSON *whole_number(uint64_t minimum, uint64_t maximum)
{
	cJSON *schema = typed("integer");

	json_add_u64(schema, "minimum", minimum);
	if (maximum)
		json_add_u64(schema, "maximum", maximum);
	return either(schema, text_like(count_pattern));
}

static cJSON *size_schema(const char *pattern)
{
	cJSON *zero = cJSON_CreateObject();

	json_add_u64(zero, "const", 0);
	return either(text_like(pattern), zero);
}

/* An unquoted 0x4000000000 is a number to whoever reads YAML as JSON. */
static cJSON *address_schema(void)
{
	cJSON *number = typed("integer");

	json_add_u64(number, "minimum", 0);
	json_add_u64(number, "maximum", UINT64_MAX);
	return either(reference("size"), either(text_like(hex_pattern), number));
}

static cJSON *arg_schema(const struct arg *arg)
{
	cJSON *schema = NULL;

	switch (arg->type) {
	case ARG_SIZE:
		schema = reference("size");
		break;
	case ARG_ADDRESS:
		schema = address_schema();
		break;
	case ARG_COUNT:
		schema = whole_number(arg->minimum, arg->maximum);
		break;
	case ARG_CHOICE:
		schema = one_of_words(arg->choices);
		break;
	case ARG_DURATION:
		schema = reference("duration");
		break;
	case ARG_SHARE:
		schema = text_like(percent_pattern);
		break;
	case ARG_WORDS:
		schema = either(any_word(), list_of(any_word()));
		break;
	}
	describe(schema, arg->help);
	if (arg->initial && *arg->initial)
		json_add_text(schema, "default", arg->initial);
	return schema;
}

static void require(cJSON *schema, const struct arg *args)
{
	cJSON *list = NULL;

	for (; args && args->name; args++) {
		if (args->initial)
			continue;
		if (!list)
			list = json_add_array(schema, "required");
		json_append_text(list, args->name);
	}
}

static cJSON *args_properties(const struct arg *args)
{
	cJSON *properties = cJSON_CreateObject();

	for (; args && args->name; args++)
		json_add(properties, args->name, arg_schema(args));
	return properties;
}

static bool is_size(const struct axis *axis)
{
	return strcmp(axis->name, "size") == 0;
}

static bool is_threads(const struct axis *axis)
{
	return strcmp(axis->name, "threads") == 0;
}

static cJSON *axis_fields(const struct axis *axis)
{
	cJSON *schema;

	if (!axis->fields && !axis->any_field)
		return NULL;
	schema = typed("object");
	json_add(schema, "properties", args_properties(axis->fields));
	require(schema, axis->fields);
	json_add_u64(schema, "minProperties", 1);
	if (axis->any_field)
		json_add(schema, "additionalProperties", any_word());
	else
		json_add_bool(schema, "additionalProperties", false);
	return schema;
}

/* One value of an axis as a plain word. */
static cJSON *axis_scalar(const struct axis *axis, bool compared)
{
	cJSON *schema;

	if (is_size(axis))
		return size_schema(compared ? compared_size_pattern : size_pattern);
	if (is_threads(axis)) {
		schema = either(whole_number(1, WORKERS_MAX), text_like("^[a-z]+$"));
		return compared ? either(schema, text_like(compared_count_pattern)) : schema;
	}
	schema = axis->words ? one_of_words(axis->words) : typed("string");
	return axis->pattern ? either(schema, text_like(axis->pattern)) : schema;
}

static cJSON *axis_schema(const struct axis *axis, bool compared)
{
	cJSON *schema = either(axis_scalar(axis, compared), axis_fields(axis));
	char text[1024];

	snprintf(text, sizeof(text), "%s.\n%s", axis->help, axis->forms);
	describe(schema, text);
	return schema;
}

enum axes_of { AXES_OF_MATRIX, AXES_OF_CELL, AXES_OF_PATTERN };

static cJSON *axes_schema(enum axes_of kind)
{
	cJSON *properties = cJSON_CreateObject(), *schema;

	for (size_t i = 0; axes[i]; i++) {
		char name[48];
		cJSON *value;

		snprintf(name, sizeof(name), "%s%s", axes[i]->name,
			 kind == AXES_OF_PATTERN ? "-pattern" : "");
		value = reference(name);
		if (kind != AXES_OF_CELL)
			value = either(value, list_of(reference(name)));
		json_add(properties, axes[i]->name, value);
	}
	schema = closed(properties);
	if (kind != AXES_OF_MATRIX)
		json_add_u64(schema, "minProperties", 1);
	return schema;
}

static bool needs_args(const struct op *op)
{
	for (const struct arg *a = op->args; a && a->name; a++)
		if (!a->initial)
			return true;
	return false;
}

static cJSON *op_schema(const struct op *op)
{
	cJSON *args, *step, *properties = args_properties(op->args);

	json_add(properties, "when", reference("pattern"));
	args = closed(properties);
	require(args, op->args);
	properties = cJSON_CreateObject();
	json_add(properties, op->name, needs_args(op) ? args : either(args, typed("null")));
	step = closed(properties);
	json_append_text(json_add_array(step, "required"), op->name);
	describe(step, op->help);
	return step;
}

static cJSON *step_schema(void)
{
	cJSON *schema = cJSON_CreateObject(), *any = json_add_array(schema, "anyOf");

	for (size_t i = 0; ops[i]; i++) {
		if (!needs_args(ops[i]))
			json_append(any, constant(ops[i]->name));
		json_append(any, op_schema(ops[i]));
	}
	return schema;
}

static cJSON *steps_list(bool may_be_empty)
{
	cJSON *schema = typed("array");

	json_add(schema, "items", reference("step"));
	json_add_u64(schema, "minItems", may_be_empty ? 0 : 1);
	json_add_u64(schema, "maxItems", STEPS_MAX);
	return schema;
}

/* libpfm4 knows the names, by CPU. */
static cJSON *perf_schema(void)
{
	cJSON *list = list_of(text_like("^.{1,63}$"));

	json_add_u64(list, "maxItems", PERF_EVENTS_MAX);
	json_add_bool(list, "uniqueItems", true);
	return either(text_like("^.{1,63}$"), list);
}

/* One word, or steps by name: of an op that has events, "-2" and so on behind it. */
static cJSON *events_schema(void)
{
	static const char *const loop[] = { "loop", NULL };
	char pattern[512] = "^(";
	size_t n = 2;

	for (size_t i = 0; ops[i] && n < sizeof(pattern); i++)
		if (ops[i]->event)
			n += (size_t)snprintf(pattern + n, sizeof(pattern) - n, "%s%s",
					      n > 2 ? "|" : "", ops[i]->name);
	if (n < sizeof(pattern))
		snprintf(pattern + n, sizeof(pattern) - n, ")(-[0-9]+)?$|^each$");
	return either(one_of_words(loop), either(text_like(pattern), list_of(text_like(pattern))));
}

static cJSON *measure_schema(void)
{
	static const char *const histograms[] = { "merged", "per-worker", NULL };
	cJSON *properties = cJSON_CreateObject(), *schema, *both;

	json_add(properties, "iterations", whole_number(1, 0));
	json_add(properties, "for", reference("duration"));
	json_add(properties, "events", events_schema());
	json_add(properties, "histograms", one_of_words(histograms));
	json_add(properties, "perf", perf_schema());
	schema = closed(properties);
	json_add_u64(schema, "minProperties", 1);
	both = json_add_array(json_add_object(schema, "not"), "required");
	json_append_text(both, "iterations");
	json_append_text(both, "for");
	describe(schema, "passes through the steps inside a repetition, or how long to go on");
	return schema;
}

static cJSON *rule_schema(void)
{
	cJSON *properties = cJSON_CreateObject(), *schema;

	json_add(properties, "when", reference("pattern"));
	json_add(properties, "outcome",
		 text_like("^(ok|degraded|oom-killed|timeout|skipped|refused|failed|E[A-Z0-9]+|"
			   "SIG[A-Z0-9]+)$"));
	json_add(properties, "step", typed("string"));
	schema = closed(properties);
	json_append_text(json_add_array(schema, "required"), "outcome");
	return schema;
}

static cJSON *expect_schema(void)
{
	static const char *const words[] = { "ok", "model", "nothing", NULL };
	cJSON *schema = either(one_of_words(words), either(list_of(rule_schema()), rule_schema()));

	describe(schema,
		 "what the cells are to end as (ok; with find or may_oom: nothing); of rules the "
		 "last that matches");
	return schema;
}

static cJSON *requiring(const char *name)
{
	cJSON *schema = cJSON_CreateObject();

	json_append_text(json_add_array(schema, "required"), name);
	return schema;
}

static cJSON *repetitions_schema(void)
{
	cJSON *properties = cJSON_CreateObject(), *schema, *pairs, *list;

	json_add(properties, "min", whole_number(1, 0));
	json_add(properties, "max", whole_number(1, 0));
	json_add(properties, "until", text_like(percent_pattern));
	json_add(properties, "compare", one_of_words(axis_names()));
	json_add(properties, "margin", text_like(percent_pattern));
	json_add(properties, "power", text_like(percent_pattern));
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
	schema = either(whole_number(1, 0), schema);
	describe(schema, "independent runs of each cell, each in a fresh process");
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
	cJSON *schema = text_like(name_pattern);

	json_add_u64(schema, "maxLength", 64);
	return schema;
}

static cJSON *patterns(void)
{
	return either(reference("pattern"), list_of(reference("pattern")));
}

static cJSON *cells(void)
{
	return either(axes_schema(AXES_OF_CELL), list_of(axes_schema(AXES_OF_CELL)));
}

static cJSON *one_chart_or_more(void)
{
	static const char name[] = "^[a-z0-9-]+$";

	return either(text_like(name), list_of(text_like(name)));
}

/* `defaults` may hold anything: it is where anchors are put. */
static cJSON *root_properties(void)
{
	cJSON *p = cJSON_CreateObject(), *find = one_of_words(find_words);

	describe(find, "search instead of steps; cumulative takes chunk, until and touched");
	json_add(p, "scenario", name_schema());
	json_add(p, "summary", any_word());
	json_add_bool(p, "defaults", true);
	json_add(p, "matrix", axes_schema(AXES_OF_MATRIX));
	json_add(p, "include", cells());
	json_add(p, "exclude", patterns());
	json_add(p, "when", patterns());
	json_add(p, "setup", steps_list(true));
	json_add(p, "steps", steps_list(false));
	json_add(p, "measure", measure_schema());
	json_add(p, "expect", expect_schema());
	json_add(p, "repetitions", repetitions_schema());
	json_add(p, "may_oom", typed("boolean"));
	json_add(p, "timeout", reference("duration"));
	json_add(p, "requires", requires_schema());
	json_add(p, "charts", one_chart_or_more());
	json_add(p, "find", find);
	json_add(p, "chunk", reference("size"));
	json_add(p, "until", reference("size"));
	json_add(p, "touched", reference("size"));
	return p;
}

static void add_definitions(cJSON *defs)
{
	json_add(defs, "size", size_schema(size_pattern));
	json_add(defs, "duration", text_like(duration_pattern));
	json_add(defs, "pattern", axes_schema(AXES_OF_PATTERN));
	json_add(defs, "step", step_schema());
	for (size_t i = 0; axes[i]; i++) {
		char name[48];

		/* An axis of its own name must not hide the size of arguments: same words. */
		if (!is_size(axes[i]))
			json_add_copied(defs, axes[i]->name, axis_schema(axes[i], false));
		snprintf(name, sizeof(name), "%s-pattern", axes[i]->name);
		json_add_copied(defs, name, axis_schema(axes[i], true));
	}
}

static cJSON *required(const char *name)
{
	cJSON *schema = cJSON_CreateObject();

	json_append_text(json_add_array(schema, "required"), name);
	return schema;
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
	json_append(list, required("steps"));
	json_append(list, required("find"));
	root = root_properties();
	json_add(schema, "properties", root);
	json_add_bool(schema, "additionalProperties", false);
	add_definitions(json_add_object(schema, "$defs"));
	return schema;
}
