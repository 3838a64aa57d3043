/* SPDX-License-Identifier: MIT */
/* Axes workers, placement and layout, and which of their values go together. */
#include "fixture.h"

static void refuses(void **state)
{
	static const struct fixture_refusal workers[] = {
		{ "procesess", "did you mean \"processes\"" }, { "", "choose threads or processes" }
	};
	static const struct fixture_refusal placements[] = {
		{ "compct", "did you mean \"compact\"" }, { "hyper", "choose none" }
	};
	static const struct fixture_refusal layouts[] = {
		{ "per-wroker", "did you mean" },
		{ "mine", "choose per-worker, adjacent or shared" }
	};

	(void)state;
	fixture_refusals("workers", workers, ARRAY_LENGTH(workers));
	fixture_refusals("placement", placements, ARRAY_LENGTH(placements));
	fixture_refusals("layout", layouts, ARRAY_LENGTH(layouts));
}

static void resolves(void **state)
{
	static const struct {
		const char *text;
		enum placement placement;
	} vectors[] = {
		{ "placement=none", PLACEMENT_NONE },
		{ "placement=compact", PLACEMENT_COMPACT },
		{ "placement=scatter", PLACEMENT_SCATTER },
		{ "placement=core", PLACEMENT_CORE },
		{ "placement=node", PLACEMENT_NODE },
	};
	struct host host = fixture_host();
	struct conditions c;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		fixture_cell(CELL(vectors[i].text), &host, &c);
		assert_int_equal(c.placement, vectors[i].placement);
	}
	fixture_cell(CELL("workers=processes", "layout=shared", "flags=shared memfd"), &host, &c);
	assert_int_equal(c.workers, WORKER_PROCESS);
	assert_int_equal(c.layout, LAYOUT_SHARED);
	fixture_cell(CELL("workers=threads", "layout=shared"), &host, &c);
	fixture_cell(CELL("workers=processes", "layout=per-worker"), &host, &c);
}

static void private_memory_is_not_shared(void **state)
{
	struct host host = fixture_host();

	(void)state;
	fixture_no_cell(CELL("workers=processes", "layout=shared"), &host, -ENOTSUP,
			"layout: processes cannot share a private mapping");
	fixture_no_cell(CELL("workers=processes", "layout=shared", "flags=droppable"), &host,
			-ENOTSUP, "cannot share");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses),
		cmocka_unit_test(resolves),
		cmocka_unit_test(private_memory_is_not_shared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
