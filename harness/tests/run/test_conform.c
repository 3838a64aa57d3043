/* SPDX-License-Identifier: MIT */
/* Less than was asked for is degraded, and says what; what nobody asked for is not missed. */
#include "run/conform.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#define MIB (1ull << 20)

static const struct host host = {
	.page_bytes = 4096, .thp_pmd_bytes = 2 * MIB, .nr_nodes = 2, .thp_available = true
};

struct row {
	const char *what;
	struct map_request map;
	struct mapping_effective effective;
	const char *detail; /* part of it; NULL: ok */
};

#define ANONYMOUS .protection = PROT_READ | PROT_WRITE, .length_bytes = 8 * MIB
#define PRIVATE   (MAP_PRIVATE | MAP_ANONYMOUS)
#define ALL_OF_IT                                                                                  \
	.known = true, .mapped_bytes = 8 * MIB, .resident_bytes = 8 * MIB,                         \
	.huge_room_bytes = 8 * MIB

static const struct row rows[] = {
	{ "nothing asked", { ANONYMOUS, .flags = PRIVATE }, { ALL_OF_IT }, NULL },
	{ "thp got",
	  { ANONYMOUS, .flags = PRIVATE, .thp = THP_ALWAYS },
	  { ALL_OF_IT, .huge_bytes = 8 * MIB },
	  NULL },
	{ "thp half",
	  { ANONYMOUS, .flags = PRIVATE, .thp = THP_ALWAYS },
	  { ALL_OF_IT, .huge_bytes = 4 * MIB },
	  "huge share 50 %" },
	{ "thp of too little",
	  { ANONYMOUS, .flags = PRIVATE, .thp = THP_ALWAYS },
	  { .known = true, .resident_bytes = MIB, .huge_room_bytes = 8 * MIB },
	  NULL },
	{ "thp, and an end that none fits",
	  { ANONYMOUS, .flags = PRIVATE, .thp = THP_ALWAYS },
	  { .known = true,
	    .resident_bytes = 3 * MIB,
	    .huge_bytes = 2 * MIB,
	    .huge_room_bytes = 2 * MIB },
	  NULL },
	{ "thp that fits, and is not got",
	  { ANONYMOUS, .flags = PRIVATE, .thp = THP_ALWAYS },
	  { .known = true, .resident_bytes = 3 * MIB, .huge_room_bytes = 2 * MIB },
	  "huge share 0 %" },
	{ "thp that fits nowhere",
	  { ANONYMOUS, .flags = PRIVATE, .thp = THP_ALWAYS },
	  { .known = true, .resident_bytes = MIB },
	  "no room for thp of 2 MiB" },
	{ "none asked, and none fits",
	  { ANONYMOUS, .flags = PRIVATE, .thp = THP_NEVER },
	  { .known = true, .resident_bytes = MIB },
	  NULL },
	{ "64 KiB pages got",
	  { ANONYMOUS, .flags = PRIVATE, .thp = THP_ALWAYS, .thp_page_bytes = 64 << 10 },
	  { ALL_OF_IT, .huge_bytes = 8 * MIB, .huge_sampled = true },
	  NULL },
	{ "64 KiB pages not got",
	  { ANONYMOUS, .flags = PRIVATE, .thp = THP_ALWAYS, .thp_page_bytes = 64 << 10 },
	  { ALL_OF_IT, .huge_sampled = true },
	  "thp of 64 KiB" },
	{ "64 KiB pages, nobody may look",
	  { ANONYMOUS, .flags = PRIVATE, .thp = THP_ALWAYS, .thp_page_bytes = 64 << 10 },
	  { ALL_OF_IT },
	  NULL },
	{ "none asked, some got",
	  { ANONYMOUS, .flags = PRIVATE, .thp = THP_NEVER },
	  { ALL_OF_IT, .huge_bytes = 8 * MIB },
	  "asked for none" },
	{ "on its node",
	  { ANONYMOUS, .flags = PRIVATE, .numa = { NUMA_BIND, true, 2 } },
	  { ALL_OF_IT, .nr_sampled = 2, .node_bytes = { 0, 8 * MIB } },
	  NULL },
	{ "on another node",
	  { ANONYMOUS, .flags = PRIVATE, .numa = { NUMA_PREFERRED, true, 2 } },
	  { ALL_OF_IT, .nr_sampled = 2, .node_bytes = { 6 * MIB, 2 * MIB } },
	  "25 % of the sampled pages" },
	{ "nodes not sampled",
	  { ANONYMOUS, .flags = PRIVATE, .numa = { NUMA_BIND, true, 2 } },
	  { ALL_OF_IT },
	  NULL },
	{ "populated", { ANONYMOUS, .flags = PRIVATE | MAP_POPULATE }, { ALL_OF_IT }, NULL },
	{ "populated by half",
	  { ANONYMOUS, .flags = PRIVATE | MAP_POPULATE },
	  { .known = true, .resident_bytes = 4 * MIB },
	  "populate: 50 % resident" },
	{ "populated, then swapped",
	  { ANONYMOUS, .flags = PRIVATE | MAP_POPULATE },
	  { .known = true, .resident_bytes = 4 * MIB, .swap_bytes = 4 * MIB },
	  NULL },
	{ "populated with the zero page",
	  { .protection = PROT_READ, .length_bytes = 8 * MIB, .flags = PRIVATE | MAP_POPULATE },
	  { .known = true },
	  NULL },
	{ "locked",
	  { ANONYMOUS, .flags = PRIVATE | MAP_LOCKED },
	  { ALL_OF_IT, .locked_bytes = 8 * MIB },
	  NULL },
	{ "locked by a quarter",
	  { ANONYMOUS, .flags = PRIVATE | MAP_LOCKED },
	  { ALL_OF_IT, .locked_bytes = 2 * MIB },
	  "locked: 25 % locked" },
	{ "never inspected",
	  { ANONYMOUS, .flags = PRIVATE | MAP_LOCKED },
	  { .known = false },
	  NULL },
};

