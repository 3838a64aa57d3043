/* SPDX-License-Identifier: MIT */
/* Where the group goes, what is written into it, and why there is none. */
#include "tests/sys/fake_root.h"

#include "base/cleanup.h"
#include "sys/cgroup.h"

#define TOP  "/sys/fs/cgroup"
#define DEEP TOP "/user.slice/run.scope"

static const struct cgroup_options limits = { .memory_max_bytes = 1 << 30,
					      .hugetlb_page_bytes = 2 << 20,
					      .hugetlb_max_bytes = 64 << 20 };

static struct cgroup_options options_for(const struct fake_root *f)
{
	struct cgroup_options options = limits;

	options.root = f->root;
	return options;
}

/* The files that the kernel makes in a new group. */
static void prepare_group(const struct fake_root *f, const char *parent, const char *name)
{
	static const char *const files[] = { "cgroup.procs", "memory.max", "memory.oom.group",
					     "hugetlb.2MB.max", "cgroup.kill" };

	for (size_t i = 0; i < ARRAY_LENGTH(files); i++) {
		char path[256];

		snprintf(path, sizeof(path), "%s/%s/%s", parent, name, files[i]);
		fake_file(f, path, "");
	}
}

static void prepare_parent(const struct fake_root *f, const char *parent, const char *controllers,
			   const char *procs)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/cgroup.controllers", parent);
	fake_file(f, path, controllers);
	snprintf(path, sizeof(path), "%s/cgroup.subtree_control", parent);
	fake_file(f, path, "");
	snprintf(path, sizeof(path), "%s/cgroup.procs", parent);
	fake_file(f, path, procs);
}

static void expect_in(const struct fake_root *f, const char *parent, const char *name,
		      const char *file, const char *expected)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s/%s", parent, name, file);
	fake_expect(f, path, expected);
}

static void own_name(char ret[32])
{
	snprintf(ret, 32, "overmap-%d", (int)getpid());
}

/* In our own group: we move aside, and back. */
static void test_delegated(void **state)
{
	const struct fake_root *f = *state;
	const struct cgroup_options options = options_for(f);
	struct error err = { "" };
	struct cgroup *g = NULL;
	char name[32], procs[32];

	own_name(name);
	snprintf(procs, sizeof(procs), "%d\n", (int)getpid());
	fake_file(f, "/proc/self/cgroup", "0::/user.slice/run.scope\n");
	prepare_parent(f, TOP, "cpu memory hugetlb\n", "");
	prepare_parent(f, DEEP, "memory\n", procs);
	prepare_group(f, DEEP, name);
	prepare_group(f, DEEP, "overmap-supervisor");
	if (cgroup_make(&g, &options, &err))
		fail_msg("%s", err.text);
	assert_non_null(strstr(cgroup_path(g), DEEP "/overmap-"));
	expect_in(f, DEEP, name, "memory.max", "1073741824");
	expect_in(f, DEEP, name, "memory.oom.group", "1");
	expect_in(f, DEEP, name, "hugetlb.2MB.max", "67108864");
	expect_in(f, DEEP, "overmap-supervisor", "cgroup.procs", "0");
	assert_int_equal(cgroup_enter(g), 0);
	expect_in(f, DEEP, name, "cgroup.procs", "0");

	assert_int_equal(cgroup_oom_kills(g), 0);
	cgroup_remove(g);
	expect_in(f, DEEP, name, "cgroup.kill", "1");
	/* "0" over the first byte: a plain file keeps the rest. */
	procs[0] = '0';
	procs[strcspn(procs, "\n")] = '\0';
	expect_in(f, DEEP, ".", "cgroup.procs", procs);
}

static void test_below_the_top(void **state)
{
	const struct fake_root *f = *state;
	const struct cgroup_options options = options_for(f);
	struct error err = { "" };
	struct cgroup *g = NULL;
	char name[32];

	own_name(name);
	fake_file(f, "/proc/self/cgroup", "0::/user.slice/run.scope\n");
	prepare_parent(f, TOP, "cpu memory\n", "");
	prepare_parent(f, DEEP, "memory\n", "1\n2\n"); /* others are in our group */
	prepare_group(f, TOP, name);
	if (cgroup_make(&g, &options, &err))
		fail_msg("%s", err.text);
	assert_non_null(strstr(cgroup_path(g), TOP "/overmap-"));
	expect_in(f, TOP, name, "memory.max", "1073741824");
	cgroup_remove(g);
}

static const struct {
	const char *proc, *controllers, *events, *reason;
} refusals[] = {
	{ "4:memory:/a\n0::/\n", "", NULL, "cgroup version 1" },
	{ "4:memory:/a\n", "", NULL, "cgroup version 1" },
	{ "0::/\n", "cpu io\n", NULL, "no memory controller" },
	{ "", "memory\n", NULL, "no memory controller" },
	/* A container: its top is a group with other processes. */
	{ "0::/\n", "memory\n", "populated 1\n", "other processes" },
};

static void test_refusals(void **state)
{
	const struct fake_root *f = *state;
	const struct cgroup_options options = options_for(f);

	for (size_t i = 0; i < ARRAY_LENGTH(refusals); i++) {
		struct error err = { "" };
		struct cgroup *g = NULL;

		fake_file(f, "/proc/self/cgroup", refusals[i].proc);
		prepare_parent(f, TOP, refusals[i].controllers, "1\n");
		if (refusals[i].events)
			fake_file(f, TOP "/cgroup.events", refusals[i].events);
		assert_int_equal(cgroup_make(&g, &options, &err), -ENOTSUP);
		assert_null(g);
		if (!strstr(err.text, refusals[i].reason))
			fail_msg("case %zu: %s", i, err.text);
	}
}

/* On this machine: a group or a reason, and nothing left either way. */
static void test_here(void **state)
{
	const struct cgroup_options options = { .memory_max_bytes = 1 << 30 };
	struct error err = { "" };
	struct cgroup *g = NULL;
	int r = cgroup_make(&g, &options, &err);
	char path[600];

	(void)state;
	if (r) {
		assert_int_equal(r, -ENOTSUP);
		assert_true(err.text[0]);
		print_message("SKIP: here: %s\n", err.text);
		skip();
	}
	snprintf(path, sizeof(path), "%s", cgroup_path(g));
	assert_int_equal(access(path, F_OK), 0);
	cgroup_remove(g);
	assert_int_equal(access(path, F_OK), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_delegated, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_below_the_top, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_refusals, fake_setup, fake_teardown),
		cmocka_unit_test(test_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
