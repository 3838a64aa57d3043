/* SPDX-License-Identifier: MIT */
/* Policies as the kernel reads them back, farthest nodes, and where pages are. */
#include "sys/numa.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <numaif.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH (64u << 20)

static struct host host;

static int read_host(void **state)
{
	(void)state;
	return host_read(&host, NULL);
}

static bool no_numa(const char *test)
{
	if (host.numa_available)
		return false;
	print_message("SKIP: %s: this kernel is built without NUMA\n", test);
	return true;
}

static void *map(uint64_t length)
{
	void *address = mmap(NULL, length, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	assert_true(address != MAP_FAILED);
	return address;
}

/* Before 5.14 the kernel kept MPOL_LOCAL as a kind of MPOL_PREFERRED, and says so. */
static int told_mode(int mode)
{
	return mode == MPOL_LOCAL && !host_kernel_is(&host, 5, 14) ? MPOL_PREFERRED : mode;
}

static void applies(void **state)
{
	static const struct {
		enum numa_mode mode;
		bool given;
		uint64_t nodes;
		int expected; /* as get_mempolicy() tells */
		unsigned int major, minor;
	} vectors[] = {
		{ NUMA_DEFAULT, false, 0, MPOL_DEFAULT, 0, 0 },
		{ NUMA_LOCAL, false, 0, MPOL_LOCAL, 0, 0 },
		{ NUMA_BIND, true, 1, MPOL_BIND, 0, 0 },
		{ NUMA_BIND, false, 0, MPOL_BIND, 0, 0 },
		{ NUMA_PREFERRED, true, 1, MPOL_PREFERRED, 0, 0 },
		{ NUMA_PREFERRED_MANY, true, 1, 5, 5, 15 },
		{ NUMA_INTERLEAVE, false, 0, MPOL_INTERLEAVE, 0, 0 },
		{ NUMA_WEIGHTED_INTERLEAVE, false, 0, 6, 6, 9 },
	};

	(void)state;
	if (no_numa(__func__))
		skip();
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct numa_policy policy = { .mode = vectors[i].mode,
					      .nodes_given = vectors[i].given,
					      .nodes = vectors[i].nodes };
		unsigned long mask[16] = { 0 };
		struct error err = { "" };
		void *address = map(LENGTH);
		int mode = -1;

		if (!host_kernel_is(&host, vectors[i].major, vectors[i].minor)) {
			munmap(address, LENGTH);
			continue;
		}
		if (numa_apply(&policy, &host, address, LENGTH, i % 2, &err))
			fail_msg("%s", err.text);
		assert_int_equal(get_mempolicy(&mode, mask, sizeof(mask) * 8, address, MPOL_F_ADDR),
				 0);
		assert_int_equal(mode, told_mode(vectors[i].expected));
		if (vectors[i].given)
			assert_int_equal(mask[0], 1ul << host.nodes[0].number);
		munmap(address, LENGTH);
	}
}

static void says_what_the_kernel_refuses(void **state)
{
	struct numa_policy policy = { .mode = NUMA_BIND };
	struct host none = host;
	struct error err;
	void *address = map(LENGTH);

	(void)state;
	if (no_numa(__func__))
		skip();
	for (unsigned int i = 0; i < none.nr_nodes; i++)
		none.nodes[i].memory_bytes = 0; /* an empty mask */
	assert_int_equal(numa_apply(&policy, &none, address, LENGTH, false, &err), -EINVAL);
	assert_non_null(strstr(err.text, "mbind(MPOL_BIND)"));
	policy.mode = NUMA_REMOTE;
	assert_int_equal(numa_apply(&policy, &none, address, LENGTH, false, &err), -ENODEV);
	munmap(address, LENGTH);
}

static void finds_the_farthest(void **state)
{
	struct host h = { .nr_nodes = 4,
			  .nodes = { { .memory_bytes = 1, .distance = { 10, 21, 31, 40 } },
				     { .memory_bytes = 1, .distance = { 21, 10, 21, 40 } },
				     { .memory_bytes = 1, .distance = { 31, 21, 10, 40 } },
				     { .memory_bytes = 0, .distance = { 40, 40, 40, 10 } } } };

	(void)state;
	assert_int_equal(numa_farthest(&h, 0), 2); /* node 3 is farther and has no memory */
	assert_int_equal(numa_farthest(&h, 2), 0);
	assert_int_equal(numa_farthest(&h, 1), 0); /* the first of equals */
	assert_int_equal(numa_farthest(&h, 3), 0);
	h.nodes[0].memory_bytes = h.nodes[1].memory_bytes = 0;
	assert_int_equal(numa_farthest(&h, 2), -ENOENT);
}

