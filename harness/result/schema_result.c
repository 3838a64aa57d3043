/* SPDX-License-Identifier: MIT */
/* The schema of a result document: the tables of axes, ops and outcomes, and the shape of
 * FORMAT.md. */
#include "result/schema.h"

#include "axes/axis.h"
#include "ops/op.h"
#include "result/schema_host.h"
#include "result/schema_parts.h"
#include "result/write.h"
#include "scenario/record.h"

static cJSON *axis_name_schema(void)
{
	cJSON *schema = type("string"), *names = json_add_array(schema, "enum");

	for (const char *const *name = axis_names(); *name; name++)
		json_append_text(names, *name);
	return schema;
}

static cJSON *op_name_schema(void)
{
	cJSON *schema = type("string"), *names = json_add_array(schema, "enum");

	for (const char *const *name = op_names(); *name; name++)
		json_append_text(names, *name);
	for (const char *const *name = find_words; *name; name++)
		json_append_text(names, *name);
	return schema;
}

/* The words, or the name of an errno or of a signal. */
static cJSON *outcome_schema(void)
{
	cJSON *schema = cJSON_CreateObject(), *either = json_add_array(schema, "anyOf");
	cJSON *words = type("string"), *names = json_add_array(words, "enum");

	for (enum outcome_kind kind = OUTCOME_OK; kind < OUTCOME_INTERRUPTED; kind++) {
		struct outcome o = { .kind = kind };

		if (kind != OUTCOME_ERRNO && kind != OUTCOME_SIGNAL)
			json_append_text(names, outcome_name(&o));
	}
	json_append(either, words);
	json_append(either, pattern("string", "^E[A-Z0-9]+$|^errno [0-9]+$"));
	json_append(either, pattern("string", "^SIG[A-Z0-9+]+$|^signal [0-9]+$"));
	return schema;
}

static cJSON *scenario_schema(void)
{
	static const char *const optional_texts[] = { "summary", "path", NULL };
	cJSON *schema = closed_object();

	member(schema, "name", text());
	members(schema, optional_texts, text_or_null);
	member(schema, "sha256", pattern("string", "^[0-9a-f]{64}$"));
	member(schema, "charts", list(text()));
	optional(schema, "events", text());
	member(schema, "source", described(text(), "the scenario file's whole text"));
	return schema;
}

static cJSON *tool_schema(void)
{
	static const char *const names[] = { "version", "commit", "compiler", "flags", NULL };
	cJSON *schema = closed_object();

	members(schema, names, text_or_null);
	return schema;
}

static cJSON *time_schema(void)
{
	return pattern("string", "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
				 "[.][0-9]{9}Z$");
}

static cJSON *run_schema(void)
{
	static const char *const names[] = { "max_memory_bytes", "timeout_ns", "time_limit_ns",
					     NULL };
	cJSON *schema = closed_object(), *options = closed_object(), *resumed = closed_object(),
	      *clock = type("string"), *kinds = json_add_array(clock, "enum"),
	      *ended_by = type("string"), *endings = json_add_array(ended_by, "enum");

	member(schema, "seed", count());
	member(schema, "started", time_schema());
	member(schema, "ended", time_schema());
	member(schema, "signal", pattern("string|null", "^SIG|^signal "));
	json_append_text(endings, "plan");
	json_append_text(endings, "time limit");
	json_append_text(endings, "signal");
	optional(schema, "ended_by", ended_by);
	optional(schema, "spent_ns", count());
	json_append_text(kinds, "counter");
	json_append_text(kinds, "monotonic");
	json_append_text(kinds, "instructions");
	optional(schema, "clock", clock);
	optional(schema, "ns_per_tick", type("number"));
	optional(schema, "clock_resolution_ns", type("number"));
	optional(schema, "stamp_cost_ns", type("number"));
	optional(schema, "event_stamp_cost_ns", type("number"));
	members(options, names, count);
	member(options, "set", map_of(text()));
	member(schema, "options", options);
	member(schema, "guarded_by", list(text()));
	member(resumed, "started", time_schema());
	member(resumed, "boot_id", text_or_null());
	member(resumed, "kernel", text());
	member(schema, "resumed", list(resumed));
	return schema;
}

