/* SPDX-License-Identifier: MIT */
/* Touches, faults and bytes of every way to touch; arguments that make no sense. */
#include "tests/run/fixture.h"

static void test_counts(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *text;
		unsigned int touches, faults;
	} cases[] = {
		{ "access=write", NR_PAGES, NR_PAGES },
		{ "access=read", NR_PAGES, NR_PAGES },
		{ "access=write; order=random", NR_PAGES, NR_PAGES },
		{ "access=read; order=random", NR_PAGES, NR_PAGES },
		{ "stride=2 pages", NR_PAGES / 2, NR_PAGES / 2 },
		{ "amount=10 pages", 10, 10 },
		{ "amount=10 pages; stride=3 pages", 4, 4 },
		{ "amount=1B", 1, 1 },
		{ "amount=2 pages; stride=64B", 128, 2 },
		{ "amount=1000 pages", NR_PAGES, NR_PAGES },
	};

	add(f, op_find("map"));
	for (size_t i = 0; i < 2 * ARRAY_LENGTH(cases); i++) {
		struct op_call *call = add_with(f, op_find("touch"), cases[i / 2].text);

		f->assignment.calls[0].each_event = call->each_event = i % 2;
		add(f, op_find("unmap"));
		run_ok(f);
		print_message("%s\n", cases[i / 2].text);
		assert_int_equal(f->record.steps[1].count[COUNT_TOUCHES], 3 * cases[i / 2].touches);
		assert_in_range(f->record.steps[1].count[COUNT_FAULTS], 3 * cases[i / 2].faults,
				3 * cases[i / 2].faults + EXTRA_FAULTS);
		if (i % 2 && cases[i / 2].touches)
			assert_int_equal(f->record.steps[1].events->n, 3 * cases[i / 2].touches);
		area_close(&f->area);
		f->assignment.nr_calls = 1;
	}
}

static void test_populate(void **state)
{
	struct fixture *f = *state;

	add(f, op_find("map"));
	add_or_skip(f, "touch", "method=populate");
	add(f, op_find("unmap"));
	run_ok(f);
	assert_int_equal(f->record.steps[1].count[COUNT_TOUCHES], 3 * NR_PAGES);
	assert_int_equal(f->record.steps[1].count[COUNT_CALLS], 3);
	assert_int_equal(f->record.effective.resident_bytes, NR_PAGES * f->host.page_bytes);
}

/* An amount smaller than the mapping: later workers have nothing, or less, to do. */
static void test_shared_amount(void **state)
{
	struct fixture *f = *state;

	f->conditions.nr_workers = 4;
	f->conditions.layout = LAYOUT_SHARED;
	add(f, op_find("map"));
	add_with(f, op_find("touch"), "amount=20 pages");
	add(f, op_find("unmap"));
	run_ok(f);
	assert_int_equal(f->record.steps[1].count[COUNT_TOUCHES], 3 * 20);
}

static void test_bad_arguments(void **state)
{
	struct fixture *f = *state;
	struct error err;

	f->host.kernel_version = 0x050d00;
	assert_int_equal(supported(f, "touch", "method=populate", &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "5.14"));
}

static void test_resident_bytes(void **state)
{
	struct fixture *f = *state;
	uint64_t page = f->host.page_bytes, length = f->conditions.map.length_bytes;

	assert_int_equal(resident(f, "touch", NULL), length);
	assert_int_equal(resident(f, "touch", "amount=1000 pages"), length);
	assert_int_equal(resident(f, "touch", "access=read"), 0);
	assert_in_range(resident(f, "touch", "stride=8 pages"), length / 8, length / 8 + page);
	f->conditions.map.length_bytes = 1ull << 40;
	f->conditions.map.thp = THP_AS_SET;
	f->host.thp_unasked_bytes = 0;
	assert_in_range(resident(f, "touch", "stride=1GiB"), 1024 * page, 2050 * page);
	f->host.thp_unasked_bytes = f->host.thp_pmd_bytes = 2u << 20;
	assert_in_range(resident(f, "touch", "stride=1GiB"), 2ull << 30, 3ull << 30);
	f->conditions.map.thp = THP_ALWAYS;
	assert_in_range(resident(f, "touch", "stride=1GiB"), 2ull << 30, 3ull << 30);
	f->conditions.map.thp = THP_NEVER;
	assert_in_range(resident(f, "touch", "stride=1GiB"), 1024 * page, 2050 * page);
	f->conditions.map.length_bytes = length;
	f->conditions.map.backing = BACKING_MEMFD;
	assert_int_equal(resident(f, "touch", NULL), 2 * length);
	assert_int_equal(resident(f, "touch", "access=read"), length);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_counts),        TEST(test_populate),       TEST(test_shared_amount),
		TEST(test_bad_arguments), TEST(test_resident_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
