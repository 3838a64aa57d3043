/* SPDX-License-Identifier: MIT */
/* A small run made by hand, for the tests of this room: a scenario, a host, repetitions. */
#ifndef TESTS_RESULT_FIXTURE_H
#define TESTS_RESULT_FIXTURE_H

#include "base/cleanup.h"
#include "result/read.h"
#include "result/write.h"

#include <malloc.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static const char fixture_source[] = "scenario: small\n"
				     "summary: A \"small\" one.\n"
				     "matrix:\n"
				     "  overcommit: [heuristic, always]\n"
				     "  size: [1MiB, 2MiB, 64TiB]\n"
				     "steps:\n"
				     "  - map: {address: 256GiB}\n"
				     "  - touch: {access: write}\n"
				     "  - unmap\n"
				     "repetitions: 2\n";

struct fixture {
	char folder[64], path[128], journal[128];
	struct scenario *scenario;
	struct host host;
	struct clock clock;
	struct result_context context;
	struct hist *hist;
	struct repetition rep;
	struct cell cell;
};

static inline void fixture_open(struct fixture *f)
{
	static const char *const guards[] = { "oom_score_adj", "budget", NULL };
	struct load_report report;

	memset(f, 0, sizeof(*f));
	strcpy(f->folder, "/tmp/overmap-test-result-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof(f->path), "%s/r.json", f->folder);
	snprintf(f->journal, sizeof(f->journal), "%s/r.json.journal", f->folder);
	assert_int_equal(scenario_load_text(fixture_source, strlen(fixture_source), "small.yaml",
					    stderr, &f->scenario, &report),
			 0);
	assert_int_equal(host_read(&f->host, NULL), 0);
	f->clock = (struct clock){ CLOCK_KIND_COUNTER, 0.1 + 0.2, 11.25 };
	f->hist = calloc(1, sizeof(*f->hist));
	assert_non_null(f->hist);
	f->context = (struct result_context){
		.scenario = f->scenario,
		.host = &f->host,
		.clock = &f->clock,
		.tool = { "v0.1", "abc123", "gcc \"12\"", "-O2" },
		.seed = 0xfedcba9876543210u,
		.max_memory_bytes = 9007199254740993u,
		.guarded_by = guards,
	};
}

static inline void fixture_close(struct fixture *f)
{
	unlink(f->path);
	unlink(f->journal);
	assert_int_equal(rmdir(f->folder), 0);
	scenario_free(f->scenario);
	free(f->hist);
}

/* Repetition number i of the cell: every third has failed with ENOMEM at map. */
static inline void fixture_repetition(struct fixture *f, uint64_t cell, unsigned int i)
{
	struct repetition *rep = &f->rep;

	assert_true(matrix_cell(&f->scenario->matrix, &f->host, cell, &f->cell));
	memset(rep, 0, sizeof(*rep));
	rep->cell = cell;
	rep->round = i;
	rep->sequence = 10 * i + cell;
	rep->started_ns = 1795515153123456789u + i;
	rep->elapsed_ns = 812345 + i;
	rep->outcome.step = -1;
	rep->expected_known = true;
	rep->as_expected = true;
	strcpy(rep->expected, "ok");
	strcpy(rep->effective_overcommit, cell < 3 ? "heuristic" : "always");
	rep->iterations = 1;
	rep->nr_steps = f->scenario->nr_steps;
	for (unsigned int s = 0; s < rep->nr_steps; s++)
		for (unsigned int m = 0; m < METRICS_MAX; m++)
			rep->steps[s].metric[m] = NAN;
	rep->steps[0].ran = true;
	if (i % 3 == 2) {
		rep->outcome.kind = OUTCOME_ERRNO;
		rep->outcome.number = ENOMEM;
		rep->outcome.step = 0;
		rep->as_expected = false;
		strcpy(rep->outcome.detail, "mmap: Cannot allocate memory");
		return;
	}
	hist_reset(f->hist);
	hist_record(f->hist, 123);
	hist_record(f->hist, UINT64_MAX - 200);
	rep->steps[0].executions = 1;
	rep->steps[0].elapsed_ns = 2150;
	rep->steps[0].metric[0] = 2150.1 + i;
	rep->steps[0].count[COUNT_CALLS] = 1;
	rep->steps[0].times = f->hist;
	rep->steps[0].worker_ns = (struct spread){ 1.0 / 3, 0.5, 1e300 };
	rep->steps[1] = rep->steps[0];
	rep->steps[1].metric[0] = 1.0 / 3 + i;
	rep->steps[1].metric[1] = 5e-324;
	rep->effective.known = true;
	rep->effective.mapped_bytes = UINT64_MAX;
	rep->effective.resident_bytes = 2u << 20;
	rep->effective.huge_bytes = 1u << 20;
	rep->nr_warnings = 1;
	strcpy(rep->warnings[0], "steal 2 % \x80");
}

/* Record n repetitions of each of the first nr_cells cells. */
static inline void fixture_record(struct fixture *f, struct recorder *r, unsigned int nr_cells,
				  unsigned int first, unsigned int n)
{
	struct error err;

	for (unsigned int i = first; i < first + n; i++)
		for (uint64_t cell = 0; cell < nr_cells; cell++) {
			fixture_repetition(f, cell, i);
			if (recorder_repetition(r, &f->cell, &f->rep, &err))
				fail_msg("%s", err.text);
		}
}

/* A whole run, finished. */
static inline void fixture_run(struct fixture *f, unsigned int nr_cells, unsigned int n)
{
	struct result_end end = { .nr_repetitions = nr_cells * n, .nr_cells = nr_cells };
	struct recorder *r;
	struct error err;

	if (recorder_open(&r, f->path, &f->context, &err))
		fail_msg("%s", err.text);
	fixture_record(f, r, nr_cells, 0, n);
	assert_int_equal(recorder_warn(r, "steal", "steal of 3 %", &err), 0);
	if (recorder_finish(r, &end, &err))
		fail_msg("%s", err.text);
}

static inline void fixture_write(const char *path, const char *text, size_t length)
{
	FILE *stream = fopen(path, "w");

	assert_non_null(stream);
	assert_int_equal(fwrite(text, 1, length, stream), length);
	assert_int_equal(fclose(stream), 0);
}

/* The whole file in fresh memory. */
static inline char *fixture_load(const char *path, size_t *ret_length)
{
	FILE *stream = fopen(path, "r");
	struct stat st;
	char *text;

	assert_non_null(stream);
	assert_int_equal(fstat(fileno(stream), &st), 0);
	text = malloc((size_t)st.st_size + 1);
	assert_non_null(text);
	assert_int_equal(fread(text, 1, (size_t)st.st_size, stream), st.st_size);
	text[st.st_size] = '\0';
	fclose(stream);
	if (ret_length)
		*ret_length = (size_t)st.st_size;
	return text;
}

/* For costs that are reported, never judged. */
static inline double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static inline size_t heap_bytes(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

#endif
