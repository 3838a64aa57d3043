/* SPDX-License-Identifier: MIT */
/* Axis numa: policies, node lists, and hosts that lack what is asked for. */
#include "fixture.h"

static void parses(void **state)
{
	static const struct fixture_value values[] = {
		{ "default", "default" },
		{ "bind", "bind" },
		{ "bind 0,1", "bind 0,1" },
		{ "bind 1 0", "bind 0,1" },
		{ "bind 0-2,5", "bind 0,1,2,5" },
		{ "interleave 3,3,3", "interleave 3" },
		{ "weighted-interleave 0,2", "weighted-interleave 0,2" },
		{ "remote", "remote" },
	};
	static const struct fixture_refusal refusals[] = {
		{ "", "empty" },
		{ "bnid", "did you mean \"bind\"" },
		{ "bind zero", "\"zero\" is no node" },
		{ "bind -1", "is no node" },
		{ "bind 2-1", "is no node" },
		{ "bind 0-", "is no node" },
		{ "bind 4096", "largest is 1023" },
		{ "bind 0-99", "more than 64 nodes" },
		{ "bind 99999999999999999999", "largest is 1023" },
		{ "local 0", "takes no nodes" },
		{ "remote 1", "takes no nodes" },
		{ "default 1", "takes no nodes" },
	};

	(void)state;
	fixture_values("numa", values, ARRAY_LENGTH(values));
	fixture_refusals("numa", refusals, ARRAY_LENGTH(refusals));
}

static void parses_mappings(void **state)
{
	const struct field fields[] = { { "nodes", "1,0" }, { "policy", "bind" } };
	const struct field wrong[] = { { "policy", "bind" }, { "nodes", "0,x" } };
	struct axis_value value;
	struct error err;
	size_t bad;

	(void)state;
	assert_int_equal(axis_value_parse(fixture_axis("numa"), fields, 2, &value, &bad, &err), 0);
	assert_string_equal(value.text, "bind 0,1");
	axis_value_free(&value);
	assert_int_equal(axis_value_parse(fixture_axis("numa"), wrong, 2, &value, &bad, &err),
			 -EINVAL);
	assert_int_equal(bad, 1);
}

static void resolves(void **state)
{
	static const struct {
		const char *text;
		enum numa_mode mode;
		bool given;
		uint64_t nodes; /* by index: node 2 is index 1 */
	} vectors[] = {
		{ "numa=default", NUMA_DEFAULT, false, 0 },
		{ "numa=local", NUMA_LOCAL, false, 0 },
		{ "numa=bind 2", NUMA_BIND, true, 2 },
		{ "numa=preferred 0", NUMA_PREFERRED, true, 1 },
		{ "numa=preferred-many 0,2", NUMA_PREFERRED_MANY, true, 3 },
		{ "numa=interleave", NUMA_INTERLEAVE, false, 0 },
		{ "numa=weighted-interleave 0,2", NUMA_WEIGHTED_INTERLEAVE, true, 3 },
		{ "numa=remote", NUMA_REMOTE, false, 0 },
	};
	struct host host = fixture_host();
	struct conditions c;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		fixture_cell(CELL(vectors[i].text), &host, &c);
		assert_int_equal(c.map.numa.mode, vectors[i].mode);
		assert_int_equal(c.map.numa.nodes_given, vectors[i].given);
		assert_int_equal(c.map.numa.nodes, vectors[i].nodes);
	}
}

static void skips(void **state)
{
	struct host host = fixture_host();

	(void)state;
	fixture_no_cell(CELL("numa=bind 1"), &host, -ENOTSUP,
			"numa: there is no node 1 here, only 0, 2, 5");
	fixture_no_cell(CELL("numa=bind 5"), &host, -ENOTSUP, "node 5 has no memory");
	host.kernel_version = 6 << 16 | 8 << 8;
	fixture_no_cell(CELL("numa=weighted-interleave"), &host, -ENOTSUP, "needs Linux 6.9");
	host.kernel_version = 5 << 16 | 10 << 8;
	fixture_no_cell(CELL("numa=preferred-many"), &host, -ENOTSUP, "needs Linux 5.15");
	host.nodes[1].memory_bytes = 0;
	fixture_no_cell(CELL("numa=remote"), &host, -ENOTSUP, "no other node has memory");
	host.numa_available = false;
	fixture_no_cell(CELL("numa=local"), &host, -ENOTSUP, "built without NUMA");
	fixture_cell(CELL("numa=default"), &host, &(struct conditions){ 0 });
}

/* Of the 2 MiB pool, node 0 has 4 free pages of 6, node 2 has 4 of 4. */
static void pools_are_per_node(void **state)
{
	struct host host = fixture_host();
	struct conditions c;

	(void)state;
	/* Pages that are wanted are wanted where the policy is. */
	fixture_cell(CELL("hugepages=hugetlb 2MiB", "size=20MiB", "numa=bind 2"), &host, &c);
	fixture_wants(&c, CELL("hugetlb.2MiB.node2=10"));
	fixture_cell(CELL("hugepages=hugetlb 2MiB", "size=22MiB", "numa=bind 0,2"), &host, &c);
	fixture_wants(&c, CELL("hugetlb.2MiB.node0=8", "hugetlb.2MiB.node2=6"));
	fixture_cell(CELL("hugepages=hugetlb 2MiB", "size=8MiB", "numa=bind 2"), &host, &c);
	fixture_wants(&c, WANTS_NOTHING);
	fixture_no_cell(CELL("hugepages=hugetlb 1GiB", "size=6GiB", "numa=bind 2"), &host, -ENOTSUP,
			"0 free 1 GiB pages on node 2, 6 needed, and 5 GiB of memory free there");
	/* Pages as they are: refused where the node's would not do. */
	fixture_no_cell(CELL("flags=hugetlb", "size=10MiB", "numa=bind 2"), &host, -ENOTSUP,
			"4 free 2 MiB pages on node 2, 5 needed");
	fixture_cell(CELL("flags=hugetlb", "size=8MiB", "numa=bind 2"), &host, &c);
	fixture_wants(&c, WANTS_NOTHING);
	fixture_cell(CELL("flags=hugetlb noreserve", "size=10MiB", "numa=bind 2"), &host, &c);
	/* More than the whole pool has: mmap() will say so. */
	fixture_cell(CELL("flags=hugetlb", "size=64MiB", "numa=bind 2"), &host, &c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses),
		cmocka_unit_test(parses_mappings),
		cmocka_unit_test(resolves),
		cmocka_unit_test(skips),
		cmocka_unit_test(pools_are_per_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
