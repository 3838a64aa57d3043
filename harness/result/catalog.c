/* SPDX-License-Identifier: MIT */
#include "result/catalog.h"

#include "axes/axis.h"
#include "ops/op.h"
#include "result/json.h"

static const char *type_name(enum arg_type type)
{
	static const char *const names[] = {
		[ARG_SIZE] = "size",     [ARG_ADDRESS] = "address",   [ARG_COUNT] = "count",
		[ARG_CHOICE] = "choice", [ARG_DURATION] = "duration", [ARG_WORDS] = "words",
		[ARG_SHARE] = "share",
	};

	return names[type];
}

static void add_words(cJSON *object, const char *name, const char *const *words)
{
	cJSON *list;

	if (!words)
		return;
	list = json_add_array(object, name);
	for (; *words; words++)
		json_append_text(list, *words);
}

static void add_args(cJSON *object, const char *name, const struct arg *args)
{
	cJSON *list = json_add_array(object, name);

	for (; args && args->name; args++) {
		cJSON *arg = cJSON_CreateObject();

		json_add_text(arg, "name", args->name);
		json_add_text(arg, "type", type_name(args->type));
		json_add_bool(arg, "required", !args->initial);
		json_add_text(arg, "initial",
			      args->initial && *args->initial ? args->initial : NULL);
		add_words(arg, "choices", args->type == ARG_CHOICE ? args->choices : NULL);
		json_add_text(arg, "help", args->help);
		json_append(list, arg);
	}
}

static cJSON *metric_json(const struct op *op, const struct metric *metric)
{
	cJSON *json = cJSON_CreateObject();
	char name[96];

	snprintf(name, sizeof(name), "%s.%s", op->name, metric->name);
	json_add_text(json, "name", name);
	json_add_text(json, "unit", metric->unit);
	json_add_text(json, "better", better_name(metric->better));
	json_add_bool(json, "headline", metric == op->metrics || metric->headline);
	json_add_text(json, "help", metric->help);
	return json;
}

static void append_metrics(cJSON *list, const struct op *op)
{
	for (const struct metric *m = op->metrics; m && m->name; m++)
		json_append(list, metric_json(op, m));
}

int catalog_write_ops(FILE *out)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; ops[i]; i++) {
		cJSON *op = cJSON_CreateObject();

		json_add_text(op, "name", ops[i]->name);
		json_add_text(op, "help", ops[i]->help);
		json_add_text(op, "event", ops[i]->event);
		add_args(op, "args", ops[i]->args);
		append_metrics(json_add_array(op, "metrics"), ops[i]);
		json_append(list, op);
	}
	return json_write(list, false, out, NULL);
}

int catalog_write_axes(FILE *out)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; axes[i]; i++) {
		cJSON *axis = cJSON_CreateObject();

		json_add_text(axis, "name", axes[i]->name);
		json_add_text(axis, "help", axes[i]->help);
		json_add_text(axis, "forms", axes[i]->forms);
		json_add_text(axis, "initial", axes[i]->initial);
		json_add_bool(axis, "system_wide", axes[i]->system_wide);
		add_words(axis, "words", axes[i]->words);
		add_args(axis, "fields", axes[i]->fields);
		json_append(list, axis);
	}
	return json_write(list, false, out, NULL);
}

int catalog_write_metrics(FILE *out)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; ops[i]; i++)
		append_metrics(list, ops[i]);
	return json_write(list, false, out, NULL);
}

int catalog_write_scenarios(const struct catalog_scenario *scenarios, size_t n, FILE *out)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < n; i++) {
		cJSON *scenario = cJSON_CreateObject();

		json_add_text(scenario, "path", scenarios[i].path);
		json_add_text(scenario, "name", scenarios[i].name);
		json_add_text(scenario, "summary", scenarios[i].summary);
		json_append(list, scenario);
	}
	return json_write(list, false, out, NULL);
}
