// SPDX-License-Identifier: MIT
/* Both versions, groups inside groups, and none at all. */
#include "tests/sys/fake_root.h"

#include "base/cleanup.h"
#include "sys/group_memory.h"

#define V1  "/sys/fs/cgroup/memory"
#define V2  "/sys/fs/cgroup"
#define MIB (1ull << 20)

static void read_group(const struct fake_root *f, const char *groups, struct group_memory *ret)
{
	fake_file(f, "/proc/self/cgroup", groups);
	group_memory_read(f->root, ret);
}

static void version_1(void **state)
{
	const struct fake_root *f = *state;
	struct group_memory m;

	fake_file(f, V1 "/memory.limit_in_bytes", "9223372036854771712\n");
	fake_file(f, V1 "/memory.usage_in_bytes", "99\n");
	fake_file(f, V1 "/a/memory.limit_in_bytes", "104857600\n");
	fake_file(f, V1 "/a/memory.usage_in_bytes", "94371840\n");
	fake_file(f, V1 "/a/b/memory.limit_in_bytes", "52428800\n");
	fake_file(f, V1 "/a/b/memory.usage_in_bytes", "1048576\n");
	read_group(f, "5:cpu,memory:/a/b\n0::/\n", &m);
	assert_int_equal(m.limit_bytes, 50 * MIB);
	assert_int_equal(m.room_bytes, 10 * MIB); /* the outer one is nearly full */
}

static void version_2(void **state)
{
	const struct fake_root *f = *state;
	struct group_memory m;

	fake_file(f, V2 "/a/memory.max", "max\n");
	fake_file(f, V2 "/a/memory.current", "1048576\n");
	fake_file(f, V2 "/a/b/memory.max", "67108864\n");
	fake_file(f, V2 "/a/b/memory.current", "68157440\n");
	read_group(f, "0::/a/b\n", &m);
	assert_int_equal(m.limit_bytes, 64 * MIB);
	assert_int_equal(m.room_bytes, 0);
}

/* A group that is full of cached files has room; what it cannot give up is none. */
static void caches(void **state)
{
	const struct fake_root *f = *state;
	struct group_memory m;

	fake_file(f, V2 "/a/memory.max", "67108864\n");
	fake_file(f, V2 "/a/memory.current", "67108864\n");
	fake_file(f, V2 "/a/memory.stat",
		  "anon 1048576\nfile 60000000\nshmem 4096\ninactive_anon 1048576\n"
		  "inactive_file 20971520\nactive_file 10485760\nworkingset_refault_file 9\n");
	read_group(f, "0::/a\n", &m);
	assert_int_equal(m.room_bytes, 30 * MIB);

	/* Version 1: the lines with the groups below it. */
	fake_file(f, V1 "/a/memory.limit_in_bytes", "67108864\n");
	fake_file(f, V1 "/a/memory.usage_in_bytes", "57671680\n");
	fake_file(f, V1 "/a/memory.stat",
		  "cache 1\ninactive_file 4096\nactive_file 4096\ntotal_cache 1\n"
		  "total_inactive_file 1048576\ntotal_active_file 2097152\n");
	read_group(f, "4:memory:/a\n", &m);
	assert_int_equal(m.room_bytes, 12 * MIB);
}

/* Both limits of version 1 hold memory, one of them swap too. */
static void swap_of_version_1(void **state)
{
	const struct fake_root *f = *state;
	struct group_memory m;

	fake_file(f, V1 "/a/memory.limit_in_bytes", "104857600\n");
	fake_file(f, V1 "/a/memory.usage_in_bytes", "10485760\n");
	fake_file(f, V1 "/a/memory.memsw.limit_in_bytes", "125829120\n");
	fake_file(f, V1 "/a/memory.memsw.usage_in_bytes", "20971520\n");
	read_group(f, "5:memory:/a\n", &m);
	assert_int_equal(m.room_bytes, 90 * MIB);
	assert_int_equal(m.swap_room_bytes, 10 * MIB);
	fake_file(f, V1 "/a/memory.memsw.limit_in_bytes", "104857600\n");
	read_group(f, "5:memory:/a\n", &m);
	assert_int_equal(m.swap_room_bytes, 0);
}

/* An ancestor may withhold it, with or without a limit of memory. */
static void swap_of_version_2(void **state)
{
	const struct fake_root *f = *state;
	struct group_memory m;

	fake_file(f, V2 "/a/memory.max", "max\n");
	fake_file(f, V2 "/a/memory.swap.max", "8388608\n");
	fake_file(f, V2 "/a/memory.swap.current", "1048576\n");
	fake_file(f, V2 "/a/b/memory.swap.max", "max\n");
	fake_file(f, V2 "/a/b/memory.swap.current", "0\n");
	read_group(f, "0::/a/b\n", &m);
	assert_true(m.limit_bytes == UINT64_MAX);
	assert_int_equal(m.swap_room_bytes, 7 * MIB);
	fake_file(f, V2 "/a/b/memory.swap.max", "0\n");
	read_group(f, "0::/a/b\n", &m);
	assert_int_equal(m.swap_room_bytes, 0);
}

static void no_limit(void **state)
{
	const struct fake_root *f = *state;
	static const char *const groups[] = { "0::/\n", "", "nonsense\n", "3:cpu:/x\n", "0::\n" };
	struct group_memory m;

	for (size_t i = 0; i < ARRAY_LENGTH(groups); i++) {
		read_group(f, groups[i], &m);
		assert_true(m.limit_bytes == UINT64_MAX && m.room_bytes == UINT64_MAX &&
			    m.swap_room_bytes == UINT64_MAX);
	}
	group_memory_read("/nowhere", &m);
	assert_true(m.limit_bytes == UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(version_1, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(version_2, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(caches, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(swap_of_version_1, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(swap_of_version_2, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(no_limit, fake_setup, fake_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
