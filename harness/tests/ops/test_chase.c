/* SPDX-License-Identifier: MIT */
/* One cycle goes through every place once; whoever overwrites it, it is laid again. */
#include "tests/run/fixture.h"

#define STRIDE      256u
#define GROUP_BYTES (2ull << 20)

/* Follow the pointers: is it one cycle of all places? In groups: are 2 MiB left before the next? */
static int check_cycle(struct worker *w, uint64_t group_bytes)
{
	char *start = w->mapping->address;
	uint64_t n = w->mapping->length_bytes / STRIDE, in_group = group_bytes / STRIDE;
	void *at = start;

	for (uint64_t i = 0; i < n; i++) {
		void *next = *(void **)at;

		if ((char *)next < start || (char *)next >= start + w->mapping->length_bytes)
			return -EFAULT;
		if (next == start && i + 1 < n)
			return -EXDEV;
		at = next;
	}
	if (at != start)
		return -ELOOP;
	for (uint64_t i = 0, changes = 0; i < n && group_bytes; i++) {
		char *next = *(char **)at;

		changes += (uint64_t)(next - start) / group_bytes !=
			   (uint64_t)((char *)at - start) / group_bytes;
		if (changes > n / in_group)
			return -EDOM;
		at = next;
	}
	return 0;
}

static int full_step(struct worker *w, const struct op_call *call)
{
	(void)call;
	return check_cycle(w, 0);
}

static int grouped_step(struct worker *w, const struct op_call *call)
{
	(void)call;
	return check_cycle(w, GROUP_BYTES);
}

static int small_groups_step(struct worker *w, const struct op_call *call)
{
	(void)call;
	return check_cycle(w, 64 << 10);
}

static const struct op op_full = { .name = "full", .step = full_step };
static const struct op op_grouped = { .name = "grouped", .step = grouped_step };

static const struct op op_small_groups = { .name = "small-groups", .step = small_groups_step };

static void test_cycle(void **state)
{
	struct fixture *f = *state;

	f->conditions.map.length_bytes = 4 * GROUP_BYTES;
	add(f, op_find("map"));
	add_with(f, op_find("chase"), "loads=1000");
	add(f, &op_full);
	add_with(f, op_find("chase"), "loads=1000; order=group; chains=3");
	add(f, &op_grouped);
	add_with(f, op_find("chase"), "loads=1000; order=group; group=64KiB");
	add(f, &op_small_groups);
	add(f, op_find("unmap"));
	run_ok(f);
	/* Whole blocks of 128 loads, of each chain. */
	assert_int_equal(f->record.steps[1].count[COUNT_TOUCHES], 3 * 1024);
	assert_int_equal(f->record.steps[3].count[COUNT_TOUCHES], 3 * 3 * 1024);
	assert_true(metric_of(f, 1, "latency") > 0);
}

static void test_chains(void **state)
{
	struct fixture *f = *state;

	for (unsigned int n = 1; n <= 10; n++) {
		char text[32];

		snprintf(text, sizeof(text), "loads=128; chains=%u", n);
		add(f, op_find("map"));
		add_with(f, op_find("chase"), text);
		add(f, op_find("unmap"));
		run_ok(f);
		assert_int_equal(f->record.steps[1].count[COUNT_TOUCHES], 3 * n * 128);
		area_close(&f->area);
		f->assignment.nr_calls = 0;
	}
}

/* Another cycle, other data, another address: each would be followed out of the mapping. */
static void test_laid_again(void **state)
{
	static const char *const between[] = { "chase", "touch", "remap", "advise", "fill" };
	static const char *const arguments[] = { "loads=128; stride=64B", NULL, "how=move",
						 "advice=dontneed", "pattern=ones" };
	struct fixture *f = *state;

	f->assignment.iterations = 5;
	for (size_t i = 0; i < ARRAY_LENGTH(between); i++) {
		add(f, op_find("map"));
		f->assignment.nr_setup = 1;
		add_with(f, op_find("chase"), "loads=5000");
		add_with(f, op_find(between[i]), arguments[i]);
		run_ok(f);
		area_close(&f->area);
		f->assignment.nr_calls = f->assignment.nr_setup = 0;
	}
}

static void test_shared(void **state)
{
	struct fixture *f = *state;

	f->conditions.nr_workers = 4;
	f->conditions.layout = LAYOUT_SHARED;
	add(f, op_find("map"));
	add_with(f, op_find("chase"), "loads=1000; chains=2");
	add(f, op_find("touch"));
	add(f, op_find("unmap"));
	run_ok(f);
	assert_int_equal(f->record.steps[1].executions, 4 * 3);
}

static void test_bad_arguments(void **state)
{
	struct fixture *f = *state;
	struct error err;

	assert_int_equal(supported(f, "chase", "stride=64 pages", &err), -ENOTSUP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_cycle),  TEST(test_chains),        TEST(test_laid_again),
		TEST(test_shared), TEST(test_bad_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
