/* SPDX-License-Identifier: MIT */
/* Mappings made on the real kernel, and whether what is told of them is so. */
#include "sys/mapping.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "sys/pagemap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define MIB        (1ull << 20)
#define READ_WRITE (PROT_READ | PROT_WRITE)

static struct host host;

static int read_host(void **state)
{
	(void)state;
	return host_read(&host, NULL);
}

static void make(const struct map_request *request, struct mapping *ret)
{
	struct error err = { "" };

	assert_int_equal(mapping_open(request, ret), 0);
	assert_int_equal(mapping_map(ret), 0);
	if (mapping_settle(ret, &host, &err))
		fail_msg("%s", err.text);
}

static void inspect(const struct mapping *m, struct mapping_effective *ret)
{
	struct error err = { "" };

	if (mapping_inspect(m, &host, ret, &err))
		fail_msg("%s", err.text);
	assert_true(ret->known);
}

static void end(struct mapping *m)
{
	assert_int_equal(mapping_unmap(m), 0);
	assert_true(m->address == MAP_FAILED);
	mapping_close(m);
	assert_int_equal(m->fd, -1);
	mapping_close(m); /* again: nothing to do */
}

static void every_backing_is_told(void **state)
{
	static const struct {
		int flags;
		enum backing backing;
		bool has_file;
	} vectors[] = {
		{ MAP_PRIVATE | MAP_ANONYMOUS, BACKING_ANONYMOUS, false },
		{ MAP_SHARED | MAP_ANONYMOUS, BACKING_ANONYMOUS, false },
		{ MAP_PRIVATE, BACKING_MEMFD, true },
		{ MAP_SHARED, BACKING_MEMFD, true },
		{ MAP_SHARED, BACKING_FILE, true },
		{ MAP_SHARED, BACKING_TMPFS, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		struct map_request request = { .length_bytes = 8 * MIB,
					       .protection = READ_WRITE,
					       .flags = vectors[i].flags,
					       .backing = vectors[i].backing };
		struct mapping_effective e;
		struct mapping m;

		make(&request, &m);
		assert_int_equal(m.fd >= 0, vectors[i].has_file);
		inspect(&m, &e);
		assert_int_equal(e.mapped_bytes, 8 * MIB);
		memset(m.address, 1, 3 * MIB);
		inspect(&m, &e);
		/* Alike neighbours may have merged with it, and a file may be read ahead. */
		assert_true(e.resident_bytes >= 2 * MIB && e.resident_bytes <= 8 * MIB);
		assert_true(e.page_table_bytes > 0);
		end(&m);
	}
}

static void unlinked_files_are_sparse(void **state)
{
	static const enum backing backings[] = { BACKING_FILE, BACKING_TMPFS, BACKING_MEMFD };

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(backings); i++) {
		struct map_request request = { .length_bytes = 1ull << 40,
					       .protection = READ_WRITE,
					       .flags = MAP_SHARED,
					       .backing = backings[i] };
		struct mapping m;
		struct stat st;

		assert_int_equal(mapping_open(&request, &m), 0);
		assert_int_equal(fstat(m.fd, &st), 0);
		assert_int_equal(st.st_size, 1ll << 40);
		assert_int_equal(st.st_nlink, 0);
		assert_true(st.st_blocks < 64);
		mapping_close(&m);
	}
}

static void reports_what_cannot_be_opened(void **state)
{
	struct map_request request = { .length_bytes = MIB,
				       .protection = READ_WRITE,
				       .flags = MAP_SHARED,
				       .backing = BACKING_FILE };
	char *saved = getenv("TMPDIR") ? strdup(getenv("TMPDIR")) : NULL;
	struct mapping m = MAPPING_NONE;

	(void)state;
	setenv("TMPDIR", "/nonexistent", 1);
	assert_int_equal(mapping_open(&request, &m), -ENOENT);
	assert_int_equal(m.fd, -1);
	if (saved)
		setenv("TMPDIR", saved, 1);
	else
		unsetenv("TMPDIR");
	free(saved);
	request.length_bytes = UINT64_MAX;
	request.backing = BACKING_MEMFD;
	assert_int_equal(mapping_open(&request, &m), -EFBIG);
	assert_int_equal(m.fd, -1);
}

