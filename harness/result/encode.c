/* SPDX-License-Identifier: MIT */
#include "result/encode.h"

#include "sys/counters.h"
#include "sys/process.h"

#include "base/file.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

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

static void add_boot(cJSON *object)
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
	json_add_double(object, "stamp_cost_ns", clock->stamp_cost_ns);
}

static cJSON *encode_scenario(const struct scenario *s)
{
	cJSON *object = cJSON_CreateObject(), *charts;

	json_add_text(object, "name", s->name);
	json_add_text(object, "summary", s->summary);
	json_add_text(object, "path", s->path);
	json_add_text(object, "sha256", s->sha256);
	charts = json_add_array(object, "charts");
	for (unsigned int i = 0; i < s->nr_charts; i++)
		json_append_text(charts, s->charts[i]);
	json_add_text(object, "events", s->measure.each_event ? "each" : "none");
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

/* A limit of this process: null where there is none. */
static void add_limit(cJSON *object, const char *name, uint64_t bytes)
{
	if (bytes == HOST_UNLIMITED)
		json_add_null(object, name);
	else
		json_add_u64(object, name, bytes);
}

static void add_memory(cJSON *host, const struct host *h)
{
	cJSON *object = json_add_object(host, "memory");

	json_add_u64(object, "page_bytes", h->page_bytes);
	json_add_u64(object, "ram_bytes", h->ram_bytes);
	json_add_u64(object, "free_bytes", h->free_bytes);
	json_add_u64(object, "available_bytes", h->available_bytes);
	json_add_u64(object, "swap_bytes", h->swap_bytes);
	json_add_u64(object, "swap_free_bytes", h->swap_free_bytes);
	json_add_u64(object, "commit_limit_bytes", h->commit_limit_bytes);
	json_add_u64(object, "committed_bytes", h->committed_bytes);
}

static void add_vm(cJSON *host, const struct host *h)
{
	cJSON *object = json_add_object(host, "vm");

	json_add_u64(object, "overcommit_memory", h->overcommit);
	json_add_u64(object, "overcommit_ratio", h->overcommit_ratio);
	json_add_u64(object, "overcommit_kbytes", h->overcommit_kbytes);
	json_add_u64(object, "admin_reserve_kbytes", h->admin_reserve_kbytes);
	json_add_u64(object, "user_reserve_kbytes", h->user_reserve_kbytes);
	json_add_u64(object, "max_map_count", h->max_map_count);
}

static void add_cpu(cJSON *host, const struct host *h)
{
	cJSON *object = json_add_object(host, "cpu");

	json_add_u64(object, "online", h->nr_cpus);
	json_add_u64(object, "allowed", h->nr_cpus_allowed);
	json_add_u64(object, "present", h->nr_cpus_present);
	json_add_u64(object, "cores", h->nr_cores);
	json_add_u64(object, "llc_bytes", h->llc_bytes);
	json_add_u64(object, "address_bits", h->address_bits);
}

/* The supervisor's own address space: repetitions begin as copies of it. */
static void add_address_space(cJSON *object)
{
	struct process_memory p;
	cJSON *space, *holes;

	if (process_memory_read(&p, PROCESS_MAPS, NULL))
		return;
	space = json_add_object(object, "address_space");
	json_add_u64(space, "total_vm_bytes", p.total_vm_bytes);
	json_add_u64(space, "data_vm_bytes", p.data_vm_bytes);
	json_add_u64(space, "locked_vm_bytes", p.locked_vm_bytes);
	json_add_u64(space, "nr_maps", p.nr_maps);
	json_add_u64(space, "lowest_address", p.lowest_address);
	json_add_u64(space, "highest_address", p.highest_address);
	json_add_u64(space, "hole_32bit_bytes", p.hole_32bit_bytes);
	add_limit(space, "limit_data_hard_bytes", p.limit_data_hard);
	holes = json_add_array(space, "holes");
	for (unsigned int i = 0; i < p.nr_holes; i++) {
		cJSON *hole = cJSON_CreateArray();

		json_append_u64(hole, p.holes[i].start);
		json_append_u64(hole, p.holes[i].end);
		json_append(holes, hole);
	}
}

static void add_process(cJSON *host, const struct host *h)
{
	cJSON *object = json_add_object(host, "process"), *caps;

	add_limit(object, "limit_as_bytes", h->limit_as);
	add_limit(object, "limit_data_bytes", h->limit_data);
	add_limit(object, "limit_memlock_bytes", h->limit_memlock);
	add_limit(object, "limit_stack_bytes", h->limit_stack);
	caps = json_add_array(object, "capabilities");
	if (h->cap_sys_admin)
		json_append_text(caps, "sys_admin");
	if (h->cap_sys_resource)
		json_append_text(caps, "sys_resource");
	if (h->cap_ipc_lock)
		json_append_text(caps, "ipc_lock");
	if (h->cap_sys_nice)
		json_append_text(caps, "sys_nice");
	add_address_space(object);
}

static void add_nodes(cJSON *host, const struct host *h)
{
	cJSON *nodes = json_add_array(host, "nodes");

	for (unsigned int i = 0; i < h->nr_nodes; i++) {
		cJSON *node = cJSON_CreateObject(), *distance;

		json_add_u64(node, "node", h->nodes[i].number);
		json_add_u64(node, "memory_bytes", h->nodes[i].memory_bytes);
		json_add_u64(node, "free_bytes", h->nodes[i].free_bytes);
		json_add_u64(node, "cpus", h->nodes[i].nr_cpus);
		distance = json_add_array(node, "distance");
		for (unsigned int to = 0; to < h->nr_nodes; to++)
			json_append_u64(distance, h->nodes[i].distance[to]);
		json_append(nodes, node);
	}
}

static void add_huge_pages(cJSON *host, const struct host *h)
{
	cJSON *thp = json_add_object(host, "thp"), *sizes, *pools;

	json_add_bool(thp, "available", h->thp_available);
	json_add_text(thp, "enabled", h->thp_enabled);
	json_add_u64(thp, "pmd_bytes", h->thp_pmd_bytes);
	sizes = json_add_array(thp, "sizes_bytes");
	for (unsigned int i = 0; i < h->nr_thp_sizes; i++)
		json_append_u64(sizes, h->thp_sizes[i]);
	json_add_u64(host, "hugetlb_default_bytes", h->hugetlb_default_bytes);
	pools = json_add_array(host, "hugetlb");
	for (unsigned int i = 0; i < h->nr_pools; i++) {
		cJSON *pool = cJSON_CreateObject();

		json_add_u64(pool, "page_bytes", h->pools[i].page_bytes);
		json_add_u64(pool, "total", h->pools[i].total);
		json_add_u64(pool, "free", h->pools[i].free);
		json_add_u64(pool, "reserved", h->pools[i].reserved);
		json_add_u64(pool, "surplus", h->pools[i].surplus);
		json_add_u64(pool, "overcommit", h->pools[i].overcommit);
		json_append(pools, pool);
	}
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

cJSON *encode_machine(const struct host *host)
{
	cJSON *object = cJSON_CreateObject();
	char name[256] = "";

	gethostname(name, sizeof(name) - 1);
	json_add_text(object, "name", name);
	json_add_text(object, "kernel", host->kernel_release);
	json_add_text(object, "machine", host->machine);
	add_boot(object);
	add_memory(object, host);
	add_vm(object, host);
	add_cpu(object, host);
	add_process(object, host);
	add_nodes(object, host);
	add_huge_pages(object, host);
	return object;
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
		json_add_text(object, "help", m->help);
		json_append(array, object);
	}
}

/* Counters stand beside the steps' metrics; one that this machine lacks says why. */
static void append_counters(cJSON *array)
{
	char absences[COUNTERS_MAX][ABSENCE_MAX];

	counters_absences(absences);
	for (unsigned int i = 0; counters[i].name; i++) {
		cJSON *object = cJSON_CreateObject();
		const char *name = counters[i].name;
		char group[32];

		json_add_text(object, "name", name);
		snprintf(group, sizeof(group), "%.*s", (int)(strchr(name, '.') - name), name);
		json_add_text(object, "step", group);
		json_add_text(object, "unit", counters[i].unit);
		json_add_text(object, "better", better_name(BETTER_NEITHER));
		json_add_text(object, "help", counters[i].help);
		json_add_text(object, "absent", absences[i][0] ? absences[i] : NULL);
		json_append(array, object);
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

static void add_effective(cJSON *rep_object, const struct host *host, const struct repetition *rep)
{
	cJSON *object = json_add_object(rep_object, "effective");
	const struct mapping_effective *e = &rep->effective;
	const struct {
		const char *name;
		uint64_t bytes;
	} figures[] = {
		{ "mapped_bytes", e->mapped_bytes }, { "resident_bytes", e->resident_bytes },
		{ "swap_bytes", e->swap_bytes },     { "locked_bytes", e->locked_bytes },
		{ "huge_bytes", e->huge_bytes },     { "page_table_bytes", e->page_table_bytes },
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
}

/* As one raw item: a tree of two numbers a bucket would cost more than the rest of the line. */
static cJSON *encode_buckets(const struct hist *h)
{
	char *text = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&text, &length);
	const char *separator = "[";
	cJSON *item = NULL;

	if (!stream)
		return NULL;
	for (unsigned int i = 0; i < HIST_BUCKETS; i++) {
		if (!h->count[i])
			continue;
		fprintf(stream, "%s[%u,%" PRIu64 "]", separator, i, h->count[i]);
		separator = ",";
	}
	fputs(*separator == '[' ? "[]" : "]", stream);
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

static cJSON *encode_step_record(const struct step *step, const struct step_record *record)
{
	cJSON *object = cJSON_CreateObject(), *spread;

	json_add_text(object, "step", step->name);
	json_add_u64(object, "executions", record->executions);
	json_add_u64(object, "elapsed_ns", record->elapsed_ns);
	json_add_u64(object, "calls", record->count[COUNT_CALLS]);
	json_add_u64(object, "touches", record->count[COUNT_TOUCHES]);
	json_add_u64(object, "pages", record->count[COUNT_PAGES]);
	json_add_u64(object, "bytes", record->count[COUNT_BYTES]);
	json_add_u64(object, "faults", record->count[COUNT_FAULTS]);
	spread = json_add_object(object, "worker_ns");
	json_add_double(spread, "min", record->worker_ns.min);
	json_add_double(spread, "median", record->worker_ns.median);
	json_add_double(spread, "max", record->worker_ns.max);
	add_hist(object, "times", record->times);
	add_hist(object, "events", record->events);
	add_slices(object, record);
	return object;
}

static void add_metrics(cJSON *rep_object, const struct scenario *s, const struct repetition *rep)
{
	cJSON *object = json_add_object(rep_object, "metrics");

	for (unsigned int i = 0; i < s->nr_steps; i++) {
		const struct metric *metrics = s->steps[i].op->metrics;

		for (unsigned int k = 0; metrics && metrics[k].name; k++) {
			bool ran = i < rep->nr_steps && rep->steps[i].ran;
			char name[128], value[JSON_DOUBLE_MAX];

			snprintf(name, sizeof(name), "%s.%s", s->steps[i].name, metrics[k].name);
			json_format_double(ran ? rep->steps[i].metric[k] : NAN, value);
			json_add_copied(object, name, cJSON_CreateRaw(value));
		}
	}
	for (unsigned int i = 0; counters[i].name; i++)
		json_add_double(object, counters[i].name, rep->counted ? rep->counters[i] : NAN);
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
	json_add_u64(object, "iterations", rep->iterations);
	add_metrics(object, s, rep);
	steps = json_add_array(object, "steps");
	for (unsigned int i = 0; i < rep->nr_steps && i < s->nr_steps; i++)
		if (rep->steps[i].ran)
			json_append(steps, encode_step_record(&s->steps[i], &rep->steps[i]));
	warnings = json_add_array(object, "warnings");
	for (unsigned int i = 0; i < rep->nr_warnings; i++)
		json_append_text(warnings, rep->warnings[i]);
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
}

cJSON *encode_end(const struct result_end *end)
{
	cJSON *object = cJSON_CreateObject(), *run = json_add_object(object, "run");

	encode_time(run, "ended", clock_realtime_ns());
	json_add_text(run, "signal", end->signal ? signal_name(end->signal) : NULL);
	if (end->clock)
		add_clock(run, end->clock);
	add_summary(object, end);
	return object;
}

cJSON *encode_resumed(const struct result_context *context)
{
	cJSON *object = cJSON_CreateObject();

	encode_time(object, "started", clock_realtime_ns());
	add_boot(object);
	json_add_text(object, "kernel", context->host->kernel_release);
	return object;
}
