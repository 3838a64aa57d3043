/* SPDX-License-Identifier: MIT */
/* The machine in numbers: from files made up for it, from hardly any, and from this machine. */
#include "sys/host.h"

#include "fake_machine.h"

#include <elf.h>
#include <sys/sysinfo.h>

#define GIB (1ull << 30)

static void reads_memory(void **state)
{
	const struct fake_machine *m = *state;
	struct host h;
	struct error err;

	assert_int_equal(host_read_at(m->root, &h, &err), 0);
	assert_int_equal(h.ram_bytes, 16 * GIB);
	assert_int_equal(h.free_bytes, 8 * GIB);
	assert_int_equal(h.available_bytes, 12 * GIB);
	assert_int_equal(h.swap_bytes, 2 * GIB);
	assert_int_equal(h.swap_free_bytes, GIB);
	assert_int_equal(h.commit_limit_bytes, 10 * GIB);
	assert_int_equal(h.committed_bytes, 3 * GIB);
	assert_int_equal(h.overcommit, OVERCOMMIT_NEVER);
	assert_int_equal(h.overcommit_ratio, 50);
	assert_int_equal(h.overcommit_kbytes, 0);
	assert_int_equal(h.admin_reserve_kbytes, 8192);
	assert_int_equal(h.user_reserve_kbytes, 131072);
	assert_int_equal(h.max_map_count, 65530);
	assert_int_equal(h.hugetlb_default_bytes, 2 << 20);
}

static void reads_cpus(void **state)
{
	const struct fake_machine *m = *state;
	struct host h;
	struct error err;

	assert_int_equal(host_read_at(m->root, &h, &err), 0);
	assert_int_equal(h.nr_cpus, 3);
	assert_int_equal(h.nr_cpus_present, 4);
	assert_int_equal(h.nr_cpus_allowed, 3);
	assert_int_equal(h.nr_cores, 2); /* CPU 3's sibling is offline */
	assert_int_equal(h.llc_bytes, 32 << 20);
}

static void reads_the_process(void **state)
{
	const struct fake_machine *m = *state;
	struct host h;
	struct error err;

	assert_int_equal(host_read_at(m->root, &h, &err), 0);
	assert_true(h.cap_sys_admin && h.cap_sys_resource);
	assert_true(h.cap_ipc_lock); /* 0x1204000 is bits 14, 21 and 24 */
	assert_false(h.cap_sys_nice);
	assert_int_equal(h.limit_as, GIB);
	assert_true(h.limit_data == HOST_UNLIMITED);
	assert_int_equal(h.limit_memlock, 65536);
	assert_int_equal(h.limit_stack, 8 << 20);
	/* In a user namespace of its own the same bits are worth nothing. */
	fake_write(m, "/proc/self/uid_map", "         0       1000          1\n");
	assert_int_equal(host_read_at(m->root, &h, &err), 0);
	assert_false(h.cap_sys_admin || h.cap_sys_resource || h.cap_ipc_lock);
}

static void reads_nodes(void **state)
{
	const struct fake_machine *m = *state;
	struct host h;
	struct error err;

	assert_int_equal(host_read_at(m->root, &h, &err), 0);
	assert_true(h.numa_available);
	assert_int_equal(h.nr_nodes, 3);
	assert_int_equal(h.nodes[1].number, 2);
	assert_int_equal(h.nodes[1].memory_bytes, 4 * GIB);
	assert_int_equal(h.nodes[1].free_bytes, 2 * GIB);
	assert_int_equal(h.nodes[1].nr_cpus, 2);
	assert_int_equal(h.nodes[1].distance[0], 21);
	assert_int_equal(h.nodes[1].distance[1], 10);
	assert_int_equal(h.nodes[1].distance[2], 41);
	assert_int_equal(h.nodes[2].number, 5);
	assert_int_equal(h.nodes[2].nr_cpus, 0);
	assert_int_equal(host_node_index(&h, 5), 2);
	assert_int_equal(host_node_index(&h, 1), -ENOENT);
}