static cJSON *axes_schema(void)
{
	cJSON *schema = closed_object();

	member(schema, "name", axis_name_schema());
	member(schema, "varies", type("boolean"));
	member(schema, "values", list(text()));
	return list(schema);
}

static cJSON *steps_schema(void)
{
	cJSON *schema = closed_object();

	member(schema, "name", text());
	member(schema, "op", op_name_schema());
	member(schema, "args", map_of(text()));
	member(schema, "setup", type("boolean"));
	return list(schema);
}

static cJSON *metrics_schema(void)
{
	static const char *const texts[] = { "name", "step", "unit", NULL };
	cJSON *schema = closed_object();

	members(schema, texts, text);
	member(schema, "better", better_schema());
	optional(schema, "headline", type("boolean"));
	member(schema, "help", text_or_null());
	optional(schema, "absent", text_or_null());
	optional(schema, "note", text());
	return list(schema);
}

static cJSON *cells_schema(void)
{
	static const char *const counts[] = { "cell", "size_bytes", "nr_workers", NULL };
	cJSON *schema = counts_object(counts), *params = map_of(text());

	json_add(params, "propertyNames", axis_name_schema());
	member(schema, "params", params);
	member(schema, "settings",
	       described(map_of(text()), "system-wide values that the cell wants"));
	return list(schema);
}

/* From 0 to 1. */
static cJSON *share_schema(void)
{
	cJSON *schema = type("number");

	json_add_u64(schema, "minimum", 0);
	json_add_u64(schema, "maximum", 1);
	return schema;
}

static cJSON *effective_schema(void)
{
	static const char *const bytes[] = {
		"mapped_bytes", "resident_bytes",   "huge_bytes", "swap_bytes",
		"locked_bytes", "page_table_bytes", NULL
	};
	cJSON *schema = closed_object(), *share = number_or_null(), *nodes = type("array|null");
	cJSON *growth = type("array|null");

	member(schema, "overcommit", text_or_null());
	optional(schema, "committed_bytes", count_or_null());
	members(schema, bytes, count_or_null);
	json_add_u64(share, "minimum", 0);
	member(schema, "huge_share", share);
	json_add(nodes, "items", type("number"));
	member(schema, "node_share", nodes);
	optional(schema, "process_resident_bytes", count_or_null());
	optional(schema, "process_proportional_bytes", count_or_null());
	json_add(growth, "items", type("number"));
	optional(schema, "node_growth_bytes", growth);
	return schema;
}

static cJSON *hist_schema(void)
{
	static const char *const counts[] = { "n", "sum", "min", "max", NULL };
	cJSON *schema = cJSON_CreateObject(), *either = json_add_array(schema, "anyOf");
	cJSON *hist = counts_object(counts), *sub_bits = cJSON_CreateObject(),
	      *pair = list(count());

	json_add_u64(sub_bits, "const", HIST_SUB_BITS);
	member(hist, "sub_bits", sub_bits);
	json_add_u64(pair, "minItems", 2);
	json_add_u64(pair, "maxItems", 2);
	member(hist, "buckets", list(pair));
	json_append(either, type("null"));
	json_append(either, hist);
	return schema;
}

static cJSON *slices_schema(void)
{
	static const char *const counts[] = { "width_ns", "warm_up_ns", "stalled", NULL };
	cJSON *schema = cJSON_CreateObject(), *either = json_add_array(schema, "anyOf");
	cJSON *slices = counts_object(counts);

	member(slices, "settled", type("boolean"));
	member(slices, "executions", list(count()));
	member(slices, "busy_ns", list(count()));
	json_append(either, type("null"));
	json_append(either, slices);
	return schema;
}

