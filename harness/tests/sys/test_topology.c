/* SPDX-License-Identifier: MIT */
/* Orders of CPUs on machines that hwloc makes up, and binding on this one. */
#include "sys/topology.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define END (-9)

static const struct {
	const char *machine;
	enum placement placement;
	int expected[16]; /* CPUs, or nodes for PLACEMENT_NODE; END ends */
} vectors[] = {
	{ "pack:2 core:2 pu:2", PLACEMENT_COMPACT, { 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, END } },
	{ "pack:2 core:2 pu:2", PLACEMENT_SCATTER, { 0, 4, 2, 6, 1, 5, 3, 7, 0, 4, END } },
	{ "pack:2 core:2 pu:2", PLACEMENT_CORE, { 0, 2, 4, 6, 0, 2, END } },
	{ "pack:2 core:2 pu:2", PLACEMENT_NODE, { 0, 0, 0, END } }, /* one node for all */
	{ "pack:2 [numa] core:2 pu:2", PLACEMENT_NODE, { 0, 1, 0, 1, 0, END } },
	/* Sub-NUMA clusters: two packages of four nodes. */
	{ "pack:2 numa:4 core:2 pu:1",
	  PLACEMENT_SCATTER,
	  { 0, 8, 2, 10, 4, 12, 6, 14, 1, 9, 3, 11, 5, 13, 7, END } },
	{ "pack:2 numa:4 core:2 pu:1", PLACEMENT_NODE, { 0, 1, 2, 3, 4, 5, 6, 7, 0, END } },
	/* The kernel numbers first threads first: siblings are 0 and 4, 1 and 5 … */
	{ "pack:2 core:2 pu:2(indexes=0,4,1,5,2,6,3,7)",
	  PLACEMENT_COMPACT,
	  { 0, 4, 1, 5, 2, 6, 3, 7, END } },
	{ "pack:2 core:2 pu:2(indexes=0,4,1,5,2,6,3,7)",
	  PLACEMENT_SCATTER,
	  { 0, 2, 1, 3, 4, 6, 5, 7, END } },
	{ "pack:2 core:2 pu:2(indexes=0,4,1,5,2,6,3,7)", PLACEMENT_CORE, { 0, 1, 2, 3, END } },
	/* Sparse numbers of CPUs and nodes. */
	{ "pack:2 [numa(indexes=3,9)] core:1 pu:2(indexes=8,72,16,80)",
	  PLACEMENT_COMPACT,
	  { 8, 72, 16, 80, END } },
	{ "pack:2 [numa(indexes=3,9)] core:1 pu:2(indexes=8,72,16,80)",
	  PLACEMENT_NODE,
	  { 3, 9, 3, END } },
	/* Memory-only nodes, beside and above the ones that have CPUs: no worker goes there. */
	{ "[numa] pack:2 [numa] [numa] core:2 pu:1", PLACEMENT_NODE, { 0, 2, 0, 2, END } },
	{ "[numa] pack:2 [numa] [numa] core:2 pu:1", PLACEMENT_SCATTER, { 0, 2, 1, 3, END } },
	{ "pu:3", PLACEMENT_COMPACT, { 0, 1, 2, 0, END } },
	{ "pu:3", PLACEMENT_CORE, { 0, 1, 2, 0, END } }, /* no cores known: each is one */
};

static unsigned int length(const int *numbers)
{
	unsigned int n = 0;

	while (numbers[n] != END)
		n++;
	return n;
}

static void orders(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		bool by_node = vectors[i].placement == PLACEMENT_NODE;
		unsigned int n = length(vectors[i].expected);
		struct topology *t;
		struct worker_place places[16];
		struct error err;

		assert_int_equal(topology_load(&t, vectors[i].machine, &err), 0);
		assert_int_equal(topology_place(t, vectors[i].placement, n, places, &err), 0);
		for (unsigned int k = 0; k < n; k++) {
			int got = by_node ? places[k].node : places[k].cpu;

			if (got != vectors[i].expected[k])
				fail_msg("%s, vector %zu: worker %u is on %d, not on %d",
					 vectors[i].machine, i, k, got, vectors[i].expected[k]);
			assert_int_equal(by_node ? places[k].cpu : places[k].node, -1);
		}
		topology_free(t);
	}
}

/* As many as there are different ones, however many workers share them. */
static void counts_cpus_of_places(void **state)
{
	static const struct {
		const char *machine;
		enum placement placement;
		unsigned int nr_workers, nr_cpus;
	} expected[] = {
		{ "pack:2 core:2 pu:2", PLACEMENT_NONE, 3, 8 },
		{ "pack:2 core:2 pu:2", PLACEMENT_COMPACT, 3, 3 },
		{ "pack:2 core:2 pu:2", PLACEMENT_SCATTER, 16, 8 },
		/* Fewer than the machine has, and fewer than there are workers. */
		{ "pack:1 core:1 pu:2", PLACEMENT_CORE, 2, 1 },
		{ "pack:2 core:2 pu:2", PLACEMENT_CORE, 16, 4 },
		{ "pack:2 [numa] core:2 pu:2", PLACEMENT_NODE, 1, 4 },
		{ "pack:2 [numa(indexes=3,9)] core:1 pu:2(indexes=8,72,16,80)", PLACEMENT_NODE, 2,
		  4 },
	};
	struct worker_place places[16];
	struct topology *t;
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		unsigned int n = expected[i].nr_workers;

		assert_int_equal(topology_load(&t, expected[i].machine, &err), 0);
		assert_int_equal(topology_place(t, expected[i].placement, n, places, &err), 0);
		assert_int_equal(topology_cpus(t, places, n), expected[i].nr_cpus);
		topology_free(t);
	}
}