static void reads_huge_pages(void **state)
{
	const struct fake_machine *m = *state;
	struct host h;
	struct error err;

	assert_int_equal(host_read_at(m->root, &h, &err), 0);
	assert_int_equal(h.nr_pools, 2);
	assert_int_equal(h.pools[0].page_bytes, 2 << 20);
	assert_int_equal(h.pools[1].page_bytes, GIB);
	assert_int_equal(h.pools[0].total, 10);
	assert_int_equal(h.pools[0].free, 9);
	assert_int_equal(h.pools[0].reserved, 2);
	assert_int_equal(h.pools[0].surplus, 1);
	assert_int_equal(h.pools[0].overcommit, 7);
	assert_int_equal(h.pools[0].node_total[0], 6);
	assert_int_equal(h.pools[0].node_total[1], 4);
	assert_int_equal(h.pools[0].node_free[0], 5);
	assert_ptr_equal(host_pool(&h, GIB), &h.pools[1]);
	assert_null(host_pool(&h, 16 << 20));
	assert_true(h.thp_available);
	assert_string_equal(h.thp_enabled, "madvise");
	assert_string_equal(h.thp_shmem_enabled, "within_size");
	assert_int_equal(h.thp_pmd_bytes, 2 << 20);
	assert_int_equal(h.nr_thp_sizes, 2); /* 8 KiB has no `enabled` */
	assert_int_equal(h.thp_sizes[0], 64 << 10);
	assert_int_equal(h.thp_sizes[1], 2 << 20);
}

static void reads_the_kernel(void **state)
{
	static const struct {
		const char *release;
		unsigned int version;
	} vectors[] = {
		{ "6.8.12-test\n", 0x06080c }, { "6.18.44\n", 0x06122c },
		{ "7.0.0-rc1\n", 0x070000 },   { "5.10.257\n", 0x050aff },
		{ "6.1\n", 0x060100 },
	};
	const struct fake_machine *m = *state;
	struct host h;
	struct error err;

	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		fake_write(m, "/proc/sys/kernel/osrelease", vectors[i].release);
		assert_int_equal(host_read_at(m->root, &h, &err), 0);
		assert_int_equal(h.kernel_version, vectors[i].version);
	}
	assert_string_equal(h.kernel_release, "6.1");
	assert_true(host_kernel_is(&h, 6, 1));
	assert_true(host_kernel_is(&h, 5, 19));
	assert_false(host_kernel_is(&h, 6, 2));
}

static void knows_the_address_space(void **state)
{
	static const struct {
		const char *cpuinfo, *maps;
		unsigned int bits;
	} vectors[] = {
		{ "flags\t: x\n\nflags\t\t: fpu la57 lm\naddress sizes\t: 52 bits physical, 57 "
		  "bits "
		  "virtual\n",
		  "", 56 },
		{ "x\nflags\t\t: fpu lm\naddress sizes\t: 52 bits physical, 57 bits virtual\n", "",
		  47 },
		{ "x\nflags\t\t: fpu\naddress sizes\t: 46 bits physical, 48 bits virtual\n", "",
		  47 },
		{ "x\nCPU part\t: 0xd40\n", "ffffd0000000-ffffd0021000 rw-p 0 00:00 0 [stack]\n",
		  48 },
		{ "x\nCPU part\t: 0xd40\n", "7fd0000000-7fd0021000 rw-p 0 00:00 0 [stack]\n", 39 },
		{ "", "", 0 },
	};
	const struct fake_machine *m = *state;
	struct host h;
	struct error err;

	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		fake_write(m, "/proc/cpuinfo", vectors[i].cpuinfo);
		fake_write(m, "/proc/self/maps", vectors[i].maps);
		assert_int_equal(host_read_at(m->root, &h, &err), 0);
		assert_int_equal(h.address_bits, vectors[i].bits);
	}
}

/* aarch64 with 64 KiB pages says so in the auxiliary vector. */
static void knows_the_page_size(void **state)
{
	const Elf64_auxv_t vector[] = { { AT_HWCAP, { 1 } },
					{ AT_PAGESZ, { 65536 } },
					{ AT_NULL, { 0 } } };
	const struct fake_machine *m = *state;
	struct error err;
	struct host h;
	char path[128];
	FILE *file;

	assert_int_equal(host_read_at(m->root, &h, &err), 0);
	assert_int_equal(h.page_bytes, sysconf(_SC_PAGESIZE));
	snprintf(path, sizeof(path), "%s/proc/self/auxv", m->root);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(vector, sizeof(vector), 1, file), 1);
	fclose(file);
	assert_int_equal(host_read_at(m->root, &h, &err), 0);
	assert_int_equal(h.page_bytes, 65536);
}

