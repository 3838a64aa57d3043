// SPDX-License-Identifier: MIT
/* What disturbed a run, from counters that are made up. */
#include "tests/result/fixture.h"

#include "result/noise.h"

#include <math.h>

enum { STEAL, BUSY, IDLE, USER, SYSTEM, HARNESS, COUNTERS };

/* Two repetitions of 1 s on two processors, in us. */
struct vector {
	double first[COUNTERS], second[COUNTERS];
	uint32_t nr_stolen;
	double steal, others;
};

static struct result *made_up(struct fixture *f, const struct vector *v)
{
	struct result *r = NULL;
	struct error err;
	char text[4096];
	size_t n = (size_t)snprintf(
		text, sizeof(text),
		"{\"overmap\": \"result\", \"schema\": 1, \"host\": {\"cpu\": {\"online\": 2}}, "
		"\"axes\": [], \"metrics\": [");
	static const char *const names[] = { "system.steal_time", "system.busy_time",
					     "system.idle_time",  "usage.user_time",
					     "usage.system_time", "usage.harness_time" };

	for (int i = 0; i < COUNTERS; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "%s{\"name\": \"%s\", \"step\": \"\", \"unit\": \"us\", "
				      "\"better\": \"neither\"}",
				      i ? ", " : "", names[i]);
	n += (size_t)snprintf(text + n, sizeof(text) - n,
			      "], \"cells\": [{\"cell\": 0}], \"repetitions\": [");
	for (int k = 0; k < 2; k++) {
		const double *values = k ? v->second : v->first;

		n += (size_t)snprintf(
			text + n, sizeof(text) - n,
			"%s{\"cell\": 0, \"round\": %d, \"sequence\": %d, \"outcome\": \"ok\", "
			"\"elapsed_ns\": 1000000000, \"metrics\": {",
			k ? ", " : "", k, k);
		for (int i = 0; i < COUNTERS; i++)
			if (isfinite(values[i]))
				n += (size_t)snprintf(text + n, sizeof(text) - n, "%s\"%s\": %.0f",
						      i ? ", " : "", names[i], values[i]);
		n += (size_t)snprintf(text + n, sizeof(text) - n, "}}");
	}
	n += (size_t)snprintf(text + n, sizeof(text) - n, "]}\n");
	fixture_write(f->path, text, n);
	if (result_read(&r, f->path, 0, &err))
		fail_msg("%s", err.text);
	return r;
}

static void judges(void **state)
{
	static const struct vector vectors[] = {
		/* Alone: all that was busy was the run. */
		{ { 0, 1e6, 1e6, 6e5, 4e5 }, { 0, 1e6, 1e6, 5e5, 5e5 }, 0, 0, 0 },
		/* At the limit, and one tick above it. */
		{ { 20000, 1e6, 980000, 5e5, 5e5 }, { 0, 1e6, 1e6, 5e5, 5e5 }, 0, 0.005, 0 },
		{ { 30000, 1e6, 970000, 5e5, 5e5 }, { 0, 1e6, 1e6, 5e5, 5e5 }, 1, 0.0075, 0 },
		/* Half of the second repetition's time was somebody else's. */
		{ { 0, 1e6, 1e6, 5e5, 5e5 }, { 0, 2e6, 0, 5e5, 5e5 }, 0, 0, 0.25 },
		/* What the harness did beside the steps is nobody else's. */
		{ { 0, 1e6, 1e6, 5e5, 4e5, 5e4 }, { 0, 1e6, 1e6, 5e5, 4e5, 1e5 }, 0, 0, 0.0125 },
		/* Ticks can tell less than what was used. */
		{ { 0, 9e5, 11e5, 5e5, 5e5 }, { 0, 9e5, 11e5, 5e5, 5e5 }, 0, 0, 0 },
		/* What one repetition did not count says nothing of that one. */
		{ { 0, 1e6, 1e6, 5e5, 4e5 }, { 40000, NAN, 1e6, 5e5, 5e5 }, 1, 0, 0.05 },
		/* Most of 12 ms of steps in a second of repetition; and one tick, which may be
		   less. */
		{ { 20000, 4000, 0, 0, 0 }, { 10000, 20000, 10000, 0, 0 }, 1, NAN, NAN },
		/* Over so little time, nothing. */
		{ { 0, 1e5, 1e5, 0, 0 }, { 0, 1e5, 1e5, 0, 0 }, 0, NAN, NAN },
	};
	struct fixture f;

	(void)state;
	fixture_open(&f);
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		struct result *r = made_up(&f, &vectors[i]);
		struct noise noise;

		noise_judge(r, &noise);
		if (noise.nr_stolen != vectors[i].nr_stolen ||
		    isnan(noise.steal_share) != isnan(vectors[i].steal) ||
		    fabs(noise.steal_share - vectors[i].steal) > 1e-9 ||
		    fabs(noise.others_share - vectors[i].others) > 1e-9)
			fail_msg("%zu: %u stolen, %g and %g", i, noise.nr_stolen, noise.steal_share,
				 noise.others_share);
		result_free(r);
	}
	fixture_close(&f);
}

/* A result of a kernel, or an overmap, that does not count them. */
static void nothing_counted(void **state)
{
	static const char text[] =
		"{\"overmap\": \"result\", \"schema\": 1, \"axes\": [], \"metrics\": [],\n"
		"\"cells\": [{\"cell\": 0}], \"repetitions\": [{\"cell\": 0, \"round\": 0, "
		"\"sequence\": 0, "
		"\"outcome\": \"ok\", \"metrics\": {}}]}";
	struct result *r = NULL;
	struct noise noise;
	struct fixture f;
	struct error err;

	(void)state;
	fixture_open(&f);
	fixture_write(f.path, text, strlen(text));
	if (result_read(&r, f.path, 0, &err))
		fail_msg("%s", err.text);
	noise_judge(r, &noise);
	assert_int_equal(noise.nr_stolen, 0);
	assert_true(isnan(noise.steal_share) && isnan(noise.others_share));
	result_free(r);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges),
		cmocka_unit_test(nothing_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
