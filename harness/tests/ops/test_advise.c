/* SPDX-License-Identifier: MIT */
/* Every piece of advice, what it costs the range, and where it cannot be had. */
#include "tests/run/fixture.h"

static void test_every_advice(void **state)
{
	struct fixture *f = *state;

	for (const char *const *word = op_find("advise")->args[0].choices; *word; word++) {
		char text[64];
		struct error err;

		snprintf(text, sizeof(text), "advice=%s", *word);
		if (supported(f, "advise", text, &err)) {
			print_message("%s\n", err.text);
			continue;
		}
		add(f, op_find("map"));
		add(f, op_find("touch"));
		add_with(f, op_find("advise"), text);
		add(f, op_find("unmap"));
		run(f);
		/* Not of private memory, not of less than a huge page. */
		if (strcmp(*word, "remove") == 0 || strcmp(*word, "collapse") == 0) {
			assert_int_equal(f->record.outcome.number, EINVAL);
		} else {
			print_message("%s: %s\n", *word, f->record.outcome.detail);
			assert_int_equal(f->record.outcome.kind, OUTCOME_OK);
			assert_int_equal(f->record.steps[2].count[COUNT_PAGES], 3 * NR_PAGES);
		}
		area_close(&f->area);
		f->assignment.nr_calls = 0;
	}
}

/* What is discarded is faulted in again, and only that. */
static void test_dontneed(void **state)
{
	struct fixture *f = *state;

	add(f, op_find("map"));
	add(f, op_find("touch"));
	f->assignment.nr_setup = 2;
	add_with(f, op_find("advise"), "advice=dontneed; amount=5 pages");
	add(f, op_find("touch"));
	run_ok(f);
	assert_int_equal(f->record.steps[0].count[COUNT_PAGES], 3 * 5);
	assert_in_range(f->record.steps[1].count[COUNT_FAULTS], 3 * 5, 3 * 5 + EXTRA_FAULTS);
}

static void discard_run(struct fixture *f)
{
	area_close(&f->area);
	f->assignment.nr_calls = 0;
}

/* Shared memory cannot go where there is no swap, though the page table lets go of it. */
static void test_pageout_stays(void **state)
{
	static const enum backing backings[] = { BACKING_ANONYMOUS, BACKING_MEMFD, BACKING_TMPFS };
	struct fixture *f = *state;

	if (f->host.swap_bytes || f->host.kernel_version < 0x060500 || !f->host.cap_sys_admin) {
		print_message("SKIP: there is swap, no cachestat() or no CAP_SYS_ADMIN\n");
		skip();
	}
	for (size_t i = 0; i < ARRAY_LENGTH(backings); i++) {
		f->conditions.map.backing = backings[i];
		f->conditions.map.flags = MAP_SHARED | (i ? 0 : MAP_ANONYMOUS);
		add(f, op_find("map"));
		add(f, op_find("touch"));
		add_with(f, op_find("advise"), "advice=pageout; amount=40 pages");
		add(f, op_find("unmap"));
		run_ok(f);
		assert_non_null(strstr(f->record.shortfall, "0 of 40 pages went out"));
		assert_int_equal(f->record.steps[2].count[COUNT_PAGES], 0);
		assert_true(isnan(metric_of(f, 2, "time_per_page")));
		discard_run(f);
	}
}

/* What was written back goes, also behind a part that was cut off. */
static void test_pageout_of_file(void **state)
{
	struct fixture *f = *state;

	if (f->host.kernel_version < 0x060500)
		skip();
	f->conditions.map.backing = BACKING_FILE;
	f->conditions.map.flags = MAP_SHARED;
	add(f, op_find("map"));
	add(f, op_find("touch"));
	add(f, op_find("sync"));
	add_with(f, op_find("unmap"), "amount=24 pages");
	add_with(f, op_find("advise"), "advice=pageout; amount=40 pages");
	add(f, op_find("unmap"));
	run_ok(f);
	assert_int_equal(f->record.steps[4].count[COUNT_PAGES], 3 * 40);
}

static void test_absent(void **state)
{
	struct fixture *f = *state;
	struct error err;

	f->host.swap_bytes = 0;
	assert_int_equal(supported(f, "advise", "advice=pageout", &err), -ENOTSUP);
	f->host.thp_available = false;
	assert_int_equal(supported(f, "advise", "advice=hugepage", &err), -ENOTSUP);
	f->host.kernel_version = 0x060000;
	assert_int_equal(supported(f, "advise", "advice=collapse", &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "6.1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_every_advice),    TEST(test_dontneed), TEST(test_pageout_stays),
		TEST(test_pageout_of_file), TEST(test_absent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