/* A container's /proc, a kernel without NUMA, pools and THP: what is missing is 0. */
static void lives_with_little(void **state)
{
	struct fake_machine m = { "/tmp/overmap-test-XXXXXX" };
	struct host h;
	struct error err;

	(void)state;
	assert_non_null(mkdtemp(m.root));
	assert_int_equal(host_read_at(m.root, &h, &err), -ENOENT);
	assert_non_null(strstr(err.text, "/proc/meminfo"));
	fake_write(&m, "/proc/meminfo", "MemTotal: 1048576 kB\nMemFree: 524288 kB\n");
	assert_int_equal(host_read_at(m.root, &h, &err), 0);
	assert_int_equal(h.ram_bytes, GIB);
	assert_int_equal(h.swap_bytes, 0);
	assert_false(h.numa_available);
	assert_int_equal(h.nr_nodes, 1);
	assert_int_equal(h.nodes[0].memory_bytes, GIB);
	assert_int_equal(h.nodes[0].free_bytes, GIB / 2);
	assert_int_equal(h.nodes[0].nr_cpus, 1);
	assert_int_equal(h.nr_cores, 1);
	assert_int_equal(h.nr_pools, 0);
	assert_int_equal(h.hugetlb_default_bytes, 0);
	assert_false(h.thp_available);
	assert_int_equal(h.address_bits, 0);
	assert_true(h.limit_as == HOST_UNLIMITED);
	assert_false(h.cap_sys_admin);
	assert_int_equal(fake_clear(m.root), 0);
}

