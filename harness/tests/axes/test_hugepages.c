/* SPDX-License-Identifier: MIT */
/* Axis hugepages: advice, settings and pools that each value comes to. */
#include "fixture.h"

static void parses(void **state)
{
	static const struct fixture_value values[] = {
		{ "as-set", "as-set" },
		{ "none", "none" },
		{ "thp always", "thp always" },
		{ "thp", "thp always" },
		{ "thp madvise", "thp madvise" },
		{ "thp never", "thp never" },
		{ "thp 65536B", "thp 64KiB" },
		{ "hugetlb 2048KiB", "hugetlb 2MiB" },
		{ "hugetlb 1GiB", "hugetlb 1GiB" },
		{ "thp, 64KiB", "thp 64KiB" },
	};
	static const struct fixture_refusal refusals[] = {
		{ "", "empty" },
		{ "hugetlb", "hugetlb 2MiB" },
		{ "hugetlb 2M", "2MiB" },
		{ "hugetlb 3MiB", "not the size of a page" },
		{ "hugetlb 0", "not the size of a page" },
		{ "thp 1 page", "choose" },
		{ "thp alway", "did you mean \"thp always\"" },
		{ "thp 2", "2MiB" },
		{ "always", "choose" },
		{ "hugetlb 50% ram", "choose" },
	};

	(void)state;
	fixture_values("hugepages", values, ARRAY_LENGTH(values));
	fixture_refusals("hugepages", refusals, ARRAY_LENGTH(refusals));
}

static void advises(void **state)
{
	static const struct {
		const char *text, *enabled;
		enum thp_advice advice;
		bool never, advised;
	} vectors[] = {
		{ "hugepages=as-set", "always", THP_AS_SET, false, false },
		{ "hugepages=none", "always", THP_NEVER, false, false },
		{ "hugepages=none", "never", THP_NEVER, false, false },
		{ "hugepages=thp always", "madvise", THP_ALWAYS, false, false },
		{ "hugepages=thp always", "always", THP_ALWAYS, false, false },
		{ "hugepages=thp madvise", "madvise", THP_ALWAYS, false, false },
		{ "hugepages=thp madvise", "always", THP_ALWAYS, false, true },
		{ "hugepages=thp never", "always", THP_AS_SET, true, false },
		{ "hugepages=thp never", "never", THP_AS_SET, true, false },
	};
	struct host host = fixture_host();
	struct conditions c;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		strcpy(host.thp_enabled, vectors[i].enabled);
		fixture_cell(CELL(vectors[i].text), &host, &c);
		assert_int_equal(c.map.thp, vectors[i].advice);
		assert_int_equal(c.thp_process_never, vectors[i].never);
		assert_int_equal(c.thp_process_advised, vectors[i].advised);
		fixture_wants(&c, WANTS_NOTHING);
	}
}

static void skips(void **state)
{
	struct host host = fixture_host();

	(void)state;
	fixture_no_cell(CELL("hugepages=thp always", "flags=hugetlb"), &host, -ENOTSUP,
			"hugetlb pages takes no transparent ones");
	fixture_no_cell(CELL("hugepages=hugetlb 2MiB", "flags=file"), &host, -ENOTSUP, "memfd");
	fixture_no_cell(CELL("hugepages=hugetlb 2MiB", "flags=droppable"), &host, -ENOTSUP,
			"droppable");
	fixture_no_cell(CELL("hugepages=hugetlb 16MiB"), &host, -ENOTSUP,
			"no pool of 16 MiB pages (it has 2 MiB, 1 GiB)");
	fixture_no_cell(CELL("hugepages=thp 32KiB"), &host, -ENOTSUP,
			"no transparent pages of 32 KiB");
	fixture_no_cell(CELL("hugepages=thp 64KiB", "flags=shared"), &host, -ENOTSUP,
			"private anonymous");
	strcpy(host.thp_enabled, "never");
	fixture_no_cell(CELL("hugepages=thp always"), &host, -ENOTSUP, "off here");
	fixture_no_cell(CELL("hugepages=thp madvise"), &host, -ENOTSUP, "off here");
	strcpy(host.thp_enabled, "always");
	host.kernel_version = 6 << 16 | 12 << 8;
	fixture_no_cell(CELL("hugepages=thp madvise"), &host, -ENOTSUP, "needs Linux 6.18");
	host.thp_available = false;
	fixture_no_cell(CELL("hugepages=thp always"), &host, -ENOTSUP, "built without");
}

static void wants_thp_settings(void **state)
{
	struct host host = fixture_host();
	struct conditions c;

	(void)state;
	fixture_cell(CELL("hugepages=thp 64KiB"), &host, &c);
	fixture_wants(&c, CELL("thp.64KiB.enabled=madvise", "thp.1MiB.enabled=never",
			       "thp.2MiB.enabled=never"));
	assert_int_equal(c.map.thp, THP_ALWAYS);
	assert_int_equal(c.map.thp_page_bytes, 64 * 1024);
	fixture_cell(CELL("hugepages=thp always", "flags=shared memfd"), &host, &c);
	fixture_wants(&c, CELL("thp.shmem_enabled=advise"));
	strcpy(host.thp_shmem_enabled, "always");
	fixture_cell(CELL("hugepages=thp always", "flags=shared"), &host, &c);
	fixture_wants(&c, WANTS_NOTHING);
	host.nr_thp_sizes = 0; /* a kernel before 6.8 */
	fixture_cell(CELL("hugepages=thp 2MiB"), &host, &c);
	fixture_wants(&c, WANTS_NOTHING);
	assert_int_equal(c.map.thp, THP_ALWAYS);
	fixture_no_cell(CELL("hugepages=thp 64KiB"), &host, -ENOTSUP, "no transparent pages");
}

