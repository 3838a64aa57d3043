/* SPDX-License-Identifier: MIT */
#include "result/schema_cells.h"

#include "axes/axis.h"
#include "ops/op.h"
#include "result/schema_parts.h"
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

cJSON *schema_count(uint64_t minimum, uint64_t maximum)
{
	cJSON *schema = type("integer");

	json_add_u64(schema, "minimum", minimum);
	if (maximum)
		json_add_u64(schema, "maximum", maximum);
	return either(schema, pattern("string", count_pattern));
}

static cJSON *size_schema(const char *expression)
{
	cJSON *zero = cJSON_CreateObject();

	json_add_u64(zero, "const", 0);
	return either(pattern("string", expression), zero);
}

/* An unquoted 0x4000000000 is a number to whoever reads YAML as JSON. */
static cJSON *address_schema(void)
{
	cJSON *number = type("integer");

	json_add_u64(number, "minimum", 0);
	json_add_u64(number, "maximum", UINT64_MAX);
	return either(reference("size"), either(pattern("string", hex_pattern), number));
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
		schema = schema_count(arg->minimum, arg->maximum);
		break;
	case ARG_CHOICE:
		schema = one_of_words(arg->choices);
		break;
	case ARG_DURATION:
		schema = reference("duration");
		break;
	case ARG_SHARE:
		schema = pattern("string", SCHEMA_PERCENT);
		break;
	case ARG_WORDS:
		schema = either(any_word(), list_of(any_word()));
		break;
	}
	described(schema, arg->help);
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
	schema = type("object");
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
		schema = either(schema_count(1, WORKERS_MAX), pattern("string", "^[a-z]+$"));
		return compared ? either(schema, pattern("string", compared_count_pattern))
				: schema;
	}
	schema = axis->words ? one_of_words(axis->words) : type("string");
	return axis->pattern ? either(schema, pattern("string", axis->pattern)) : schema;
}

static cJSON *axis_schema(const struct axis *axis, bool compared)
{
	cJSON *schema = either(axis_scalar(axis, compared), axis_fields(axis));
	char text[1024];

	snprintf(text, sizeof(text), "%s.\n%s", axis->help, axis->forms);
	described(schema, text);
	return schema;
}

cJSON *schema_axes(enum axes_of kind)
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
	json_add(properties, op->name, needs_args(op) ? args : either(args, type("null")));
	step = closed(properties);
	json_append_text(json_add_array(step, "required"), op->name);
	described(step, op->help);
	return step;
}

static cJSON *step_schema(void)
{
	cJSON *schema = cJSON_CreateObject(), *any = json_add_array(schema, "anyOf");

	for (size_t i = 0; ops[i]; i++) {
		if (!needs_args(ops[i]))
			json_append(any, constant_text(ops[i]->name));
		json_append(any, op_schema(ops[i]));
	}
	return schema;
}

void schema_definitions(cJSON *defs)
{
	json_add(defs, "size", size_schema(size_pattern));
	json_add(defs, "duration", pattern("string", duration_pattern));
	json_add(defs, "pattern", schema_axes(AXES_OF_PATTERN));
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