static void test_conditions(void **state)
{
	static struct repetition r;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct conditions c = { .map = rows[i].map };

		memset(&r, 0, sizeof(r));
		r.effective = rows[i].effective;
		conform_conditions(&c, &host, &r);
		print_message("%s: %s\n", rows[i].what, r.outcome.detail);
		assert_int_equal(r.outcome.kind, rows[i].detail ? OUTCOME_DEGRADED : OUTCOME_OK);
		if (rows[i].detail)
			assert_non_null(strstr(r.outcome.detail, rows[i].detail));
	}
}

/* A fork's writes split huge pages, which were there when it was measured; and the other way round.
 */
static void test_begun(void **state)
{
	const struct mapping_effective whole = { ALL_OF_IT, .huge_bytes = 8 * MIB };
	const struct mapping_effective split = { ALL_OF_IT, .huge_bytes = 2 * MIB };
	struct conditions c = { .map = { ANONYMOUS, .flags = PRIVATE, .thp = THP_ALWAYS } };
	static struct repetition r;

	(void)state;
	r = (struct repetition){ .begun = whole, .effective = split };
	conform_conditions(&c, &host, &r);
	assert_int_equal(r.outcome.kind, OUTCOME_OK);
	r = (struct repetition){ .begun = split, .effective = whole };
	conform_conditions(&c, &host, &r);
	assert_int_equal(r.outcome.kind, OUTCOME_DEGRADED);
	/* Mapped by the setup, touched by the steps. */
	r = (struct repetition){ .begun = { .known = true }, .effective = split };
	conform_conditions(&c, &host, &r);
	assert_int_equal(r.outcome.kind, OUTCOME_DEGRADED);
}

/* Two shortcomings: both are said. */
static void test_both(void **state)
{
	static struct repetition r;
	struct conditions c = { .map = { ANONYMOUS,
					 .flags = PRIVATE | MAP_POPULATE | MAP_LOCKED } };

	(void)state;
	r.effective = (struct mapping_effective){ .known = true, .resident_bytes = 4 * MIB };
	conform_conditions(&c, &host, &r);
	assert_string_equal(r.outcome.detail, "populate: 50 % resident; locked: 0 % locked");
}

/* A failed repetition stays what it is. */
static void test_only_what_went_well(void **state)
{
	static struct repetition r;
	struct conditions c = { .map = { ANONYMOUS, .flags = PRIVATE | MAP_LOCKED } };

	(void)state;
	r.outcome.kind = OUTCOME_ERRNO;
	r.effective.known = true;
	conform_conditions(&c, &host, &r);
	assert_int_equal(r.outcome.kind, OUTCOME_ERRNO);
}

static void test_outcomes(void **state)
{
	static const struct {
		const char *outcome, *step, *happened_at;
		enum outcome_kind kind;
		int number;
		bool as_expected;
	} cases[] = {
		{ "ok", NULL, NULL, OUTCOME_OK, 0, true },
		{ "ok", NULL, NULL, OUTCOME_DEGRADED, 0, true },
		{ "ok", NULL, "map", OUTCOME_ERRNO, 12, false },
		{ "ENOMEM", NULL, "map", OUTCOME_ERRNO, 12, true },
		{ "ENOMEM", "map", "map", OUTCOME_ERRNO, 12, true },
		{ "ENOMEM", "touch", "map", OUTCOME_ERRNO, 12, false },
		{ "EINVAL", NULL, "map", OUTCOME_ERRNO, 12, false },
		{ "SIGBUS", "touch", "touch", OUTCOME_SIGNAL, 7, true },
	};
	static struct repetition r;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		memset(&r, 0, sizeof(r));
		r.outcome.kind = cases[i].kind;
		r.outcome.number = cases[i].number;
		conform_outcome(cases[i].outcome, cases[i].step, cases[i].happened_at, &r);
		assert_true(r.expected_known);
		assert_int_equal(r.as_expected, cases[i].as_expected);
	}
}

/* What a step says of itself comes first, and needs nothing to be mapped by then. */
static void test_shortfall(void **state)
{
	struct repetition r = { .shortfall = "advise: 3 of 4 pages went out" };
	const struct conditions c = { .map = { ANONYMOUS, .flags = PRIVATE } };

	(void)state;
	conform_conditions(&c, &host, &r);
	assert_int_equal(r.outcome.kind, OUTCOME_DEGRADED);
	assert_string_equal(r.outcome.detail, "advise: 3 of 4 pages went out");
	r.outcome = (struct outcome){ .kind = OUTCOME_ERRNO, .number = ENOMEM };
	conform_conditions(&c, &host, &r);
	assert_int_equal(r.outcome.kind, OUTCOME_ERRNO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conditions), cmocka_unit_test(test_begun),
		cmocka_unit_test(test_both),       cmocka_unit_test(test_only_what_went_well),
		cmocka_unit_test(test_outcomes),   cmocka_unit_test(test_shortfall),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
