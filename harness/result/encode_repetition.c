/* SPDX-License-Identifier: MIT */
/* A repetition: its outcome, what the kernel gave, metrics, and what each step left. */
#include "result/encode.h"

#include "sys/counters.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Where a repetition ended: "map", or "setup map" for a setup step. */
static void add_step_name(cJSON *object, const struct scenario *s, int step)
{
	char text[128];

	if (step >= 0 && (unsigned int)step < s->nr_steps) {
		json_add_text(object, "step", s->steps[step].name);
	} else if (step <= -2 && (unsigned int)(-2 - step) < s->nr_setup) {
		snprintf(text, sizeof(text), "setup %s", s->setup[-2 - step].name);
		json_add_text(object, "step", text);
	} else {
		json_add_null(object, "step");
	}
}

static void add_outcome(cJSON *object, const struct scenario *s, const struct repetition *rep)
{
	json_add_text(object, "outcome", outcome_name(&rep->outcome));
	add_step_name(object, s, rep->outcome.step);
	json_add_text(object, "detail", rep->outcome.detail[0] ? rep->outcome.detail : NULL);
	json_add_text(object, "rule", rep->rule[0] ? rep->rule : NULL);
	json_add_bool(object, "indeterminate", rep->indeterminate);
	json_add_text(object, "expected", rep->expected_known ? rep->expected : NULL);
	if (rep->expected_known)
		json_add_bool(object, "as_expected", rep->as_expected);
	else
		json_add_null(object, "as_expected");
}

static void add_node_share(cJSON *object, const struct host *host,
			   const struct mapping_effective *e)
{
	uint64_t all = 0;
	cJSON *array;

	for (unsigned int i = 0; i < host->nr_nodes; i++)
		all += e->node_bytes[i];
	if (!e->nr_sampled || !all) {
		json_add_null(object, "node_share");
		return;
	}
	array = json_add_array(object, "node_share");
	for (unsigned int i = 0; i < host->nr_nodes; i++)
		json_append_double(array, (double)e->node_bytes[i] / (double)all);
}

static void add_node_growth(cJSON *object, const struct host *host,
			    const struct mapping_effective *e)
{
	cJSON *array;

	if (!e->node_growth_known) {
		json_add_null(object, "node_growth_bytes");
		return;
	}
	array = json_add_array(object, "node_growth_bytes");
	for (unsigned int i = 0; i < host->nr_nodes; i++)
		json_append_double(array, (double)e->node_growth_bytes[i]);
}

static void add_effective(cJSON *rep_object, const struct host *host, const struct repetition *rep)
{
	cJSON *object = json_add_object(rep_object, "effective");
	const struct mapping_effective *e = &rep->effective;
	const struct {
		const char *name;
		uint64_t bytes;
	} figures[] = {
		{ "mapped_bytes", e->mapped_bytes },
		{ "resident_bytes", e->resident_bytes },
		{ "swap_bytes", e->swap_bytes },
		{ "locked_bytes", e->locked_bytes },
		{ "huge_bytes", e->huge_bytes },
		{ "page_table_bytes", e->page_table_bytes },
		{ "process_resident_bytes", e->process_resident_bytes },
		{ "process_proportional_bytes", e->process_proportional_bytes },
	};

	json_add_text(object, "overcommit",
		      rep->effective_overcommit[0] ? rep->effective_overcommit : NULL);
	if (rep->committed_bytes)
		json_add_u64(object, "committed_bytes", rep->committed_bytes);
	else
		json_add_null(object, "committed_bytes");
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
		if (e->known)
			json_add_u64(object, figures[i].name, figures[i].bytes);
		else
			json_add_null(object, figures[i].name);
	}
	json_add_double(object, "huge_share",
			e->known && e->resident_bytes
				? (double)e->huge_bytes / (double)e->resident_bytes
				: NAN);
	add_node_share(object, host, e);
	add_node_growth(object, host, e);
}

/*
 * Of one that is not empty, as one raw item: a tree of two numbers a bucket would cost more than
 * the rest of the line.
 */
static cJSON *encode_buckets(const struct hist *h)
{
	char *text = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&text, &length);
	const char *separator = "[";
	cJSON *item = NULL;

	if (!stream)
		return NULL;
	for (unsigned int i = hist_index(h->min); i <= hist_index(h->max); i++) {
		if (!h->count[i])
			continue;
		fprintf(stream, "%s[%u,%" PRIu64 "]", separator, i, h->count[i]);
		separator = ",";
	}
	fputc(']', stream);
	if (!fclose(stream))
		item = cJSON_CreateRaw(text);
	free(text);
	return item;
}

static void add_hist(cJSON *object, const char *name, const struct hist *h)
{
	cJSON *hist;

	if (!h || !h->n) {
		json_add_null(object, name);
		return;
	}
	hist = json_add_object(object, name);
	json_add_u64(hist, "sub_bits", HIST_SUB_BITS);
	json_add_u64(hist, "n", h->n);
	json_add_u64(hist, "sum", h->sum);
	json_add_u64(hist, "min", h->min);
	json_add_u64(hist, "max", h->max);
	json_add(hist, "buckets", encode_buckets(h));
}

