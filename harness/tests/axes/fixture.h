/* SPDX-License-Identifier: MIT */
/* A machine made up by hand, and values and cells of one line each, for the tests of axes. */
#ifndef TESTS_AXES_FIXTURE_H
#define TESTS_AXES_FIXTURE_H

#include "axes/axis.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#define MIB (1ull << 20)
#define GIB (1ull << 30)

/*
 * 8 CPUs on 4 cores, 16 GiB and 2 GiB of swap; nodes 0 and 2 with 8 GiB each, node 5 with CPUs
 * only; pools of 2 MiB (8 pages of 10 free, 2 of them reserved; 4 free on node 0) and of 1 GiB
 * (empty); Linux 6.18, THP madvise.
 */
static inline struct host fixture_host(void)
{
	struct host h = {
		.page_bytes = 4096,
		.ram_bytes = 16 * GIB,
		.free_bytes = 10 * GIB,
		.available_bytes = 12 * GIB,
		.swap_bytes = 2 * GIB,
		.swap_free_bytes = 2 * GIB,
		.commit_limit_bytes = 10 * GIB,
		.overcommit_ratio = 50,
		.nr_cpus = 8,
		.nr_cpus_allowed = 8,
		.nr_cpus_present = 8,
		.nr_cores = 4,
		.llc_bytes = 32 * MIB,
		.address_bits = 47,
		.cap_sys_resource = true,
		.limit_as = HOST_UNLIMITED,
		.limit_data = HOST_UNLIMITED,
		.limit_memlock = 8 * MIB,
		.limit_stack = 8 * MIB,
		.numa_available = true,
		.nr_nodes = 3,
		.nodes = { { .number = 0,
			     .memory_bytes = 8 * GIB,
			     .free_bytes = 5 * GIB,
			     .nr_cpus = 4,
			     .distance = { 10, 21, 30 } },
			   { .number = 2,
			     .memory_bytes = 8 * GIB,
			     .free_bytes = 5 * GIB,
			     .nr_cpus = 2,
			     .distance = { 21, 10, 40 } },
			   { .number = 5, .nr_cpus = 2, .distance = { 30, 40, 10 } } },
		.nr_pools = 2,
		.pools = { { .page_bytes = 2 * MIB,
			     .total = 10,
			     .free = 8,
			     .reserved = 2,
			     .node_total = { 6, 4 },
			     .node_free = { 4, 4 },
			     .start_total = 10,
			     .start_node_total = { 6, 4 } },
			   { .page_bytes = GIB } },
		.hugetlb_default_bytes = 2 * MIB,
		.thp_available = true,
		.thp_enabled = "madvise",
		.thp_shmem_enabled = "never",
		.thp_pmd_bytes = 2 * MIB,
		.nr_thp_sizes = 3,
		.thp_sizes = { 64 * 1024, MIB, 2 * MIB },
		.kernel_version = 0x06122c,
		.kernel_release = "6.18.44",
		.machine = "x86_64",
	};

	return h;
}

static inline const struct axis *fixture_axis(const char *name)
{
	int i = axis_index(name);

	assert_true(i >= 0);
	return axes[i];
}

/* Parse a scalar; what parse returns. */
static inline int fixture_parse(const char *axis, const char *text, struct axis_value *ret,
				struct error *err)
{
	struct field field = { .text = text };
	size_t bad;

	return axis_value_parse(fixture_axis(axis), &field, 1, ret, &bad, err);
}

/* One value written as a scalar, and the canonical text that it must come to. */
struct fixture_value {
	const char *text, *canonical;
};

/* Each must parse, come to its canonical text, and that again to itself. */
static inline void fixture_values(const char *axis, const struct fixture_value *values, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct axis_value value, again;
		struct error err = { "" };

		if (fixture_parse(axis, values[i].text, &value, &err))
			fail_msg("%s: %s", values[i].text, err.text);
		assert_string_equal(value.text, values[i].canonical);
		if (fixture_parse(axis, value.text, &again, &err))
			fail_msg("%s: %s", value.text, err.text);
		assert_string_equal(again.text, values[i].canonical);
		axis_value_free(&value);
		axis_value_free(&again);
	}
}

/* One value that must be refused, and a part of the sentence. */
struct fixture_refusal {
	const char *text, *remedy;
};

static inline void fixture_refusals(const char *axis, const struct fixture_refusal *refusals,
				    size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct axis_value value = { 0 };
		struct error err = { "" };

		assert_int_equal(fixture_parse(axis, refusals[i].text, &value, &err), -EINVAL);
		if (!strstr(err.text, refusals[i].remedy))
			fail_msg("\"%s\": the sentence is: %s", refusals[i].text, err.text);
		assert_null(value.data);
		assert_null(value.text);
	}
}

/* What forks write of each mapping, in the cells that follow; NULL: no step forks. */
static const struct size *fixture_copied;

/*
 * A cell: "axis=value" texts, NULL-terminated; other axes at their initial value. What
 * params_resolve() returns.
 */
static inline int fixture_resolve(const char *const *texts, const struct host *host,
				  struct conditions *c, struct error *err)
{
	struct axis_value values[AXES_MAX] = { 0 };
	struct params params = { .copied = fixture_copied };
	int r;

	for (int i = 0; axes[i]; i++) {
		const char *text = axes[i]->initial;
		size_t length = strlen(axes[i]->name);

		for (int k = 0; texts[k]; k++)
			if (strncmp(texts[k], axes[i]->name, length) == 0 &&
			    texts[k][length] == '=')
				text = texts[k] + length + 1;
		if (fixture_parse(axes[i]->name, text, &values[i], err))
			fail_msg("%s: %s", text, err->text);
		params.value[i] = &values[i];
	}
	r = params_resolve(&params, host, c, err);
	for (int i = 0; axes[i]; i++)
		axis_value_free(&values[i]);
	return r;
}

#define CELL(...)                                                                                  \
	(const char *const[])                                                                      \
	{                                                                                          \
		__VA_ARGS__, NULL                                                                  \
	}

/* The cell must resolve to 0. */
static inline void fixture_cell(const char *const *texts, const struct host *host,
				struct conditions *c)
{
	struct error err = { "" };

	if (fixture_resolve(texts, host, c, &err))
		fail_msg("%s …: %s", texts[0], err.text);
}

/* The cell must be refused with result, and a sentence that has part in it. */
static inline void fixture_no_cell(const char *const *texts, const struct host *host, int result,
				   const char *part)
{
	struct error err = { "" };
	struct conditions c;
	int r = fixture_resolve(texts, host, &c, &err);

	if (r != result)
		fail_msg("%s …: %d instead of %d: %s", texts[0], r, result, err.text);
	if (!strstr(err.text, part))
		fail_msg("%s …: the sentence is: %s", texts[0], err.text);
}

/* What c wants must be exactly these "name=value" texts, in any order. */
static inline void fixture_wants(const struct conditions *c, const char *const *texts)
{
	unsigned int n = 0;

	for (; texts[n]; n++) {
		const char *equals = strchr(texts[n], '=');
		char name[64] = "";
		const char *value;

		assert_non_null(equals);
		memcpy(name, texts[n], (size_t)(equals - texts[n]));
		value = conditions_wanted(c, name);
		if (!value || strcmp(value, equals + 1) != 0)
			fail_msg("wanted %s, got %s", texts[n], value ? value : "nothing");
	}
	assert_int_equal(c->nr_wanted, n);
}

#define WANTS_NOTHING ((const char *const[]){ NULL })

#endif
