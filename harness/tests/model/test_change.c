// SPDX-License-Identifier: MIT
/* Rules that random sequences seldom reach, put to the running kernel one by one. */
#include "model/model.h"

#include "base/cleanup.h"
#include "base/file.h"

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define PLACE     (40ull << 40) /* far from everything else, and above the sanitizers' shadow */
#define MAPS_MOST 200000u       /* a larger vm.max_map_count would take too long to reach */

static struct host host;

static uint64_t page(void)
{
	return host.page_bytes;
}

static void *at(uint64_t pages)
{
	return (void *)(uintptr_t)(PLACE + pages * page());
}

/* Single pages with a gap behind each: no two merge. */
static bool map_page(uint64_t i)
{
	return mmap(at(2 * i), page(), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
		    -1, 0) != MAP_FAILED;
}

/* What each call says at this number of mappings; 0 where it agrees with the model. */
static int try_calls(const struct model *m, uint64_t free_page, uint64_t three)
{
	struct map_request request = { .length_bytes = page(),
				       .protection = PROT_READ,
				       .flags = MAP_PRIVATE | MAP_ANONYMOUS };
	struct model_mapping mapping = { .length_bytes = 3 * page(),
					 .protection = PROT_READ,
					 .traits = MAPPED_ANONYMOUS };
	struct remap_request remap = { .old_bytes = page(),
				       .new_bytes = page(),
				       .flags = MREMAP_MAYMOVE | MREMAP_FIXED,
				       .nr_splits = 1 };
	struct prediction p;
	int error;

	model_map(m, &request, &p);
	error = map_page(free_page) ? 0 : errno;
	if (error != p.error)
		return 1;
	if (!error)
		munmap(at(2 * free_page), page());
	model_protect(m, &mapping, page(), 2, PROT_NONE, &p);
	error = mprotect(at(three + 1), page(), PROT_NONE) ? errno : 0;
	if (error != p.error)
		return 2;
	/* Whole again; half of a split may have been done before it was refused. */
	mprotect(at(three), 3 * page(), PROT_READ);
	model_unmap(m, &mapping, page(), 2, false, &p);
	error = munmap(at(three + 1), page()) ? errno : 0;
	if (error != p.error)
		return 3;
	if (!error)
		mmap(at(three + 1), page(), PROT_READ,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	model_remap(m, &mapping, &remap, &p);
	error = mremap(at(three + 2), page(), page(), remap.flags, at(2 * free_page)) == MAP_FAILED
			? errno
			: 0;
	if (error != p.error)
		return 4;
	if (!error) { /* moving it back may be refused by now */
		munmap(at(2 * free_page), page());
		mmap(at(three + 2), page(), PROT_READ,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	}
	return 0;
}

/* A child fills itself up to the limit. Exit status: what disagreed, and how far from the limit. */
static void fill_child(void)
{
	struct process_memory process;
	uint64_t i = 0, three = 4 * host.max_map_count;
	struct model m;

	mmap(at(three), 3 * page(), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
	     -1, 0);
	if (process_memory_read(&process, PROCESS_MAPS, NULL) ||
	    process_memory_read(&process, PROCESS_MAPS, NULL))
		_exit(100);
	model_init(&m, &host, &process);
	while (m.process.nr_maps <= host.max_map_count) {
		if (m.process.nr_maps + 8 > host.max_map_count) {
			int bad = try_calls(&m, i, three);

			if (bad)
				_exit(bad * 20 + (int)(host.max_map_count + 8 - m.process.nr_maps));
		}
		if (!map_page(i++))
			_exit(101);
		m.process.nr_maps++;
	}
	_exit(try_calls(&m, i, three) ? 99 : 0);
}

static void map_count(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	if (host.max_map_count > MAPS_MOST || host.overcommit == OVERCOMMIT_NEVER) {
		print_message("SKIP: map_count: vm.max_map_count is %" PRIu64 "\n",
			      host.max_map_count);
		skip();
	}
	pid = fork();
	if (pid == 0)
		fill_child();
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status))
		fail_msg("call %d disagrees, %d mappings below the limit", WEXITSTATUS(status) / 20,
			 WEXITSTATUS(status) % 20 - 8);
}

/* Without allocating: that would be charged too. */
static uint64_t committed(void)
{
	char text[4096];
	const char *line;

	assert_true(file_read("/proc/meminfo", text, sizeof(text)) > 0);
	line = strstr(text, "Committed_AS:");
	assert_non_null(line);
	return strtoull(line + strlen("Committed_AS:"), NULL, 10) << 10;
}

