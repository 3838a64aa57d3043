/* SPDX-License-Identifier: MIT */
/* What a cell wants of the system, and what its process takes on. */
#include "fixture.h"

#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

static void wants_once(void **state)
{
	struct conditions c = { 0 };
	struct error err;

	(void)state;
	assert_int_equal(conditions_want(&c, "vm.swappiness", "10", &err), 0);
	assert_int_equal(conditions_want(&c, "vm.swappiness", "10", &err), 0);
	assert_int_equal(c.nr_wanted, 1);
	assert_int_equal(conditions_want(&c, "vm.swappiness", "20", &err), -EEXIST);
	assert_string_equal(err.text, "vm.swappiness cannot be both 10 and 20");
	assert_int_equal(conditions_want(&c, "thp.enabled", "always", &err), 0);
	fixture_wants(&c, CELL("vm.swappiness=10", "thp.enabled=always"));
	assert_null(conditions_wanted(&c, "vm.swap"));
	conditions_unwant(&c, "nothing");
	conditions_unwant(&c, "vm.swappiness");
	fixture_wants(&c, CELL("thp.enabled=always"));
	conditions_unwant(&c, "thp.enabled");
	fixture_wants(&c, WANTS_NOTHING);
}

static void wants_so_many(void **state)
{
	struct conditions c = { 0 };
	char name[100];
	struct error err;

	(void)state;
	for (int i = 0; i < WANTED_MAX; i++) {
		snprintf(name, sizeof(name), "vm.n%d", i);
		assert_int_equal(conditions_want(&c, name, "1", &err), 0);
	}
	assert_int_equal(conditions_want(&c, "vm.more", "1", &err), -ENOSPC);
	c.nr_wanted = 0;
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(conditions_want(&c, name, "1", &err), -ENOSPC);
	assert_int_equal(conditions_want(&c, "vm.x", name, &err), -ENOSPC);
	assert_int_equal(c.nr_wanted, 0);
}

static void counts_pages(void **state)
{
	static const struct {
		uint64_t length, page;
		unsigned int workers;
		enum layout layout;
		uint64_t pages;
	} vectors[] = {
		{ 64 * MIB, 0, 1, LAYOUT_PER_WORKER, 0 },
		{ 64 * MIB, 2 * MIB, 1, LAYOUT_PER_WORKER, 32 },
		{ 64 * MIB + 1, 2 * MIB, 1, LAYOUT_PER_WORKER, 33 },
		{ 64 * MIB + 1, 2 * MIB, 3, LAYOUT_PER_WORKER, 99 },
		{ 64 * MIB + 1, 2 * MIB, 3, LAYOUT_SHARED, 33 },
		{ 0, 2 * MIB, 3, LAYOUT_PER_WORKER, 0 },
		{ 1, GIB, 2, LAYOUT_PER_WORKER, 2 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		struct conditions c = { .map = { .length_bytes = vectors[i].length,
						 .huge_page_bytes = vectors[i].page },
					.nr_workers = vectors[i].workers,
					.layout = vectors[i].layout };

		assert_int_equal(conditions_huge_pages(&c), vectors[i].pages);
	}
}

/* Run check in a child that has taken the conditions on; 0 where it agrees. */
static int in_child(const struct conditions *c, int (*check)(void))
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (!child)
		_exit(conditions_enter(c, NULL) ? 100 : check());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int thp_disabled(void)
{
	return prctl(PR_GET_THP_DISABLE, 0ul, 0ul, 0ul, 0ul) == 1 ? 0 : 1;
}

static int thp_not_disabled(void)
{
	return prctl(PR_GET_THP_DISABLE, 0ul, 0ul, 0ul, 0ul) == 0 ? 0 : 1;
}

/* Disabled, but for what is advised: the second bit. */
static int thp_only_advised(void)
{
	return prctl(PR_GET_THP_DISABLE, 0ul, 0ul, 0ul, 0ul) == 3 ? 0 : 1;
}

static int has_limits(void)
{
	struct rlimit data, stack;

	if (getrlimit(RLIMIT_DATA, &data) || getrlimit(RLIMIT_STACK, &stack))
		return 2;
	return data.rlim_cur == GIB && stack.rlim_cur == 4 * MIB ? 0 : 1;
}

static void is_taken_on(void **state)
{
	struct conditions c = { 0 };

	(void)state;
	assert_int_equal(in_child(&c, thp_not_disabled), 0);
	c.thp_process_never = true;
	assert_int_equal(in_child(&c, thp_disabled), 0);
	c = (struct conditions){ .limit_given = { [LIMIT_DATA] = true, [LIMIT_STACK] = true },
				 .limit_bytes = { [LIMIT_DATA] = GIB, [LIMIT_STACK] = 4 * MIB } };
	assert_int_equal(in_child(&c, has_limits), 0);
}

static void is_taken_on_except_for_advised(void **state)
{
	struct conditions c = { .thp_process_advised = true };
	struct host host;
	struct error err;

	(void)state;
	assert_int_equal(host_read(&host, &err), 0);
	if (!host_kernel_is(&host, 6, 18)) {
		print_message(
			"SKIP: is_taken_on_except_for_advised: needs Linux 6.18, this is %s\n",
			host.kernel_release);
		skip();
	}
	assert_int_equal(in_child(&c, thp_only_advised), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wants_once),
		cmocka_unit_test(wants_so_many),
		cmocka_unit_test(counts_pages),
		cmocka_unit_test(is_taken_on),
		cmocka_unit_test(is_taken_on_except_for_advised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
