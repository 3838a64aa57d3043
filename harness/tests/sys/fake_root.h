/* SPDX-License-Identifier: MIT */
/*
 * A folder that stands for the root of a machine: files of /proc/sys and /sys with whatever content
 * a test needs, so that the tests of settings touch no system and need no root.
 */
#ifndef TESTS_SYS_FAKE_ROOT_H
#define TESTS_SYS_FAKE_ROOT_H

#include "tests/sys/fake_files.h"

#include <fcntl.h>
#include <sys/file.h>

struct fake_root {
	char root[64];      /* of the machine */
	char directory[64]; /* of journal and lock */
	char top[48];       /* both are in it */
};

/* path of root and its folders. */
static inline void fake_file(const struct fake_root *f, const char *path, const char *content)
{
	fake_put(f->root, path, content);
}

static inline void fake_expect(const struct fake_root *f, const char *path, const char *expected)
{
	char full[320], text[256] = "";
	FILE *file;

	snprintf(full, sizeof(full), "%s%s", f->root, path);
	file = fopen(full, "r");
	assert_non_null(file);
	if (!fgets(text, sizeof(text), file))
		text[0] = '\0';
	fclose(file);
	text[strcspn(text, "\n")] = '\0';
	assert_string_equal(text, expected);
}

#define FAKE_POOL "/sys/devices/system/node/node%d/hugepages/hugepages-2048kB/"

static inline void fake_make(struct fake_root *f)
{
	strcpy(f->top, "/tmp/overmap-test-XXXXXX");
	assert_non_null(mkdtemp(f->top));
	snprintf(f->root, sizeof(f->root), "%s/root", f->top);
	snprintf(f->directory, sizeof(f->directory), "%s/run", f->top);
	assert_int_equal(mkdir(f->root, 0755), 0);
	fake_file(f, "/proc/meminfo", "MemTotal: 1000 kB\nHugepagesize:       2048 kB\n");
	fake_file(f, "/proc/sys/vm/swappiness", "60\n");
	fake_file(f, "/proc/sys/vm/min_free_kbytes", "1000\n");
	fake_file(f, "/proc/sys/vm/overcommit_memory", "0\n");
	fake_file(f, "/proc/sys/vm/overcommit_ratio", "50\n");
	fake_file(f, "/proc/sys/vm/overcommit_kbytes", "0\n");
	fake_file(f, "/proc/sys/vm/lowmem_reserve_ratio", "256\t256\t32\t0\t0\n");
	fake_file(f, "/proc/sys/vm/drop_caches", "0\n");
	fake_file(f, "/proc/sys/vm/compact_memory", "0\n");
	fake_file(f, "/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
	fake_file(f, "/sys/kernel/mm/transparent_hugepage/khugepaged/defrag", "1\n");
	fake_file(f, "/sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled",
		  "always inherit madvise [never]\n");
	fake_file(f, "/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages",
		  "5\n");
	fake_file(f, "/sys/devices/system/node/node0/hugepages/hugepages-2048kB/surplus_hugepages",
		  "2\n");
	fake_file(f, "/sys/devices/system/node/node2/hugepages/hugepages-2048kB/nr_hugepages",
		  "0\n");
	fake_file(f, "/sys/module/zswap/parameters/enabled", "N\n");
	fake_file(f, "/sys/devices/system/cpu/cpufreq/policy0/scaling_governor", "powersave\n");
	fake_file(f, "/sys/devices/system/cpu/cpufreq/policy4/scaling_governor", "powersave\n");
	fake_file(f, "/sys/devices/system/cpu/intel_pstate/no_turbo", "0\n");
}

static inline void fake_remove(struct fake_root *f)
{
	fake_clear(f->top);
}

static inline int fake_setup(void **state)
{
	struct fake_root *f = calloc(1, sizeof(*f));

	fake_make(f);
	*state = f;
	return 0;
}

static inline int fake_teardown(void **state)
{
	fake_remove(*state);
	free(*state);
	return 0;
}

/* Programs that change the system take turns. Held until the process ends. */
static inline void take_turn(void)
{
	int fd = open("/run/lock/overmap-tests.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd >= 0)
		flock(fd, LOCK_EX);
}

#endif