/* One page is lost on each run where the kernel is as the model says: too little to matter. */
static void shrinking_move(void **state)
{
	const int flags = MREMAP_MAYMOVE | MREMAP_FIXED;
	struct model_mapping mapping = { .length_bytes = 2 * page(),
					 .protection = PROT_READ | PROT_WRITE,
					 .traits = MAPPED_ANONYMOUS | MAPPED_ACCOUNT };
	struct remap_request r = { .old_bytes = 2 * page(), .new_bytes = page(), .flags = flags };
	struct prediction p;
	struct model m;
	uint64_t before;
	int64_t change = 0;

	(void)state;
	model_init(&m, &host, NULL);
	m.process.holes[0] = (struct process_hole){ PLACE, 2 * PLACE };
	m.process.nr_holes = 1;
	model_remap(&m, &mapping, &r, &p);
	for (int i = 0; i < 50; i++) {
		void *a = mmap(at(0), 2 * page(), PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

		assert_true(a != MAP_FAILED);
		before = committed();
		assert_true(mremap(a, 2 * page(), page(), flags, at(16)) != MAP_FAILED);
		change = (int64_t)(committed() - before);
		munmap(at(16), page());
		if (change == p.committed_bytes)
			return;
	}
	if (change == -(int64_t)page())
		print_message("this kernel counts a shrinking move as it should\n");
	else
		print_message("SKIP: shrinking_move: Committed_AS is never still\n");
	skip();
}

/* A soft RLIMIT_DATA of 0 stands for the hard one. */
static void data_limit_zero(void **state)
{
	struct process_memory process;
	struct rlimit limit;
	pid_t pid;
	int status;

	(void)state;
	assert_int_equal(process_memory_read(&process, PROCESS_MAPS, NULL), 0);
	pid = fork();
	if (pid == 0) {
		struct map_request request = { .length_bytes = 64 * page(),
					       .protection = PROT_READ | PROT_WRITE,
					       .flags = MAP_PRIVATE | MAP_ANONYMOUS };
		struct host limited = host;
		struct prediction p;
		struct model m;
		void *a;

		limit = (struct rlimit){ 0, process.data_vm_bytes + 512 * page() };
		setrlimit(RLIMIT_DATA, &limit);
		limited.limit_data = 0;
		process.limit_data_hard = limit.rlim_max;
		model_init(&m, &limited, &process);
		model_map(&m, &request, &p);
		a = mmap(NULL, request.length_bytes, request.protection, request.flags, -1, 0);
		if (p.verdict != VERDICT_GRANTED || a == MAP_FAILED)
			_exit(1);
		request.length_bytes = 1024 * page();
		model_map(&m, &request, &p);
		a = mmap(NULL, request.length_bytes, request.protection, request.flags, -1, 0);
		_exit(p.rule == RULE_LIMIT_DATA && a == MAP_FAILED ? 0 : 2);
	}
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
}

/* Charged page by page, by the flags or by touching, and given back with the object. */
static void pages_go_with_their_object(void **state)
{
	struct map_request request = { .length_bytes = 64 * 4096,
				       .protection = PROT_READ | PROT_WRITE,
				       .flags = MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE };
	struct prediction map, touch, unmap;
	struct process_memory process;
	struct model m;

	(void)state;
	if (host.overcommit == OVERCOMMIT_NEVER || host.page_bytes != 4096) {
		print_message("SKIP: pages_go_with_their_object: another mode or page size\n");
		skip();
	}
	assert_int_equal(process_memory_read(&process, PROCESS_MAPS, NULL), 0);
	model_init(&m, &host, &process);
	model_map(&m, &request, &map);
	assert_int_equal(map.verdict, VERDICT_GRANTED);
	assert_int_equal(map.committed_bytes, 0);
	model_touch(&m, &map.mapping, 16 * 4096, true, &touch);
	assert_int_equal(touch.committed_bytes, 16 * 4096);
	model_unmap(&m, &touch.mapping, request.length_bytes, 0, true, &unmap);
	assert_int_equal(unmap.committed_bytes, -16 * 4096);
	request.flags |= MAP_POPULATE;
	model_map(&m, &request, &map);
	assert_int_equal(map.committed_bytes, 64 * 4096);
	model_touch(&m, &map.mapping, 16 * 4096, true, &touch);
	assert_int_equal(touch.committed_bytes, 0);
	model_unmap(&m, &touch.mapping, request.length_bytes, 0, true, &unmap);
	assert_int_equal(unmap.committed_bytes, -64 * 4096);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_go_with_their_object),
		cmocka_unit_test(map_count),
		cmocka_unit_test(shrinking_move),
		cmocka_unit_test(data_limit_zero),
	};

	if (host_read(&host, NULL))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
