/* SPDX-License-Identifier: MIT */
/* mlock() makes the range resident, or each page as it comes; munlock() undoes it. */
#include "tests/run/fixture.h"

static void may_lock(const struct fixture *f)
{
	void *page = mmap(NULL, f->conditions.map.length_bytes, PROT_READ,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int r = mlock(page, f->conditions.map.length_bytes);

	munmap(page, f->conditions.map.length_bytes);
	if (r) {
		print_message("SKIP: lock: RLIMIT_MEMLOCK is too small\n");
		skip();
	}
}

static void check(struct fixture *f, const char *lock, bool unlock, uint64_t resident_pages,
		  uint64_t locked_pages)
{
	add(f, op_find("map"));
	add_with(f, op_find("lock"), lock);
	if (unlock)
		add(f, op_find("unlock"));
	f->assignment.iterations = 1;
	run_ok(f);
	assert_int_equal(f->record.effective.resident_bytes, resident_pages * f->host.page_bytes);
	assert_int_equal(f->record.effective.locked_bytes, locked_pages * f->host.page_bytes);
	assert_int_equal(f->record.steps[1].count[COUNT_PAGES], NR_PAGES);
}

static void test_now(void **state)
{
	may_lock(*state);
	check(*state, "when=now", false, NR_PAGES, NR_PAGES);
}

static void test_on_fault(void **state)
{
	may_lock(*state);
	check(*state, "pages=on-fault", false, 0, 0);
}

static void test_unlock(void **state)
{
	may_lock(*state);
	/* Under AddressSanitizer munlock() does nothing. */
	check(*state, "when=now", true, NR_PAGES, EXTRA_FAULTS ? NR_PAGES : 0);
}

static void test_resident_bytes(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(resident(f, "lock", NULL), f->conditions.map.length_bytes);
	assert_int_equal(resident(f, "lock", "pages=on-fault"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_now),
		TEST(test_on_fault),
		TEST(test_unlock),
		TEST(test_resident_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