static void none_binds_nothing(void **state)
{
	struct topology *t;
	struct worker_place places[2];
	struct error err;

	(void)state;
	assert_int_equal(topology_load(&t, "pu:2", &err), 0);
	assert_int_equal(topology_place(t, PLACEMENT_NONE, 2, places, &err), 0);
	assert_int_equal(places[1].cpu, -1);
	assert_int_equal(places[1].node, -1);
	assert_int_equal(topology_bind(t, &places[1], &err), 0);
	assert_int_equal(topology_place(t, (enum placement)77, 2, places, &err), -EINVAL);
	topology_free(t);
}

/* Without CPU 0, CPU 1 is the first of its core; without 4 and 5 their core is gone. */
static void keeps_to_what_is_allowed(void **state)
{
	static const unsigned int allowed[] = { 1, 2, 3, 6, 7, 4000, 100000 };
	static const int compact[] = { 1, 2, 3, 6, 7, 1 }, core[] = { 1, 2, 6, 1 },
			 scatter[] = { 1, 6, 2, 7, 3 };
	struct topology_counts counts;
	struct worker_place places[6];
	struct topology *t;
	struct error err;

	(void)state;
	assert_int_equal(topology_load(&t, "pack:2 core:2 pu:2", &err), 0);
	assert_int_equal(topology_restrict(t, allowed + 5, 2), -EINVAL);
	assert_int_equal(topology_restrict(t, allowed, 7), 0);
	topology_place(t, PLACEMENT_COMPACT, 6, places, &err);
	for (int i = 0; i < 6; i++)
		assert_int_equal(places[i].cpu, compact[i]);
	topology_place(t, PLACEMENT_CORE, 4, places, &err);
	for (int i = 0; i < 4; i++)
		assert_int_equal(places[i].cpu, core[i]);
	topology_place(t, PLACEMENT_SCATTER, 5, places, &err);
	for (int i = 0; i < 5; i++)
		assert_int_equal(places[i].cpu, scatter[i]);
	topology_count(t, &counts);
	assert_int_equal(counts.cpus, 5);
	assert_int_equal(counts.cores, 3);
	assert_int_equal(counts.packages, 2);
	assert_int_equal(counts.nodes, 1);
	topology_free(t);
}

static void knows_nodes_of_cpus(void **state)
{
	struct topology_counts counts;
	struct topology *t;
	struct error err;

	(void)state;
	assert_int_equal(topology_load(&t, "pack:2 [numa(indexes=3,9)] core:64 pu:2", &err), 0);
	assert_int_equal(topology_node(t, 0), 3);
	assert_int_equal(topology_node(t, 127), 3);
	assert_int_equal(topology_node(t, 128), 9);
	assert_int_equal(topology_node(t, 256), -ENOENT);
	topology_count(t, &counts);
	assert_int_equal(counts.cpus, 256);
	assert_int_equal(counts.cores, 128);
	assert_int_equal(counts.packages, 2);
	assert_int_equal(counts.nodes, 2);
	topology_free(t);
}

static void refuses_nonsense(void **state)
{
	struct topology *t = NULL;
	struct error err;

	(void)state;
	assert_int_equal(topology_load(&t, "packs of wolves", &err), -EINVAL);
	assert_non_null(strstr(err.text, "packs of wolves"));
	assert_null(t);
	topology_free(NULL);
}

/* In a child, so that the test itself stays free. 0: bound to exactly the places' CPUs. */
static int bind_and_check(const struct topology *t, const struct worker_place *place)
{
	struct error err;
	cpu_set_t set;

	if (topology_bind(t, place, &err) || sched_getaffinity(0, sizeof(set), &set))
		return 1;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		bool wanted = place->cpu >= 0 ? cpu == place->cpu
					      : topology_node(t, (unsigned int)cpu) == place->node;

		if (!CPU_ISSET(cpu, &set) != !wanted)
			return 2;
	}
	return 0;
}

static void binds(void **state)
{
	static const enum placement all[] = { PLACEMENT_COMPACT, PLACEMENT_SCATTER, PLACEMENT_CORE,
					      PLACEMENT_NODE };
	struct topology *t;
	struct error err;

	(void)state;
	assert_int_equal(topology_load(&t, NULL, &err), 0);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct worker_place places[2];
		int status;
		pid_t child;

		assert_int_equal(topology_place(t, all[i], 2, places, &err), 0);
		child = fork();
		assert_true(child >= 0);
		if (!child)
			_exit(bind_and_check(t, &places[1]));
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
	}
	assert_int_equal(topology_bind(t, &(struct worker_place){ .cpu = 8000, .node = -1 }, &err),
			 -EINVAL);
	assert_non_null(strstr(err.text, "CPU 8000"));
	topology_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(orders),
		cmocka_unit_test(counts_cpus_of_places),
		cmocka_unit_test(none_binds_nothing),
		cmocka_unit_test(keeps_to_what_is_allowed),
		cmocka_unit_test(knows_nodes_of_cpus),
		cmocka_unit_test(refuses_nonsense),
		cmocka_unit_test(binds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
