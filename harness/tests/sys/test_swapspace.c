/* SPDX-License-Identifier: MIT */
/* Swap spaces made and taken away on this machine, from every stage of making them. */
#include "tests/sys/fake_root.h"

#include "sys/swapspace.h"

#include <stdint.h>

#define BYTES (8u << 20)

static bool possible(const char *test)
{
	if (geteuid() == 0)
		return true;
	print_message("SKIP: %s: needs root\n", test);
	return false;
}

static void expect_file(const char *path, enum swap_state state, uint64_t bytes)
{
	enum swap_state found;
	uint64_t length;

	assert_int_equal(swap_file_state(path, &found, &length), 0);
	assert_int_equal(found, state);
	assert_int_equal(length, bytes);
}

static void test_file(void **state)
{
	const struct fake_root *f = *state;
	struct error err = { "" };
	char path[96];

	if (!possible("swap file"))
		skip();
	snprintf(path, sizeof(path), "%s/swap", f->directory);
	expect_file(path, SWAP_ABSENT, 0);
	assert_int_equal(swap_file_remove(path), 0);
	if (swap_file_make(path, BYTES, &err))
		fail_msg("%s", err.text);
	expect_file(path, SWAP_ACTIVE, BYTES);
	assert_int_equal(swap_file_make(path, BYTES, &err), -EEXIST);
	assert_int_equal(swap_file_remove(path), 0);
	expect_file(path, SWAP_ABSENT, 0);

	fake_file(f, "/../run/swap", "half made");
	expect_file(path, SWAP_UNUSED, 9);
	assert_int_equal(swap_file_remove(path), 0);
	expect_file(path, SWAP_ABSENT, 0);
}

static void test_file_refused(void **state)
{
	const struct fake_root *f = *state;
	struct error err = { "" };
	char path[96];

	if (!possible("swap file refused"))
		skip();
	assert_int_equal(swap_file_make("/dev/shm/overmap-test/swap", BYTES, &err), -EINVAL);
	assert_non_null(strstr(err.text, "tmpfs"));
	assert_int_equal(swap_file_remove("/dev/shm/overmap-test/swap"), 0);
	assert_int_equal(rmdir("/dev/shm/overmap-test"), 0);

	snprintf(path, sizeof(path), "%s/swap", f->directory);
	assert_int_equal(swap_file_make(path, UINT64_C(1) << 60, &err), -ENOSPC);
	assert_int_equal(swap_file_remove(path), 0);

	assert_int_equal(chmod(f->directory, 0777), 0);
	assert_int_equal(swap_file_make(path, BYTES, &err), -EPERM);
	expect_file(path, SWAP_ABSENT, 0);
}

static void expect_zram(const char *device, enum swap_state state)
{
	enum swap_state found;
	uint64_t length;

	assert_int_equal(swap_zram_state(device, &found, &length), 0);
	assert_int_equal(found, state);
	assert_int_equal(length, state == SWAP_ABSENT ? 0 : BYTES);
}

/* One device, and while it is in use another one. */
static void test_zram(void **state)
{
	char first[32], second[32], ours[32] = "";
	bool first_added, second_added;
	struct error err = { "" };

	(void)state;
	if (!possible("zram"))
		skip();
	if (swap_zram_find(first, sizeof(first), &first_added, &err)) {
		print_message("SKIP: zram: %s\n", err.text);
		skip();
	}
	if (swap_zram_make(first, BYTES, &err))
		fail_msg("%s", err.text);
	expect_zram(first, SWAP_ACTIVE);
	assert_true(swap_zram_ours(ours, sizeof(ours)));
	assert_string_equal(ours, first);

	assert_int_equal(swap_zram_find(second, sizeof(second), &second_added, &err), 0);
	assert_string_not_equal(first, second);
	if (swap_zram_make(second, BYTES, &err))
		fail_msg("%s", err.text);
	expect_zram(second, SWAP_ACTIVE);
	assert_int_equal(swap_zram_remove(second, second_added), 0);
	expect_zram(second, SWAP_ABSENT);
	assert_int_equal(access(second, F_OK), second_added ? -1 : 0);

	assert_int_equal(swap_zram_remove(first, first_added), 0);
	expect_zram(first, SWAP_ABSENT);
	assert_int_equal(swap_zram_remove(first, first_added), 0);
	assert_false(swap_zram_ours(ours, sizeof(ours)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_file, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_file_refused, fake_setup, fake_teardown),
		cmocka_unit_test(test_zram),
	};

	take_turn();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
