/* SPDX-License-Identifier: MIT */
/*
 * hyperfine writes {"results": [{"command": …, "times": [seconds…], "exit_codes": […]}]} (its
 * doc/, --export-json); Google Benchmark {"context": …, "benchmarks": [{"name", "run_name",
 * "run_type", "real_time", "time_unit", "error_occurred"}]} (its docs/tools.md,
 * --benchmark_format).
 */
#include "result/samples_json.h"

#include "base/cleanup.h"
#include "result/json.h"
#include "result/json_walk.h"

#include <string.h>

struct reader {
	const char *path;
	struct samples *s;
	struct error *err;
};

static int wrong(const struct reader *rd, const char *list, size_t i, const char *what)
{
	return error_set(rd->err, -EINVAL, "%s: %s[%zu]: %s", rd->path, list, i, what);
}

/* hyperfine: a command's runs, in seconds. A run that failed is still a run, but counted. */
static int read_command(const struct reader *rd, const cJSON *item, size_t i)
{
	const cJSON *times = cJSON_GetObjectItemCaseSensitive(item, "times"), *time, *code;
	const char *name = json_get_text(item, "command");
	struct sample_set *set;
	size_t k = 0;
	int r = 0;

	if (!name)
		return wrong(rd, "results", i, "has no \"command\"");
	if (!cJSON_IsArray(times))
		return wrong(rd, "results", i,
			     "has no list of \"times\": its mean alone cannot be compared");
	if (samples_find(rd->s, name))
		return wrong(rd, "results", i, "is a second result of the same command");
	set = samples_add_set(rd->s, name);
	if (!set)
		return -ENOMEM;
	cJSON_ArrayForEach(time, times)
	{
		if (!cJSON_IsNumber(time))
			return wrong(rd, "results", i, "has a time that is no number");
		r = samples_add(set, time->valuedouble * 1e9, "results[%zu].times[%zu]: %g s", i, k,
				time->valuedouble);
		if (r)
			return r;
		k++;
	}
	cJSON_ArrayForEach(code, cJSON_GetObjectItemCaseSensitive(item, "exit_codes"))
		rd->s->nr_failed += !cJSON_IsNumber(code) || code->valuedouble != 0;
	return 0;
}

/* Google Benchmark's times in its unit; 0 for a unit that it does not have. */
static double nanoseconds(const char *unit)
{
	static const struct {
		const char *unit;
		double ns;
	} units[] = { { "ns", 1 }, { "us", 1e3 }, { "ms", 1e6 }, { "s", 1e9 } };

	for (size_t i = 0; unit && i < ARRAY_LENGTH(units); i++)
		if (strcmp(units[i].unit, unit) == 0)
			return units[i].ns;
	return 0;
}

static int read_benchmark(const struct reader *rd, const cJSON *item, size_t i)
{
	const cJSON *time = cJSON_GetObjectItemCaseSensitive(item, "real_time");
	const char *name = json_get_text(item, "run_name"), *type = json_get_text(item, "run_type");
	double scale = nanoseconds(json_get_text(item, "time_unit"));
	struct sample_set *set;

	if (!name)
		name = json_get_text(item, "name");
	if (!name)
		return wrong(rd, "benchmarks", i, "has no \"name\"");
	if ((type && strcmp(type, "aggregate") == 0) || json_get_text(item, "aggregate_name")) {
		rd->s->nr_aggregates++;
		return 0;
	}
	if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(item, "error_occurred")) ||
	    cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(item, "skipped"))) {
		rd->s->nr_failed++;
		return 0;
	}
	if (!cJSON_IsNumber(time))
		return wrong(rd, "benchmarks", i, "its \"real_time\" is missing or no number");
	if (scale <= 0)
		return wrong(rd, "benchmarks", i, "its \"time_unit\" is none of ns, us, ms, s");
	set = (struct sample_set *)samples_find(rd->s, name);
	if (!set)
		set = samples_add_set(rd->s, name);
	if (!set)
		return -ENOMEM;
	return samples_add(set, time->valuedouble * scale, "benchmarks[%zu].real_time: %g", i,
			   time->valuedouble);
}

static int read_items(const struct reader *rd, struct json_walk *w, const char *list)
{
	bool commands = strcmp(list, "results") == 0;
	struct json_walk inner;
	size_t i = 0;
	int r = 0;

	json_walk_enter(w, &inner);
	while (!r && json_walk_next(&inner, NULL)) {
		cJSON *item = json_walk_parse(&inner, NULL);

		if (item && !cJSON_IsObject(item))
			r = wrong(rd, list, i, "is no object");
		else if (item)
			r = commands ? read_command(rd, item, i) : read_benchmark(rd, item, i);
		cJSON_Delete(item);
		i++;
	}
	json_walk_leave(w, &inner);
	return r;
}

static int foreign(const struct reader *rd)
{
	return error_set(rd->err, -EINVAL,
			 "%s: is neither hyperfine's JSON (no \"results\") nor Google Benchmark's "
			 "(no \"benchmarks\")",
			 rd->path);
}

int samples_parse_json(const char *text, size_t length, const char *path, struct samples *s,
		       struct error *err)
{
	struct reader rd = { path, s, err };
	struct json_position at;
	struct json_walk w;
	bool found = false, result = false;
	cJSON *name;
	int r = 0;

	if (text[strspn(text, " \t\r\n")] == '[')
		return foreign(&rd);
	s->unit = "ns";
	json_walk_begin(&w, (struct json_slice){ text, length });
	while (!r && json_walk_next(&w, &name)) {
		const char *key = name->valuestring;

		result |= strcmp(key, "overmap") == 0;
		if (strcmp(key, "results") == 0 || strcmp(key, "benchmarks") == 0) {
			found = true;
			r = read_items(&rd, &w, key);
		} else {
			cJSON_Delete(json_walk_parse(&w, NULL));
		}
		cJSON_Delete(name);
	}
	if (r)
		return r;
	if (w.error || !json_walk_at_end(&w)) {
		at = json_position(text, w.error ? w.error : w.at);
		return error_set(err, -EINVAL, "%s:%zu:%zu: is not valid JSON from here", path,
				 at.line, at.column);
	}
	if (result)
		return error_set(err, -EINVAL,
				 "%s: is a result of overmap: compare it without --samples", path);
	if (!found)
		return foreign(&rd);
	if (!s->nr_sets && s->nr_aggregates)
		return error_set(err, -EINVAL,
				 "%s: holds only aggregates: run the benchmark with "
				 "--benchmark_repetitions=N and without "
				 "--benchmark_report_aggregates_only",
				 path);
	return 0;
}
