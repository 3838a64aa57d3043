/* SPDX-License-Identifier: MIT */
/* Axis flags: words to mmap()'s bits, and which words go together. */
#include "fixture.h"

static void parses(void **state)
{
	static const struct fixture_value values[] = {
		{ "private anonymous", "private anonymous" },
		{ "anonymous private", "private anonymous" },
		{ "private,anonymous", "private anonymous" },
		{ "noreserve", "private anonymous noreserve" },
		{ "shared", "shared anonymous" },
		{ "memfd", "private memfd" },
		{ "sync file shared", "shared file sync" },
		{ "droppable", "droppable anonymous" },
		{ "locked populate hugetlb", "private hugetlb populate locked" },
		{ "32bit stack fixed-noreplace tmpfs",
		  "private tmpfs fixed-noreplace stack 32bit" },
	};
	static const struct fixture_refusal refusals[] = {
		{ "", "empty" },
		{ " , ", "empty" },
		{ "private anonymos", "did you mean \"anonymous\"" },
		{ "MAP_PRIVATE", "did you mean \"private\"" },
		{ "private shared", "\"private\" and \"shared\" exclude each other" },
		{ "droppable private", "exclude each other" },
		{ "memfd file", "\"memfd\" and \"file\" exclude each other" },
		{ "anonymous hugetlb", "exclude each other" },
		{ "noreserve noreserve", "\"noreserve\" is there twice" },
		{ "sync", "shared file sync" },
		{ "shared sync", "shared file sync" },
		{ "private file sync", "shared file sync" },
		{ "droppable memfd", "anonymous memory" },
	};

	(void)state;
	fixture_values("flags", values, ARRAY_LENGTH(values));
	fixture_refusals("flags", refusals, ARRAY_LENGTH(refusals));
}

static void resolves(void **state)
{
	static const struct {
		const char *text;
		int flags;
		enum backing backing;
	} vectors[] = {
		{ "flags=private", MAP_PRIVATE | MAP_ANONYMOUS, BACKING_ANONYMOUS },
		{ "flags=shared noreserve", MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE,
		  BACKING_ANONYMOUS },
		{ "flags=shared memfd", MAP_SHARED, BACKING_MEMFD },
		{ "flags=private file populate", MAP_PRIVATE | MAP_POPULATE, BACKING_FILE },
		{ "flags=shared tmpfs locked", MAP_SHARED | MAP_LOCKED, BACKING_TMPFS },
		{ "flags=hugetlb", MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, BACKING_HUGETLB },
		{ "flags=shared file sync", MAP_SHARED_VALIDATE | MAP_SYNC, BACKING_FILE },
		{ "flags=droppable", MAP_DROPPABLE | MAP_ANONYMOUS, BACKING_ANONYMOUS },
		{ "flags=fixed-noreplace stack",
		  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_STACK,
		  BACKING_ANONYMOUS },
	};
	struct host host = fixture_host();
	struct conditions c;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		fixture_cell(CELL(vectors[i].text), &host, &c);
		assert_int_equal(c.map.flags, vectors[i].flags);
		assert_int_equal(c.map.backing, vectors[i].backing);
		assert_int_equal(c.map.huge_page_bytes,
				 vectors[i].backing == BACKING_HUGETLB ? 2 * MIB : 0);
		fixture_wants(&c, WANTS_NOTHING);
	}
}

static void knows_what_a_kernel_lacks(void **state)
{
	struct host host = fixture_host();

	(void)state;
	host.kernel_version = 6 << 16 | 10 << 8;
	strcpy(host.kernel_release, "6.10.0");
	fixture_no_cell(CELL("flags=droppable"), &host, -ENOTSUP,
			"flags: droppable needs Linux 6.11, this is 6.10.0");
	host.hugetlb_default_bytes = 0;
	fixture_no_cell(CELL("flags=hugetlb"), &host, -ENOTSUP, "no huge page pools");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses),
		cmocka_unit_test(resolves),
		cmocka_unit_test(knows_what_a_kernel_lacks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
