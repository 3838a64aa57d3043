/* SPDX-License-Identifier: MIT */
/*
 * What recording and reading cost. Time is reported, not judged: it depends on the machine. That the
 * recorder's memory does not grow with the run is judged.
 */
#include "tests/result/fixture.h"

#include <malloc.h>
#include <time.h>
#include <unistd.h>

#define REPETITIONS 5000u

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static size_t heap_bytes(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static void test_recording(void **state)
{
	struct result_end end = { .nr_repetitions = REPETITIONS };
	struct recorder *recorder;
	size_t before, after;
	struct fixture f;
	struct error err;
	double begin, recorded, finished;

	(void)state;
	fixture_open(&f);
	assert_int_equal(recorder_open(&recorder, f.path, &f.context, &err), 0);
	fixture_record(&f, recorder, 5, 0, 1);
	before = heap_bytes();
	begin = seconds();
	fixture_record(&f, recorder, 5, 1, REPETITIONS / 5);
	recorded = seconds();
	after = heap_bytes();
	assert_int_equal(recorder_finish(recorder, &end, &err), 0);
	finished = seconds();
	print_message("%u repetitions: %.0f us each to record, %.0f ms for the document\n",
		      REPETITIONS, (recorded - begin) / REPETITIONS * 1e6,
		      (finished - recorded) * 1e3);
	print_message("heap grew by %zu bytes\n", after > before ? after - before : 0);
	assert_true(after <= before + 65536);
	fixture_close(&f);
}

/* Copies of the last repetition's line until there are n: the cost of syncing n times is not of
 * interest here. */
static void multiply(const char *path, unsigned int n)
{
	size_t length;
	char *text = fixture_load(path, &length), *line = strstr(text, "\"repetitions\": [\n"), *end;
	FILE *stream = fopen(path, "w");

	assert_non_null(line);
	assert_non_null(stream);
	line = strchr(line, '\n') + 1;
	end = strchr(line, '\n');
	fwrite(text, 1, (size_t)(line - text), stream);
	for (unsigned int i = 0; i < n; i++)
		fprintf(stream, "%.*s%s\n", (int)(end - line), line, i + 1 < n ? "," : "");
	fputs(end + 1, stream);
	assert_int_equal(fclose(stream), 0);
	free(text);
}

static void test_reading(void **state)
{
	bool stress = getenv("OVERMAP_STRESS") && *getenv("OVERMAP_STRESS");
	unsigned int n = stress ? 70000 : 7000, i;
	struct result *r[2];
	struct fixture f;
	struct error err;
	struct stat st;
	double begin;

	(void)state;
	fixture_open(&f);
	fixture_run(&f, 1, 1);
	multiply(f.path, n);
	assert_int_equal(stat(f.path, &st), 0);
	begin = seconds();
	for (i = 0; i < 2; i++)
		if (result_read(&r[i], f.path, 0, &err))
			fail_msg("%s", err.text);
	print_message("2 results of %.1f MB, %u samples in all: %.2f s to read, heap %.1f MB\n",
		      (double)st.st_size / 1e6, 2 * r[0]->nr_repetitions * r[0]->nr_metrics,
		      seconds() - begin, (double)heap_bytes() / 1e6);
	for (i = 0; i < 2; i++) {
		assert_int_equal(r[i]->nr_repetitions, n);
		result_free(r[i]);
	}
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recording),
		cmocka_unit_test(test_reading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