static cJSON *step_records_schema(void)
{
	static const char *const counts[] = { "executions", "elapsed_ns", NULL };
	static const char *const spread[] = { "min", "median", "max", NULL };
	cJSON *schema = counts_object(counts), *worker = closed_object(), *one = closed_object();

	member(schema, "step", text());
	optional(schema, "waited_ns", count_or_null());
	optional(schema, "first_ns", count());
	for (unsigned int i = 0; i < COUNTS; i++)
		member(schema, count_name(i), count_or_null());
	members(worker, spread, number_or_null);
	member(schema, "worker_ns", worker);
	member(schema, "times", hist_schema());
	member(schema, "events", hist_schema());
	optional(schema, "stamp_share", type("number"));
	member(one, "times", hist_schema());
	member(one, "events", hist_schema());
	optional(schema, "workers", list(one));
	optional(schema, "slices", slices_schema());
	return list(schema);
}

static cJSON *repetitions_schema(void)
{
	static const char *const counts[] = { "cell",       "round",      "sequence",
					      "started_ns", "elapsed_ns", "start_skew_ns",
					      "window_ns",  "iterations", NULL };
	static const char *const texts[] = { "step", "detail", "rule", "expected", NULL };
	cJSON *schema = counts_object(counts);

	member(schema, "outcome", outcome_schema());
	optional(schema, "take_turns", type("boolean"));
	members(schema, texts, text_or_null);
	member(schema, "indeterminate", type("boolean"));
	member(schema, "as_expected", type("boolean|null"));
	member(schema, "effective", effective_schema());
	member(schema, "metrics", map_of(number_or_null()));
	optional(schema, "counters_share", map_of(share_schema()));
	member(schema, "steps", step_records_schema());
	member(schema, "warnings", list(text()));
	return list(schema);
}

static cJSON *warnings_schema(void)
{
	cJSON *schema = closed_object();

	member(schema, "kind", text());
	member(schema, "text", text());
	return list(schema);
}

static cJSON *ceilings_schema(void)
{
	static const char *const bytes[] = { "bytes", "predicted_bytes", NULL };
	cJSON *schema = closed_object();

	member(schema, "cell", count());
	member(schema, "label", text());
	members(schema, bytes, count_or_null);
	member(schema, "rule", text_or_null());
	return list(schema);
}

static cJSON *cumulative_schema(void)
{
	static const char *const names[] = {
		"cell", "granted_bytes", "committed_bytes", "page_table_bytes", "resident_bytes",
		NULL
	};
	cJSON *schema = counts_object(names);

	member(schema, "label", text());
	return list(schema);
}

cJSON *schema_result(void)
{
	static const char *const summary[] = { "repetitions",   "cells",    "unexpected",
					       "indeterminate", "failed",   "skipped",
					       "refused",       "degraded", "oom_killed",
					       "timeout",       NULL };
	cJSON *schema = closed_object(), *version = cJSON_CreateObject(), *counts;

	json_add_text(schema, "$schema", "https://json-schema.org/draft/2020-12/schema");
	json_add_text(schema, "title", "A result of overmap");
	member(schema, "overmap", constant_text("result"));
	json_add_u64(version, "const", RESULT_SCHEMA);
	member(schema, "schema", version);
	member(schema, "complete", type("boolean"));
	optional(schema, "emulated", type("boolean"));
	member(schema, "scenario", scenario_schema());
	member(schema, "tool", tool_schema());
	member(schema, "run", run_schema());
	member(schema, "host", schema_host());
	member(schema, "axes", axes_schema());
	member(schema, "steps", steps_schema());
	member(schema, "metrics", metrics_schema());
	member(schema, "cells", cells_schema());
	member(schema, "repetitions", repetitions_schema());
	optional(schema, "ceilings", ceilings_schema());
	optional(schema, "cumulative", cumulative_schema());
	counts = counts_object(summary);
	optional(counts, "unsettled", count());
	member(schema, "summary", counts);
	member(schema, "warnings", warnings_schema());
	return schema;
}
