/* SPDX-License-Identifier: MIT */
#include "run/conform.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MIB (1ull << 20)

static const struct host two_nodes = { .page_bytes = 4096,
				       .thp_pmd_bytes = 2 * MIB,
				       .nr_nodes = 2 };

static struct repetition ran(uint64_t resident, uint64_t huge)
{
	return (struct repetition){
		.outcome = { .kind = OUTCOME_OK, .step = -1 },
		.effective = { .known = true, .resident_bytes = resident, .huge_bytes = huge },
	};
}

static void test_conditions(void **state)
{
	static const struct {
		const char *what;
		struct map_request map;
		uint64_t resident, huge, locked, node_bytes[2];
		bool degraded;
	} rows[] = {
		{ "nothing asked", { .thp = THP_AS_SET }, 64 * MIB, 0, 0, { 0 }, false },
		{ "thp, all", { .thp = THP_ALWAYS }, 64 * MIB, 64 * MIB, 0, { 0 }, false },
		{ "thp, nearly all", { .thp = THP_ALWAYS }, 100 * MIB, 96 * MIB, 0, { 0 }, false },
		{ "thp, half", { .thp = THP_ALWAYS }, 64 * MIB, 32 * MIB, 0, { 0 }, true },
		{ "thp, but less than a page", { .thp = THP_ALWAYS }, MIB, 0, 0, { 0 }, false },
		{ "no thp, all huge", { .thp = THP_NEVER }, 64 * MIB, 64 * MIB, 0, { 0 }, true },
		{ "populate, all",
		  { .length_bytes = MIB, .flags = MAP_POPULATE },
		  MIB,
		  0,
		  0,
		  { 0 },
		  false },
		{ "populate, half",
		  { .length_bytes = MIB, .flags = MAP_POPULATE },
		  MIB / 2,
		  0,
		  0,
		  { 0 },
		  true },
		{ "locked, none",
		  { .length_bytes = MIB, .flags = MAP_LOCKED },
		  MIB,
		  0,
		  0,
		  { 0 },
		  true },
		{ "locked, all",
		  { .length_bytes = MIB, .flags = MAP_LOCKED },
		  MIB,
		  0,
		  MIB,
		  { 0 },
		  false },
		{ "bind, there", { .numa = { NUMA_BIND, true, 2 } }, MIB, 0, 0, { 0, MIB }, false },
		{ "bind, elsewhere",
		  { .numa = { NUMA_BIND, true, 2 } },
		  MIB,
		  0,
		  0,
		  { MIB, 0 },
		  true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct conditions c = { .map = rows[i].map };
		struct repetition r = ran(rows[i].resident, rows[i].huge);

		r.effective.locked_bytes = rows[i].locked;
		r.effective.nr_sampled = rows[i].node_bytes[0] || rows[i].node_bytes[1];
		memcpy(r.effective.node_bytes, rows[i].node_bytes, sizeof(rows[i].node_bytes));
		conform_conditions(&c, &two_nodes, &r);
		if ((r.outcome.kind == OUTCOME_DEGRADED) != rows[i].degraded)
			fail_msg("%s: %s", rows[i].what, r.outcome.detail);
		assert_int_equal(r.outcome.detail[0] != '\0', rows[i].degraded);
	}
}

static void test_a_failure_is_not_degraded(void **state)
{
	struct conditions c = { .map = { .thp = THP_ALWAYS } };
	struct repetition r = ran(64 * MIB, 0);

	(void)state;
	r.outcome.kind = OUTCOME_ERRNO;
	conform_conditions(&c, &two_nodes, &r);
	assert_int_equal(r.outcome.kind, OUTCOME_ERRNO);
}

static void test_outcomes(void **state)
{
	static const struct {
		struct outcome outcome;
		const char *expected, *step, *at;
		bool known, as_expected;
	} rows[] = {
		{ { .kind = OUTCOME_OK }, "ok", NULL, NULL, true, true },
		{ { .kind = OUTCOME_DEGRADED }, "ok", NULL, NULL, true, true },
		{ { .kind = OUTCOME_OK }, "ENOMEM", NULL, NULL, true, false },
		{ { .kind = OUTCOME_ERRNO, .number = ENOMEM }, "ENOMEM", NULL, "map", true, true },
		{ { .kind = OUTCOME_ERRNO, .number = ENOMEM }, "ENOMEM", "map", "map", true, true },
		{ { .kind = OUTCOME_ERRNO, .number = ENOMEM },
		  "ENOMEM",
		  "touch",
		  "map",
		  true,
		  false },
		{ { .kind = OUTCOME_ERRNO, .number = EAGAIN },
		  "ENOMEM",
		  "map",
		  "map",
		  true,
		  false },
		{ { .kind = OUTCOME_SIGNAL, .number = SIGBUS },
		  "SIGBUS",
		  "touch",
		  "touch",
		  true,
		  true },
		{ { .kind = OUTCOME_OOM_KILLED }, "oom-killed", NULL, "touch", true, true },
		{ { .kind = OUTCOME_SKIPPED }, "ok", NULL, NULL, false, false },
		{ { .kind = OUTCOME_REFUSED }, "ok", NULL, NULL, false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct repetition r = { .outcome = rows[i].outcome };

		conform_outcome(rows[i].expected, rows[i].step, rows[i].at, &r);
		if (r.expected_known != rows[i].known || r.as_expected != rows[i].as_expected)
			fail_msg("row %zu", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_a_failure_is_not_degraded),
		cmocka_unit_test(test_outcomes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
