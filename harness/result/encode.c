/* SPDX-License-Identifier: MIT */
#include "result/encode.h"

#include "sys/counters.h"

#include "base/file.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* "2026-11-24T10:12:33.123456789Z" */
void encode_time(cJSON *object, const char *name, uint64_t realtime_ns)
{
	time_t seconds = (time_t)(realtime_ns / 1000000000u);
	char text[64], whole[32];
	struct tm utc;

	gmtime_r(&seconds, &utc);
	strftime(whole, sizeof(whole), "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text, sizeof(text), "%s.%09uZ", whole, (unsigned int)(realtime_ns % 1000000000u));
	json_add_text(object, name, text);
}

void encode_boot(cJSON *object)
{
	char boot[64];

	json_add_text(object, "boot_id",
		      file_read("/proc/sys/kernel/random/boot_id", boot, sizeof(boot)) < 0 ? NULL
											   : boot);
}

static void add_clock(cJSON *object, const struct clock *clock)
{
	json_add_text(object, "clock", clock_kind_name(clock->kind));
	json_add_double(object, "ns_per_tick", clock->ns_per_tick);
	json_add_double(object, "clock_resolution_ns", clock->resolution_ns);
	json_add_double(object, "stamp_cost_ns", clock->stamp_cost_ns);
	json_add_double(object, "event_stamp_cost_ns", clock->next_cost_ns);
}

static cJSON *encode_scenario(const struct scenario *s)
{
	cJSON *object = cJSON_CreateObject(), *charts;
	char events[256];

	json_add_text(object, "name", s->name);
	json_add_text(object, "summary", s->summary);
	json_add_text(object, "path", s->path);
	json_add_text(object, "sha256", s->sha256);
	charts = json_add_array(object, "charts");
	for (unsigned int i = 0; i < s->nr_charts; i++)
		json_append_text(charts, s->charts[i]);
	json_add_copied(object, "events", json_text(scenario_events(s, events, sizeof(events))));
	json_add_text(object, "source", s->source);
	return object;
}

static cJSON *encode_tool(const struct result_tool *tool)
{
	cJSON *object = cJSON_CreateObject();

	json_add_text(object, "version", tool->version);
	json_add_text(object, "commit", tool->commit);
	json_add_text(object, "compiler", tool->compiler);
	json_add_text(object, "flags", tool->flags);
	return object;
}

static cJSON *encode_run(const struct result_context *c)
{
	cJSON *object = cJSON_CreateObject(), *options, *set, *guards;

	json_add_u64(object, "seed", c->seed);
	encode_time(object, "started", clock_realtime_ns());
	if (c->clock)
		add_clock(object, c->clock);
	options = json_add_object(object, "options");
	json_add_u64(options, "max_memory_bytes", c->max_memory_bytes);
	json_add_u64(options, "timeout_ns", c->timeout_ns);
	json_add_u64(options, "time_limit_ns", c->time_limit_ns);
	set = json_add_object(options, "set");
	for (unsigned int i = 0; i < c->nr_set; i++)
		json_add_copied(set, c->set[i].name, json_text(c->set[i].value));
	guards = json_add_array(object, "guarded_by");
	for (const char *const *name = c->guarded_by; name && *name; name++)
		json_append_text(guards, *name);
	return object;
}

/* Names that come from outside are copied, unlike those of json_add_text(). */
static void add_fact(void *context, const char *group, const char *name, const char *value)
{
	cJSON *facts = context, *object = cJSON_GetObjectItemCaseSensitive(facts, group);

	if (!object) {
		object = cJSON_CreateObject();
		json_add_copied(facts, group, object);
	}
	json_add_copied(object, name, value ? json_text(value) : cJSON_CreateNull());
}

static cJSON *encode_host(const struct result_context *c)
{
	cJSON *object = encode_machine(c->host);

	if (c->facts)
		c->facts(add_fact, json_add_object(object, "facts"));
	return object;
}

static bool axis_included(const struct matrix *m, unsigned int row)
{
	for (unsigned int i = 0; i < m->nr_include; i++)
		if (m->include[i].values[row].data)
			return true;
	return false;
}

bool axis_named(const struct matrix *m, unsigned int row)
{
	return m->axes[row].named || axis_included(m, row);
}

bool axis_varies(const struct matrix *m, unsigned int row)
{
	return m->axes[row].nr_values > 1 || axis_included(m, row);
}

static cJSON *encode_axes(const struct matrix *m)
{
	cJSON *array = cJSON_CreateArray();

	for (unsigned int row = 0; row < m->nr_axes; row++) {
		cJSON *object, *values;

		if (!axis_named(m, row))
			continue;
		object = cJSON_CreateObject();
		json_add_text(object, "name", m->axes[row].axis->name);
		json_add_bool(object, "varies", axis_varies(m, row));
		values = json_add_array(object, "values");
		for (unsigned int i = 0; i < m->axes[row].nr_values; i++)
			json_append_text(values, m->axes[row].values[i].text);
		json_append(array, object);
	}
	return array;
}

static void append_step(cJSON *array, const struct step *step, bool setup)
{
	cJSON *object = cJSON_CreateObject(), *args;

	json_add_text(object, "name", step->name);
	json_add_text(object, "op", step->op->name);
	args = json_add_object(object, "args");
	for (unsigned int i = 0; step->op->args && step->op->args[i].name; i++) {
		char text[256];

		if (step->args[i].given)
			json_add_text(
				args, step->op->args[i].name,
				arg_format(&step->op->args[i], &step->args[i], text, sizeof(text)));
	}
	json_add_bool(object, "setup", setup);
	json_append(array, object);
}

static cJSON *encode_steps(const struct scenario *s)
{
	cJSON *array = cJSON_CreateArray();

	for (unsigned int i = 0; i < s->nr_setup; i++)
		append_step(array, &s->setup[i], true);
	for (unsigned int i = 0; i < s->nr_steps; i++)
		append_step(array, &s->steps[i], false);
	return array;
}

static void append_metrics(cJSON *array, const struct step *step)
{
	for (const struct metric *m = step->op->metrics; m && m->name; m++) {
		cJSON *object = cJSON_CreateObject();
		char name[128];

		snprintf(name, sizeof(name), "%s.%s", step->name, m->name);
		json_add_text(object, "name", name);
		json_add_text(object, "step", step->name);
		json_add_text(object, "unit", m->unit);
		json_add_text(object, "better", better_name(m->better));
		json_add_bool(object, "headline", m == step->op->metrics || m->headline);
		json_add_text(object, "help", m->help);
		json_append(array, object);
	}
}

/* Counters stand beside the steps' metrics; one that this machine lacks says why. */
static cJSON *append_counter(cJSON *array, const struct counter *counter, const char *absence)
{
	cJSON *object = cJSON_CreateObject();
	const char *name = counter->name;
	char group[32];

	json_add_text(object, "name", name);
	snprintf(group, sizeof(group), "%.*s", (int)(strchr(name, '.') - name), name);
	json_add_text(object, "step", group);
	json_add_text(object, "unit", counter->unit);
	json_add_text(object, "better", better_name(BETTER_NEITHER));
	json_add_text(object, "help", counter->help);
	json_add_text(object, "absent", absence);
	json_append(array, object);
	return object;
}

static void append_counters(cJSON *array)
{
	char absences[COUNTERS_MAX][ABSENCE_MAX];

	counters_absences(absences);
	for (unsigned int i = 0; counters[i].name; i++)
		append_counter(array, &counters[i], absences[i][0] ? absences[i] : NULL);
}

static void append_events(cJSON *array, const struct perf_choice *choice)
{
	perf_prepare(choice);
	for (unsigned int i = 0; i < choice->nr; i++) {
		char name[PERF_METRIC_MAX];
		struct counter counter = { perf_metric(choice, i, name), perf_unit(i),
					   perf_help(i) };
		cJSON *object = append_counter(array, &counter, perf_absence(i));

		if (perf_note(i))
			json_add_text(object, "note", perf_note(i));
	}
}

cJSON *encode_header(const struct result_context *c)
{
	cJSON *header = cJSON_CreateObject(), *metrics;

	json_add_text(header, "overmap", "result");
	json_add_u64(header, "schema", RESULT_SCHEMA);
	if (c->emulated)
		json_add_bool(header, "emulated", true);
	json_add(header, "scenario", encode_scenario(c->scenario));
	json_add(header, "tool", encode_tool(&c->tool));
	json_add(header, "run", encode_run(c));
	json_add(header, "host", encode_host(c));
	json_add(header, "axes", encode_axes(&c->scenario->matrix));
	json_add(header, "steps", encode_steps(c->scenario));
	metrics = json_add_array(header, "metrics");
	for (unsigned int i = 0; i < c->scenario->nr_steps; i++)
		append_metrics(metrics, &c->scenario->steps[i]);
	append_counters(metrics);
	append_events(metrics, &c->scenario->measure.perf);
	return header;
}

/* What the cell comes to on this host: as far as it can be had there. */
static void add_requested(cJSON *object, const struct result_context *c, const struct cell *cell)
{
	struct conditions conditions;
	cJSON *settings;

	/* Each by itself: an axis that this host cannot do does not hide what the others say. */
	memset(&conditions, 0, sizeof(conditions));
	for (int i = 0; axes[i]; i++)
		axes[i]->resolve(cell->params.value[i]->data, c->host, &conditions, NULL);
	json_add_u64(object, "size_bytes", conditions.map.length_bytes);
	json_add_u64(object, "nr_workers", conditions.nr_workers);
	settings = json_add_object(object, "settings");
	for (unsigned int i = 0; i < conditions.nr_wanted; i++)
		json_add_copied(settings, conditions.wanted[i].name,
				json_text(conditions.wanted[i].value));
}

cJSON *encode_cell(const struct result_context *c, const struct cell *cell)
{
	const struct matrix *m = &c->scenario->matrix;
	cJSON *object = cJSON_CreateObject(), *params;

	json_add_u64(object, "cell", cell->index);
	params = json_add_object(object, "params");
	for (unsigned int row = 0; row < m->nr_axes; row++)
		if (axis_named(m, row))
			json_add_text(params, m->axes[row].axis->name,
				      cell->params.value[row]->text);
	add_requested(object, c, cell);
	return object;
}

/* "never, private anonymous noreserve": the values of the axes that vary, or the scenario's name.
 */
static void add_label(cJSON *object, const struct scenario *s, const struct cell *cell)
{
	const struct matrix *m = &s->matrix;
	char text[512] = "";
	size_t used = 0;

	for (unsigned int row = 0; row < m->nr_axes && used < sizeof(text); row++) {
		const char *value = cell->params.value[row]->text;
		bool bare = strcmp(value, "none") == 0;

		if (axis_varies(m, row))
			used += (size_t)snprintf(
				text + used, sizeof(text) - used, "%s%s%s%s", used ? ", " : "",
				bare ? m->axes[row].axis->name : "", bare ? " " : "", value);
	}
	json_add_text(object, "label", used ? text : s->name);
}

static void add_found(cJSON *object, const char *name, double bytes)
{
	if (bytes >= 0 && bytes < 0x1p64)
		json_add_u64(object, name, (uint64_t)bytes);
	else
		json_add_null(object, name);
}

cJSON *encode_ceiling(const struct scenario *s, const struct cell *cell,
		      const struct repetition *rep)
{
	cJSON *object = cJSON_CreateObject();

	json_add_u64(object, "cell", cell->index);
	add_label(object, s, cell);
	/* The first two metrics of every search: found, and predicted. */
	add_found(object, "bytes", rep->steps[0].metric[0]);
	add_found(object, "predicted_bytes", rep->steps[0].metric[1]);
	json_add_text(object, "rule", rep->rule[0] ? rep->rule : NULL);
	return object;
}

cJSON *encode_samples(const struct scenario *s, const struct cell *cell,
		      const struct repetition *rep)
{
	cJSON *array = cJSON_CreateArray();

	for (unsigned int i = 0; i < rep->nr_samples; i++) {
		const struct cumulative_sample *sample = &rep->samples[i];
		cJSON *row = cJSON_CreateObject();

		json_add_u64(row, "cell", cell->index);
		add_label(row, s, cell);
		json_add_u64(row, "granted_bytes", sample->granted_bytes);
		json_add_u64(row, "committed_bytes", sample->committed_bytes);
		json_add_u64(row, "page_table_bytes", sample->page_table_bytes);
		json_add_u64(row, "resident_bytes", sample->resident_bytes);
		json_append(array, row);
	}
	return array;
}

static void add_summary(cJSON *object, const struct result_end *end)
{
	cJSON *summary = json_add_object(object, "summary");

	json_add_u64(summary, "repetitions", end->nr_repetitions);
	json_add_u64(summary, "cells", end->nr_cells);
	json_add_u64(summary, "unexpected", end->nr_unexpected);
	json_add_u64(summary, "indeterminate", end->nr_indeterminate);
	json_add_u64(summary, "failed", end->nr_failed);
	json_add_u64(summary, "skipped", end->nr_skipped);
	json_add_u64(summary, "refused", end->nr_refused);
	json_add_u64(summary, "degraded", end->nr_degraded);
	json_add_u64(summary, "oom_killed", end->nr_oom);
	json_add_u64(summary, "timeout", end->nr_timeout);
	json_add_u64(summary, "unsettled", end->nr_unsettled);
}

cJSON *encode_end(const struct result_end *end)
{
	cJSON *object = cJSON_CreateObject(), *run = json_add_object(object, "run");

	encode_time(run, "ended", clock_realtime_ns());
	json_add_text(run, "signal", end->signal ? signal_name(end->signal) : NULL);
	json_add_text(run, "ended_by",
		      end->signal        ? "signal"
		      : end->out_of_time ? "time limit"
					 : "plan");
	json_add_u64(run, "spent_ns", end->spent_ns);
	if (end->clock)
		add_clock(run, end->clock);
	add_summary(object, end);
	return object;
}

cJSON *encode_resumed(const struct result_context *context)
{
	cJSON *object = cJSON_CreateObject();

	encode_time(object, "started", clock_realtime_ns());
	encode_boot(object);
	json_add_text(object, "kernel", context->host->kernel_release);
	return object;
}