static void reads_again_what_changes(void **state)
{
	const struct fake_machine *m = *state;
	struct host h;
	struct error err;

	assert_int_equal(host_read_at(m->root, &h, &err), 0);
	fake_write(m, "/proc/meminfo", "MemTotal: 16777216 kB\nMemAvailable: 1024 kB\n");
	fake_write(m, "/proc/sys/vm/overcommit_memory", "1\n");
	fake_write(m, "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "99\n");
	fake_write(m, "/sys/devices/system/node/node2/hugepages/hugepages-2048kB/nr_hugepages",
		   "93\n");
	fake_write(m, "/sys/devices/system/node/node2/meminfo",
		   "Node 2 MemTotal: 4194304 kB\nNode 2 MemFree: 1024 kB\n");
	assert_int_equal(host_refresh_at(m->root, &h, &err), 0);
	assert_int_equal(h.available_bytes, 1 << 20);
	assert_int_equal(h.overcommit, OVERCOMMIT_ALWAYS);
	assert_int_equal(h.pools[0].total, 99);
	assert_int_equal(h.pools[0].node_total[1], 93);
	assert_int_equal(h.pools[0].start_total, 10); /* as it was found */
	assert_int_equal(h.pools[0].start_node_total[1], 4);
	assert_int_equal(h.nodes[1].free_bytes, 1 << 20);
	assert_int_equal(h.nodes[0].free_bytes, 4 * GIB);
	/* A kernel that counts no huge pages, and before that had some. */
	fake_write(m, "/proc/meminfo", "MemTotal: 16777216 kB\nHugetlb: 0 kB\n");
	fake_write(m, "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "0\n");
	fake_write(m, "/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_overcommit_hugepages",
		   "3\n");
	assert_int_equal(host_refresh_at(m->root, &h, &err), 0);
	assert_int_equal(h.pools[0].total, 0);
	assert_int_equal(h.pools[1].overcommit, 3);
	fake_write(m, "/proc/meminfo", "MemTotal: 16777216 kB\nHugetlb: 1048576 kB\n");
	fake_write(m, "/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages", "1\n");
	assert_int_equal(host_refresh_at(m->root, &h, &err), 0);
	assert_int_equal(h.pools[1].total, 1);
	fake_remove(m, "/proc/meminfo");
	assert_int_equal(host_refresh_at(m->root, &h, &err), -ENOENT);
}

/* Some guests add memory at run time that their only node's own file does not count. */
static void an_only_node_has_everything(void **state)
{
	const struct fake_machine *m = *state;
	struct size_bases bases;
	struct host h;
	struct error err;

	fake_write(m, "/sys/devices/system/node/online", "0\n");
	assert_int_equal(host_read_at(m->root, &h, &err), 0);
	assert_int_equal(h.nr_nodes, 1);
	assert_int_equal(h.nodes[0].memory_bytes, 16 * GIB);
	host_size_bases(&h, &bases);
	assert_int_equal(bases.bytes[SIZE_NODE], 16 * GIB);
}

static void gives_bases_of_sizes(void **state)
{
	const struct fake_machine *m = *state;
	struct size_bases bases;
	struct host h;
	struct error err;

	assert_int_equal(host_read_at(m->root, &h, &err), 0);
	host_size_bases(&h, &bases);
	assert_int_equal(bases.bytes[SIZE_RAM], 16 * GIB);
	assert_int_equal(bases.bytes[SIZE_SWAP], 2 * GIB);
	assert_int_equal(bases.bytes[SIZE_RAM_SWAP], 18 * GIB);
	assert_int_equal(bases.bytes[SIZE_AVAILABLE], 12 * GIB);
	assert_int_equal(bases.bytes[SIZE_COMMIT_LIMIT], 10 * GIB);
	assert_int_equal(bases.bytes[SIZE_NODE], 4 * GIB);
	assert_int_equal(bases.bytes[SIZE_LLC], 32 << 20);
	assert_int_equal(bases.bytes[SIZE_MAPPING], 0);
	assert_int_equal(bases.page_bytes, h.page_bytes);
}

/* Where a control group leaves less than the machine has, that is what there is. */
static void heeds_the_control_group(void **state)
{
	const struct fake_machine *m = *state;
	struct size_bases bases;
	struct host h;
	struct error err;

	assert_int_equal(host_usable_now_at(m->root), 12 * GIB);
	fake_write(m, "/proc/self/cgroup", "0::/a\n");
	fake_write(m, "/sys/fs/cgroup/a/memory.max", "1073741824\n");
	fake_write(m, "/sys/fs/cgroup/a/memory.current", "805306368\n");
	fake_write(m, "/sys/fs/cgroup/a/memory.stat", "anon 536870912\ninactive_file 268435456\n");
	assert_int_equal(host_usable_now_at(m->root), GIB / 2);
	assert_int_equal(host_read_at(m->root, &h, &err), 0);
	assert_int_equal(h.available_bytes, 12 * GIB);
	host_size_bases(&h, &bases);
	assert_int_equal(bases.bytes[SIZE_AVAILABLE], GIB / 2);
	fake_write(m, "/sys/fs/cgroup/a/memory.max", "max\n");
	assert_int_equal(host_usable_now_at(m->root), 12 * GIB);
	assert_int_equal(host_usable_now_at("/nowhere"), 0);
}

/* Against what the C library asks the kernel for in other ways. */
static void agrees_with_this_machine(void **state)
{
	struct sysinfo info;
	struct host h;
	struct error err;

	(void)state;
	assert_int_equal(host_read(&h, &err), 0);
	assert_int_equal(sysinfo(&info), 0);
	assert_int_equal(h.ram_bytes, (uint64_t)info.totalram * info.mem_unit);
	assert_int_equal(h.swap_bytes, (uint64_t)info.totalswap * info.mem_unit);
	assert_int_equal(h.nr_cpus, sysconf(_SC_NPROCESSORS_ONLN));
	assert_int_equal(h.page_bytes, sysconf(_SC_PAGESIZE));
	assert_true(h.nr_cores >= 1 && h.nr_cores <= h.nr_cpus_allowed);
	assert_true(h.nr_nodes >= 1);
	assert_true(h.address_bits >= 39 && h.address_bits <= 57);
	assert_true(h.kernel_version >= 4 << 16);
	assert_int_equal(host_refresh(&h, &err), 0);
	assert_true(host_usable_now() > 0 && host_usable_now() <= h.ram_bytes);
}

#define WITH_MACHINE(test) cmocka_unit_test_setup_teardown(test, fake_machine, fake_machine_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_MACHINE(reads_memory),
		WITH_MACHINE(reads_cpus),
		WITH_MACHINE(reads_the_process),
		WITH_MACHINE(reads_nodes),
		WITH_MACHINE(reads_huge_pages),
		WITH_MACHINE(reads_the_kernel),
		WITH_MACHINE(knows_the_address_space),
		WITH_MACHINE(knows_the_page_size),
		cmocka_unit_test(lives_with_little),
		WITH_MACHINE(reads_again_what_changes),
		WITH_MACHINE(an_only_node_has_everything),
		WITH_MACHINE(gives_bases_of_sizes),
		WITH_MACHINE(heeds_the_control_group),
		cmocka_unit_test(agrees_with_this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