/* "slices": executions and the ns they took, by time since the start; null for too few to say. */
static void add_slices(cJSON *object, const struct step_record *record)
{
	const struct steadiness *steady = &record->steadiness;
	cJSON *slices, *executions, *busy;
	double width;

	if (!record->slices || !steady->known) {
		json_add_null(object, "slices");
		return;
	}
	slices = json_add_object(object, "slices");
	width = (double)slices_width(record->slices) * record->ns_per_tick;
	json_add_u64(slices, "width_ns", (uint64_t)(width + 0.5));
	json_add_u64(slices, "warm_up_ns", (uint64_t)(width * steady->warm_up + 0.5));
	json_add(slices, "settled", cJSON_CreateBool(steady->settled));
	json_add_u64(slices, "stalled", steady->nr_stalled);
	executions = json_add_array(slices, "executions");
	busy = json_add_array(slices, "busy_ns");
	for (unsigned int i = 0; i < slices_used(record->slices); i++) {
		const struct slice *slice = &record->slices->slice[i];

		json_append_u64(executions, slice->executions);
		json_append_u64(busy, (uint64_t)((double)slice->ticks * record->ns_per_tick + 0.5));
	}
}

/* "workers": each one's own histograms, null of a worker that did not do the step. */
static void add_workers(cJSON *object, const struct step_record *record)
{
	cJSON *workers = json_add_array(object, "workers");

	for (unsigned int i = 0; i < record->nr_reports; i++) {
		cJSON *worker = cJSON_CreateObject();
		const struct step_report *report = &record->reports[i * record->reports_apart];

		add_hist(worker, "times", &report->times);
		add_hist(worker, "events", &report->events);
		json_append(workers, worker);
	}
}

/* What nobody counted is null: 0 would be a figure. */
static void add_counts(cJSON *object, const struct op *op, const struct step_record *record)
{
	for (unsigned int i = 0; i < COUNTS; i++) {
		if (record->count[i] || op_counts(op, i))
			json_add_u64(object, count_name(i), record->count[i]);
		else
			json_add_null(object, count_name(i));
	}
}

static cJSON *encode_step_record(const struct step *step, const struct repetition *rep,
				 const struct step_record *record, bool by_worker)
{
	cJSON *object = cJSON_CreateObject(), *spread;

	json_add_text(object, "step", step->name);
	json_add_u64(object, "executions", record->executions);
	json_add_u64(object, "elapsed_ns", record->elapsed_ns);
	if (rep->waits_known)
		json_add_u64(object, "waited_ns", record->waited_ns);
	else
		json_add_null(object, "waited_ns");
	json_add_u64(object, "first_ns", record->first_ns);
	add_counts(object, step->op, record);
	spread = json_add_object(object, "worker_ns");
	json_add_double(spread, "min", record->worker_ns.min);
	json_add_double(spread, "median", record->worker_ns.median);
	json_add_double(spread, "max", record->worker_ns.max);
	add_hist(object, "times", record->times);
	add_hist(object, "events", record->events);
	if (record->events)
		json_add_double(object, "stamp_share", record->stamp_share);
	if (by_worker)
		add_workers(object, record);
	add_slices(object, record);
	return object;
}

/* Under a name that will not last; NaN is null. */
static void add_value(cJSON *object, const char *name, double value)
{
	char text[JSON_DOUBLE_MAX];

	json_format_double(value, text);
	json_add_copied(object, name, cJSON_CreateRaw(text));
}

/* The events; and of those that had to take turns, for which share of the time they were counted.
 */
static void add_events(cJSON *rep_object, cJSON *metrics, const struct perf_choice *choice,
		       const struct repetition *rep)
{
	cJSON *shares = json_add_object(rep_object, "counters_share");

	for (unsigned int i = 0; i < choice->nr; i++) {
		const struct perf_total *total = &rep->perf[i];
		char name[PERF_METRIC_MAX];

		perf_metric(choice, i, name);
		add_value(metrics, name, rep->counted ? total->value : NAN);
		if (rep->counted && total->share < 1)
			add_value(shares, name, total->share);
	}
}

static void add_metrics(cJSON *rep_object, const struct scenario *s, const struct repetition *rep)
{
	cJSON *object = json_add_object(rep_object, "metrics");

	for (unsigned int i = 0; i < s->nr_steps; i++) {
		const struct metric *metrics = s->steps[i].op->metrics;

		for (unsigned int k = 0; metrics && metrics[k].name; k++) {
			bool ran = i < rep->nr_steps && rep->steps[i].ran;
			char name[128];

			snprintf(name, sizeof(name), "%s.%s", s->steps[i].name, metrics[k].name);
			add_value(object, name, ran ? rep->steps[i].metric[k] : NAN);
		}
	}
	for (unsigned int i = 0; counters[i].name; i++)
		json_add_double(object, counters[i].name, rep->counted ? rep->counters[i] : NAN);
	add_events(rep_object, object, &s->measure.perf, rep);
}

cJSON *encode_repetition(const struct scenario *s, const struct host *host,
			 const struct repetition *rep)
{
	cJSON *object = cJSON_CreateObject(), *steps, *warnings;

	json_add_u64(object, "cell", rep->cell);
	json_add_u64(object, "round", rep->round);
	json_add_u64(object, "sequence", rep->sequence);
	json_add_u64(object, "started_ns", rep->started_ns);
	json_add_u64(object, "elapsed_ns", rep->elapsed_ns);
	add_outcome(object, s, rep);
	add_effective(object, host, rep);
	json_add_u64(object, "start_skew_ns", rep->start_skew_ns);
	json_add_u64(object, "window_ns", rep->window_ns);
	json_add_bool(object, "take_turns", rep->take_turns);
	json_add_u64(object, "iterations", rep->iterations);
	add_metrics(object, s, rep);
	steps = json_add_array(object, "steps");
	for (unsigned int i = 0; i < rep->nr_steps && i < s->nr_steps; i++)
		if (rep->steps[i].ran)
			json_append(steps, encode_step_record(&s->steps[i], rep, &rep->steps[i],
							      s->measure.by_worker));
	warnings = json_add_array(object, "warnings");
	for (unsigned int i = 0; i < rep->nr_warnings; i++)
		json_append_text(warnings, rep->warnings[i]);
	return object;
}
