/* SPDX-License-Identifier: MIT */
/*
 * A machine as a folder: /proc and /sys files with whatever content a test needs. The one that
 * fake_machine() makes has two packages' worth of oddities: nodes 0 and 2 and a memory-only node 5,
 * four CPUs of which one is offline and three may be used, and both kinds of huge pages.
 */
#ifndef TESTS_SYS_FAKE_MACHINE_H
#define TESTS_SYS_FAKE_MACHINE_H

#include "tests/sys/fake_files.h"

struct fake_machine {
	char root[64];
};

static inline void fake_write(const struct fake_machine *m, const char *path, const char *content)
{
	fake_put(m->root, path, content);
}

static inline void fake_remove(const struct fake_machine *m, const char *path)
{
	char full[512];

	snprintf(full, sizeof(full), "%s%s", m->root, path);
	assert_int_equal(unlink(full), 0);
}

struct fake_text {
	const char *path, *content;
};

static const struct fake_text fake_texts[] = {
	{ "/proc/meminfo", "MemTotal:       16777216 kB\nMemFree:         8388608 kB\n"
			   "MemAvailable:   12582912 kB\nSwapTotal:       2097152 kB\n"
			   "SwapFree:        1048576 kB\nCommitLimit:    10485760 kB\n"
			   "Committed_AS:    3145728 kB\nHugepagesize:       2048 kB\n" },
	{ "/proc/sys/vm/overcommit_memory", "2\n" },
	{ "/proc/sys/vm/overcommit_ratio", "50\n" },
	{ "/proc/sys/vm/overcommit_kbytes", "0\n" },
	{ "/proc/sys/vm/admin_reserve_kbytes", "8192\n" },
	{ "/proc/sys/vm/user_reserve_kbytes", "131072\n" },
	{ "/proc/sys/vm/max_map_count", "65530\n" },
	{ "/proc/sys/vm/stat_refresh", "an action\n" },
	{ "/proc/sys/vm/lowmem_reserve_ratio", "256\t256\t32\n" },
	{ "/proc/sys/kernel/osrelease", "6.8.12-test\n" },
	{ "/proc/sys/kernel/arch", "x86_64\n" },
	{ "/proc/cmdline", "quiet ip=192.0.2.7:::::eth0 BOOTIF=01-02-03-04-05-06-07 "
			   "hugepages=4 root=UUID=1234 -- --password secret\n" },
	{ "/proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n"
			 "/dev/zram0 partition 1048576 0 100\n"
			 "/home/somebody/swap file 1048576 0 -2\n" },
	{ "/proc/cpuinfo", "processor\t: 0\nvendor_id\t: GenuineFake\nmodel\t\t: 17\n"
			   "model name\t: Fake CPU @ 1 GHz\nmicrocode\t: 0x1\n"
			   "flags\t\t: fpu tsc lm la57 hypervisor\n"
			   "address sizes\t: 52 bits physical, 57 bits virtual\n\n"
			   "processor\t: 1\nmodel name\t: Other CPU\n" },
	{ "/proc/self/status", "Name:\tx\nCapPrm:\t0000000000000000\nCapEff:\t0000000001204000\n"
			       "Cpus_allowed:\tb\nCpus_allowed_list:\t0-1,3\n" },
	{ "/proc/self/uid_map", "         0          0 4294967295\n" },
	{ "/proc/self/limits",
	  "Limit                     Soft Limit           Hard Limit   Units\n"
	  "Max data size             unlimited            unlimited    bytes\n"
	  "Max stack size            8388608              unlimited    bytes\n"
	  "Max locked memory         65536                65536        bytes\n"
	  "Max address space         1073741824           unlimited    bytes\n" },
	{ "/proc/self/cgroup", "0::/a/b\n" },
	{ "/sys/fs/cgroup/cgroup.controllers", "cpu memory pids\n" },
	{ "/sys/fs/cgroup/a/memory.max", "1073741824\n" },
	{ "/sys/fs/cgroup/a/b/memory.max", "max\n" },
	{ "/sys/fs/cgroup/a/b/memory.high", "max\n" },
	{ "/sys/devices/system/cpu/online", "0-1,3\n" },
	{ "/sys/devices/system/cpu/present", "0-3\n" },
	{ "/sys/devices/system/cpu/cpu0/topology/thread_siblings_list", "0-1\n" },
	{ "/sys/devices/system/cpu/cpu1/topology/thread_siblings_list", "0-1\n" },
	{ "/sys/devices/system/cpu/cpu3/topology/thread_siblings_list", "2-3\n" },
	{ "/sys/devices/system/cpu/cpu0/cache/index0/level", "1\n" },
	{ "/sys/devices/system/cpu/cpu0/cache/index0/type", "Data\n" },
	{ "/sys/devices/system/cpu/cpu0/cache/index0/size", "32K\n" },
	{ "/sys/devices/system/cpu/cpu0/cache/index1/level", "3\n" },
	{ "/sys/devices/system/cpu/cpu0/cache/index1/type", "Unified\n" },
	{ "/sys/devices/system/cpu/cpu0/cache/index1/size", "32M\n" },
	{ "/sys/devices/system/cpu/vulnerabilities/meltdown", "Mitigation: PTI\n" },
	{ "/sys/devices/system/node/online", "0,2,5\n" },
	{ "/sys/devices/system/node/node0/meminfo",
	  "Node 0 MemTotal:        8388608 kB\nNode 0 MemFree:         4194304 kB\n" },
	{ "/sys/devices/system/node/node0/cpulist", "0-1\n" },
	{ "/sys/devices/system/node/node0/distance", "10 21 31\n" },
	{ "/sys/devices/system/node/node2/meminfo",
	  "Node 2 MemTotal:        4194304 kB\nNode 2 MemFree:         2097152 kB\n" },
	{ "/sys/devices/system/node/node2/cpulist", "2-3\n" },
	{ "/sys/devices/system/node/node2/distance", "21 10 41\n" },
	{ "/sys/devices/system/node/node5/meminfo",
	  "Node 5 MemTotal:        4194304 kB\nNode 5 MemFree:         4194304 kB\n" },
	{ "/sys/devices/system/node/node5/cpulist", "\n" },
	{ "/sys/devices/system/node/node5/distance", "31 41 10\n" },
	{ "/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages", "6\n" },
	{ "/sys/devices/system/node/node0/hugepages/hugepages-2048kB/free_hugepages", "5\n" },
	{ "/sys/devices/system/node/node2/hugepages/hugepages-2048kB/nr_hugepages", "4\n" },
	{ "/sys/devices/system/node/node2/hugepages/hugepages-2048kB/free_hugepages", "4\n" },
	{ "/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages", "0\n" },
	{ "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "10\n" },
	{ "/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "9\n" },
	{ "/sys/kernel/mm/hugepages/hugepages-2048kB/resv_hugepages", "2\n" },
	{ "/sys/kernel/mm/hugepages/hugepages-2048kB/surplus_hugepages", "1\n" },
	{ "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_overcommit_hugepages", "7\n" },
	{ "/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n" },
	{ "/sys/kernel/mm/transparent_hugepage/shmem_enabled",
	  "always [within_size] advise never deny force\n" },
	{ "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "2097152\n" },
	{ "/sys/kernel/mm/transparent_hugepage/hugepages-2048kB/enabled",
	  "always [inherit] madvise never\n" },
	{ "/sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled",
	  "always inherit madvise [never]\n" },
	{ "/sys/kernel/mm/transparent_hugepage/hugepages-8kB/shmem_enabled", "[never]\n" },
};

/* Setup and teardown of a test. */
static inline int fake_machine(void **state)
{
	struct fake_machine *m = calloc(1, sizeof(*m));

	if (!m)
		return -1;
	strcpy(m->root, "/tmp/overmap-test-XXXXXX");
	if (!mkdtemp(m->root))
		return -1;
	for (size_t i = 0; i < sizeof(fake_texts) / sizeof(fake_texts[0]); i++)
		fake_write(m, fake_texts[i].path, fake_texts[i].content);
	*state = m;
	return 0;
}

static inline int fake_machine_end(void **state)
{
	struct fake_machine *m = *state;
	int r = fake_clear(m->root);

	free(m);
	return r;
}

#endif