static void takes_pool_pages(void **state)
{
	const int size_bits = 21 << 26;
	struct host host = fixture_host();
	struct conditions c;

	(void)state;
	fixture_cell(CELL("hugepages=hugetlb 2MiB", "size=12MiB"), &host, &c);
	assert_int_equal(c.map.backing, BACKING_HUGETLB);
	assert_int_equal(c.map.huge_page_bytes, 2 * MIB);
	assert_int_equal(c.map.flags, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | size_bits);
	fixture_wants(&c, WANTS_NOTHING); /* 6 of the 8 free ones are not reserved */
	fixture_cell(CELL("hugepages=hugetlb 2MiB", "flags=shared memfd", "size=2MiB"), &host, &c);
	assert_int_equal(c.map.backing, BACKING_MEMFD);
	assert_int_equal(c.map.flags, MAP_SHARED);
	assert_int_equal(c.map.huge_page_bytes, 2 * MIB);
	fixture_cell(CELL("hugepages=hugetlb 1GiB", "flags=hugetlb", "size=1B"), &host, &c);
	assert_int_equal(c.map.huge_page_bytes, GIB);
	fixture_wants(&c, CELL("hugetlb.1GiB=1"));
}

static void enlarges_pools(void **state)
{
	static const struct {
		const char *size, *threads, *layout;
		const char *wanted; /* NULL: nothing */
	} vectors[] = {
		{ "size=14MiB", "threads=1", "layout=per-worker", "hugetlb.2MiB=11" },
		{ "size=13MiB", "threads=1", "layout=per-worker", "hugetlb.2MiB=11" },
		{ "size=12MiB", "threads=1", "layout=per-worker", NULL },
		{ "size=12MiB", "threads=4", "layout=per-worker", "hugetlb.2MiB=28" },
		{ "size=12MiB", "threads=4", "layout=shared", NULL },
		{ "size=0", "threads=4", "layout=per-worker", NULL },
	};
	struct host host = fixture_host();
	struct conditions c;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		const char *const *wanted = vectors[i].wanted ? CELL(vectors[i].wanted)
							      : WANTS_NOTHING;

		fixture_cell(CELL("hugepages=hugetlb 2MiB", vectors[i].size, vectors[i].threads,
				  vectors[i].layout),
			     &host, &c);
		fixture_wants(&c, wanted);
	}
	/* The same answer once the pool has been enlarged, by this cell or by another. */
	host.pools[0].total = 28;
	host.pools[0].free = 26;
	fixture_cell(CELL("hugepages=hugetlb 2MiB", "size=12MiB", "threads=4"), &host, &c);
	fixture_wants(&c, CELL("hugetlb.2MiB=28"));
	fixture_cell(CELL("hugepages=hugetlb 2MiB", "size=14MiB"), &host, &c);
	fixture_wants(&c, CELL("hugetlb.2MiB=11"));
}

/* A fork's writes copy private pages, once for each child: pages that nobody has reserved. */
static void enlarges_for_forks(void **state)
{
	static const struct {
		struct size written;
		const char *flags, *threads, *wanted;
	} vectors[] = {
		{ { SIZE_MAPPING, .share_millionths = 1000000 },
		  "flags=private anonymous",
		  "threads=1",
		  "hugetlb.2MiB=20" },
		{ { SIZE_MAPPING, .share_millionths = 500000 },
		  "flags=private anonymous",
		  "threads=1",
		  "hugetlb.2MiB=16" },
		{ { .add_bytes = 1 }, "flags=private anonymous", "threads=1", "hugetlb.2MiB=13" },
		{ { .add_bytes = GIB }, "flags=private anonymous", "threads=1", "hugetlb.2MiB=20" },
		{ { .add_bytes = 0 }, "flags=private anonymous", "threads=1", "hugetlb.2MiB=12" },
		{ { .add_bytes = 2 * MIB },
		  "flags=private anonymous",
		  "threads=2",
		  "hugetlb.2MiB=24" },
		{ { .add_bytes = GIB }, "flags=shared anonymous", "threads=1", "hugetlb.2MiB=12" },
	};
	struct host host = fixture_host();

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		struct conditions c;

		fixture_copied = &vectors[i].written;
		fixture_cell(CELL("hugepages=hugetlb 2MiB", "size=16MiB", vectors[i].flags,
				  vectors[i].threads),
			     &host, &c);
		fixture_copied = NULL;
		print_message("%zu\n", i);
		fixture_wants(&c, CELL(vectors[i].wanted));
	}
}

static void says_what_is_missing(void **state)
{
	struct host host = fixture_host();

	(void)state;
	fixture_no_cell(CELL("hugepages=hugetlb 1GiB", "size=200GiB"), &host, -ENOTSUP,
			"200 pages of 1 GiB needed, 0 free, and 12 GiB of memory available");
	fixture_no_cell(CELL("hugepages=hugetlb 2MiB", "size=15EiB", "threads=1024"), &host,
			-ENOTSUP, "of memory available");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses),
		cmocka_unit_test(advises),
		cmocka_unit_test(skips),
		cmocka_unit_test(wants_thp_settings),
		cmocka_unit_test(takes_pool_pages),
		cmocka_unit_test(enlarges_pools),
		cmocka_unit_test(enlarges_for_forks),
		cmocka_unit_test(says_what_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