static void samples(void **state)
{
	unsigned int nodes[HOST_NODES_MAX], sum = 0;
	char *address = map(LENGTH);
	int n;

	(void)state;
	if (no_numa(__func__))
		skip();
	assert_int_equal(numa_sample(&host, address, LENGTH, 0, nodes), 0); /* untouched */
	madvise(address, LENGTH, MADV_NOHUGEPAGE);
	memset(address, 1, LENGTH);
	n = numa_sample(&host, address, LENGTH, LENGTH, nodes);
	assert_int_equal(n, host.nr_nodes > 1 ? LENGTH / host.page_bytes : NUMA_SAMPLES_MAX);
	for (unsigned int i = 0; i < host.nr_nodes; i++)
		sum += nodes[i];
	assert_int_equal(sum, n);
	n = numa_sample(&host, address, 3 * host.page_bytes, LENGTH, nodes);
	assert_int_equal(n, 3); /* fewer pages than samples */
	munmap(address, LENGTH);
}

/* 1 TiB of which only the first MiB was ever touched: the sample draws in on it. */
static void samples_a_sparse_range(void **state)
{
	const uint64_t length = 1ull << 40, touched = 1u << 20;
	unsigned int nodes[HOST_NODES_MAX];
	char *address = map(length);
	int n;

	(void)state;
	if (no_numa(__func__))
		skip();
	madvise(address, length, MADV_NOHUGEPAGE);
	memset(address, 1, touched);
	n = numa_sample(&host, address, length, touched, nodes);
	assert_true(n >= 16);
	munmap(address, length);
}

static void here_is_a_node(void **state)
{
	(void)state;
	assert_true(numa_here(&host) < host.nr_nodes);
}

/* How much that is, others on the machine decide; that it is something, and no more than all. */
static void tells_what_is_used(void **state)
{
	uint64_t used[HOST_NODES_MAX];

	(void)state;
	if (!numa_used(&host, used)) {
		print_message("SKIP: tells_what_is_used: no meminfo of nodes here\n");
		skip();
	}
	for (unsigned int i = 0; i < host.nr_nodes; i++)
		assert_true(used[i] <= host.nodes[i].memory_bytes);
	assert_true(used[numa_here(&host)] > 0);
}

/* The kernel gives up and leaves the rest untried: those have not arrived, and are no less asked
 * for. */
static void untried_pages_have_not_arrived(void **state)
{
	uint64_t asked = 1, arrived = 1, page = host.page_bytes;
	struct numa_move *m;
	char *memory;

	(void)state;
	if (no_numa(__func__))
		return;
	memory = map(10 * page);
	for (int i = 0; i < 7; i++)
		memory[i * page] = 1;
	m = numa_move_begin(&host, memory, 10 * page - 1, 63); /* a node of no page here */
	assert_non_null(m);
	assert_int_equal(numa_move_count(m, &asked, &arrived), 0);
	assert_int_equal(asked, 7);
	assert_int_equal(arrived, 0);
	free(m);
	munmap(memory, 10 * page);
}

/* Who was there already is not asked to move. */
static void pages_at_home_stay(void **state)
{
	uint64_t asked = 1, arrived = 1, page = host.page_bytes;
	struct numa_move *m;
	char *memory;

	(void)state;
	if (no_numa(__func__) || host.nr_nodes > 1)
		return;
	memory = map(10 * page);
	memory[0] = 1;
	m = numa_move_begin(&host, memory, 10 * page, host.nodes[0].number);
	assert_non_null(m);
	assert_int_equal(numa_move(m), 0);
	assert_int_equal(numa_move_count(m, &asked, &arrived), 0);
	assert_int_equal(asked, 0);
	assert_int_equal(arrived, 0);
	free(m);
	munmap(memory, 10 * page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(applies),
		cmocka_unit_test(says_what_the_kernel_refuses),
		cmocka_unit_test(finds_the_farthest),
		cmocka_unit_test(samples),
		cmocka_unit_test(samples_a_sparse_range),
		cmocka_unit_test(untried_pages_have_not_arrived),
		cmocka_unit_test(pages_at_home_stay),
		cmocka_unit_test(here_is_a_node),
		cmocka_unit_test(tells_what_is_used),
	};

	return cmocka_run_group_tests(tests, read_host, NULL);
}