static void the_kernel_answers(void **state)
{
	static const struct {
		uint64_t length;
		int flags, result;
	} vectors[] = {
		{ 0, MAP_PRIVATE | MAP_ANONYMOUS, -EINVAL },
		{ UINT64_MAX, MAP_PRIVATE | MAP_ANONYMOUS, -ENOMEM },
		{ 1ull << 60, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -ENOMEM },
		{ MIB, MAP_ANONYMOUS, -EINVAL },
		{ MIB, MAP_PRIVATE | MAP_ANONYMOUS, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		struct map_request request = { .length_bytes = vectors[i].length,
					       .protection = READ_WRITE,
					       .flags = vectors[i].flags };
		struct mapping_effective e;
		struct mapping m;
		struct error err;

		assert_int_equal(mapping_open(&request, &m), 0);
		assert_int_equal(mapping_map(&m), vectors[i].result);
		if (vectors[i].result)
			assert_int_equal(mapping_inspect(&m, &host, &e, &err), -EINVAL);
		else
			end(&m);
	}
}

/* 4 MiB touched at either end of 1 TiB. */
static void sees_a_sparse_terabyte(void **state)
{
	struct map_request request = { .length_bytes = 1ull << 40,
				       .protection = READ_WRITE,
				       .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
				       .thp = host.thp_available ? THP_NEVER : THP_AS_SET };
	struct mapping_effective e;
	uint64_t on_nodes = 0;
	struct mapping m;

	(void)state;
	make(&request, &m);
	memset(m.address, 1, 4 * MIB);
	memset((char *)m.address + request.length_bytes - 4 * MIB, 1, 4 * MIB);
	inspect(&m, &e);
	assert_int_equal(e.mapped_bytes, request.length_bytes);
	assert_int_equal(e.resident_bytes, 8 * MIB);
	assert_int_equal(e.huge_bytes, 0);
	assert_int_equal(e.swap_bytes, 0);
	for (unsigned int i = 0; i < host.nr_nodes; i++)
		on_nodes += e.node_bytes[i];
	if (host.numa_available) {
		assert_true(e.nr_sampled > 0);
		assert_true(on_nodes + HOST_NODES_MAX >= e.resident_bytes);
	}
	end(&m);
}

static void sees_huge_pages(void **state)
{
	struct map_request request = { .length_bytes = 64 * MIB,
				       .protection = READ_WRITE,
				       .flags = MAP_PRIVATE | MAP_ANONYMOUS,
				       .thp = THP_ALWAYS };
	struct mapping_effective e;
	struct mapping m;

	(void)state;
	if (!host.thp_available || strcmp(host.thp_enabled, "never") == 0) {
		print_message("SKIP: sees_huge_pages: transparent huge pages are off here\n");
		skip();
	}
	make(&request, &m);
	memset(m.address, 1, 64 * MIB);
	inspect(&m, &e);
	assert_true(e.huge_bytes > 0);
	assert_int_equal(e.huge_bytes % host.thp_pmd_bytes, 0);
	assert_true(e.huge_bytes <= e.resident_bytes);
	end(&m);
	request.thp = THP_NEVER;
	make(&request, &m);
	memset(m.address, 1, 64 * MIB);
	inspect(&m, &e);
	assert_int_equal(e.huge_bytes, 0);
	assert_int_equal(e.resident_bytes, 64 * MIB);
	end(&m);
}

static void sees_locked_pages(void **state)
{
	struct map_request request = { .length_bytes = MIB,
				       .protection = READ_WRITE,
				       .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED };
	struct mapping_effective e;
	struct mapping m;

	(void)state;
	if (!host.cap_ipc_lock && host.limit_memlock < MIB) {
		print_message("SKIP: sees_locked_pages: RLIMIT_MEMLOCK is below 1 MiB\n");
		skip();
	}
	make(&request, &m);
	inspect(&m, &e);
	assert_int_equal(e.locked_bytes, MIB);
	assert_int_equal(e.resident_bytes, MIB);
	end(&m);
}

/* Pool pages are in no Rss line, and mmap() rounds up what munmap() then wants whole. */
static void sees_pool_pages(void **state)
{
	struct map_request request = { .length_bytes = 3 * MIB,
				       .protection = READ_WRITE,
				       .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB,
				       .backing = BACKING_HUGETLB,
				       .huge_page_bytes = host.hugetlb_default_bytes };
	const struct host_pool *pool = host_pool(&host, host.hugetlb_default_bytes);
	struct mapping_effective e;
	struct mapping m;

	(void)state;
	if (!pool || pool->page_bytes != 2 * MIB || pool->free < pool->reserved + 2) {
		print_message("SKIP: sees_pool_pages: there are no 2 free pages of 2 MiB\n");
		skip();
	}
	make(&request, &m);
	assert_int_equal(m.length_bytes, 4 * MIB);
	memset(m.address, 1, 3 * MIB);
	inspect(&m, &e);
	assert_int_equal(e.resident_bytes, 4 * MIB);
	assert_int_equal(e.huge_bytes, 4 * MIB);
	end(&m);
}

/* The kernel's own sum of all areas, but for what this process faults in between. */
static void sums_up_the_process(void **state)
{
	struct map_request request = { .length_bytes = 4 * MIB,
				       .protection = READ_WRITE,
				       .flags = MAP_PRIVATE | MAP_ANONYMOUS };
	struct mapping_effective e;
	struct mapping m;
	char text[4096];
	uint64_t rollup;

	(void)state;
	if (file_read("/proc/self/smaps_rollup", text, sizeof(text)) < 0) {
		print_message("SKIP: sums_up_the_process: no smaps_rollup here\n");
		skip();
	}
	make(&request, &m);
	memset(m.address, 1, 4 * MIB);
	inspect(&m, &e);
	assert_true(file_read("/proc/self/smaps_rollup", text, sizeof(text)) > 0);
	rollup = strtoull(strstr(text, "\nRss:") + 5, NULL, 10) * 1024;
	assert_in_range(e.process_resident_bytes, rollup - MIB, rollup + MIB / 16);
	assert_true(e.process_resident_bytes >= 4 * MIB);
	assert_in_range(e.process_proportional_bytes, 4 * MIB, e.process_resident_bytes);
	end(&m);
}

/* In an area that merged with its neighbour each is told apart. */
static void shares_a_merged_area(void **state)
{
	static const struct {
		uint64_t beside, in_it; /* bytes written */
		int advice;
	} vectors[] = {
		{ 4 * MIB, 4 * MIB, MADV_NOHUGEPAGE }, { 4 * MIB, MIB, MADV_NOHUGEPAGE },
		{ 0, 3 * MIB, MADV_NOHUGEPAGE },       { MIB, 0, MADV_NOHUGEPAGE },
		{ 0, 4 * MIB, MADV_HUGEPAGE },         { 4 * MIB, 0, MADV_HUGEPAGE },
	};
	struct map_request request = { .length_bytes = 4 * MIB,
				       .protection = READ_WRITE,
				       .flags = MAP_PRIVATE | MAP_ANONYMOUS };
	bool huge = host.thp_available && strcmp(host.thp_enabled, "never") != 0;
	char *room = mmap(NULL, 12 * MIB, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *both = room + 4 * MIB - (uintptr_t)room % (4 * MIB);
	struct pagemap_census census;

	(void)state;
	assert_true(room != MAP_FAILED);
	if (pagemap_scan(both, MIB, &census) == -ENOTTY) {
		print_message("SKIP: shares_a_merged_area: by length alone before Linux 6.7\n");
		skip();
	}
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		struct mapping_effective e;
		struct mapping m = { .address = both + 4 * MIB,
				     .length_bytes = 4 * MIB,
				     .fd = -1,
				     .request = &request };

		assert_true(mmap(both, 8 * MIB, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
				 -1, 0) == both);
		madvise(both, 8 * MIB, vectors[i].advice);
		memset(both, 1, vectors[i].beside);
		memset(m.address, 1, vectors[i].in_it);
		(void)*(volatile char *)(both + 8 * MIB - 1); /* read alone: the zero page */
		inspect(&m, &e);
		assert_int_equal(e.mapped_bytes, 4 * MIB);
		assert_int_equal(e.resident_bytes, vectors[i].in_it);
		assert_int_equal(e.huge_bytes > 0,
				 huge && vectors[i].advice == MADV_HUGEPAGE && vectors[i].in_it);
	}
	munmap(room, 12 * MIB);
}

/* With as many areas as a process may have there is still an answer. */
static void works_at_the_limit_of_areas(void **state)
{
	struct map_request request = { .length_bytes = MIB,
				       .protection = READ_WRITE,
				       .flags = MAP_PRIVATE | MAP_ANONYMOUS };
	uint64_t length = (host.max_map_count + 16) * host.page_bytes;
	struct mapping_effective e;
	struct mapping m;
	char *many;

	(void)state;
	if (host.max_map_count > 300000) {
		print_message("SKIP: works_at_the_limit_of_areas: vm.max_map_count is %llu\n",
			      (unsigned long long)host.max_map_count);
		skip();
	}
	make(&request, &m);
	memset(m.address, 1, MIB);
	many = mmap(NULL, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	assert_true(many != MAP_FAILED);
	for (uint64_t at = 0; at < length; at += 2 * host.page_bytes)
		if (mprotect(many + at, host.page_bytes, PROT_READ))
			break;
	inspect(&m, &e);
	munmap(many, length);
	assert_int_equal(e.mapped_bytes, MIB);
	assert_true(e.resident_bytes > 0);
	end(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_backing_is_told),
		cmocka_unit_test(unlinked_files_are_sparse),
		cmocka_unit_test(reports_what_cannot_be_opened),
		cmocka_unit_test(the_kernel_answers),
		cmocka_unit_test(sees_a_sparse_terabyte),
		cmocka_unit_test(sees_huge_pages),
		cmocka_unit_test(sees_locked_pages),
		cmocka_unit_test(sees_pool_pages),
		cmocka_unit_test(sums_up_the_process),
		cmocka_unit_test(shares_a_merged_area),
		cmocka_unit_test(works_at_the_limit_of_areas),
	};

	return cmocka_run_group_tests(tests, read_host, NULL);
}
