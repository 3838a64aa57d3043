/* SPDX-License-Identifier: MIT */
/* Facts: what is told of a machine made up for it, and what must never be told. */
#include "sys/facts.h"

#include "fake_machine.h"

#include <stdbool.h>

#define FACTS_MAX 512

struct told {
	unsigned int n;
	char fact[FACTS_MAX][256]; /* "group.name=value" */
};

static int tell(void *context, const char *group, const char *name, const char *value)
{
	struct told *t = context;

	assert_true(t->n < FACTS_MAX);
	snprintf(t->fact[t->n++], sizeof(t->fact[0]), "%s.%s=%s", group, name, value);
	return 0;
}

static bool was_told(const struct told *t, const char *fact)
{
	for (unsigned int i = 0; i < t->n; i++)
		if (strcmp(t->fact[i], fact) == 0)
			return true;
	return false;
}

static void tells(void **state)
{
	static const char *const expected[] = {
		"kernel.release=6.8.12-test",
		"kernel.machine=x86_64",
		"kernel.command_line=quiet ip=… BOOTIF=… hugepages=4 root=…",
		"cpu.model=Fake CPU @ 1 GHz",
		"cpu.model_number=17",
		"cpu.vendor=GenuineFake",
		"cpu.microcode=0x1",
		"virtualisation.guest=yes",
		"caches.l1_data=32K",
		"caches.l3_unified=32M",
		"topology.nodes=3",
		"topology.node2.memory_bytes=4294967296",
		"topology.node2.cpus=2-3",
		"topology.node5.cpus=",
		"topology.node5.distances=31 41 10",
		"memory.ram_bytes=17179869184",
		"memory.swap_bytes=2147483648",
		"swap.area0=/dev/zram0 1073741824 bytes, priority 100",
		"swap.area1=file 1073741824 bytes, priority -2",
		"vm.overcommit_memory=2",
		"vm.lowmem_reserve_ratio=256 256 32",
		"thp.enabled=madvise",
		"thp.64kB.enabled=never",
		"hugetlb.2MiB.total=10",
		"hugetlb.1GiB.free=0",
		"cgroup.version=2",
		"cgroup.memory.max=1073741824", /* the group above limits */
		"cgroup.memory.high=max",
		"limits.memlock=65536",
		"limits.data=unlimited",
		"mitigations.meltdown=Mitigation: PTI",
	};
	const struct fake_machine *m = *state;
	struct told *t = calloc(1, sizeof(*t));

	assert_int_equal(facts_visit_at(m->root, tell, t), 0);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		if (!was_told(t, expected[i]))
			fail_msg("not told: %s", expected[i]);
	free(t);
}

static void tells_nothing_private(void **state)
{
	static const char *const secrets[] = { "192.0.2.7", "01-02-03", "UUID",        "secret",
					       "password",  "somebody", "stat_refresh" };
	const struct fake_machine *m = *state;
	struct told *t = calloc(1, sizeof(*t));

	assert_int_equal(facts_visit_at(m->root, tell, t), 0);
	for (unsigned int i = 0; i < t->n; i++)
		for (size_t k = 0; k < sizeof(secrets) / sizeof(secrets[0]); k++)
			if (strstr(t->fact[i], secrets[k]))
				fail_msg("told: %s", t->fact[i]);
	free(t);
}

/* Names are keys of JSON objects: no two alike in a group, and groups in one piece. */
static void names_are_unique(void **state)
{
	struct told *t = calloc(1, sizeof(*t));

	(void)state;
	assert_int_equal(facts_visit(tell, t), 0);
	assert_true(t->n > 50);
	for (unsigned int i = 0; i < t->n; i++) {
		size_t length = strcspn(t->fact[i], "=") + 1;

		for (unsigned int k = 0; k < i; k++)
			if (strncmp(t->fact[i], t->fact[k], length) == 0)
				fail_msg("told twice: %s", t->fact[i]);
	}
	free(t);
}

static int stop_at_third(void *context, const char *group, const char *name, const char *value)
{
	int *n = context;

	(void)group;
	(void)name;
	(void)value;
	return ++*n == 3 ? -ECANCELED : 0;
}

static void ends_when_told_to(void **state)
{
	int n = 0;

	(void)state;
	assert_int_equal(facts_visit(stop_at_third, &n), -ECANCELED);
	assert_int_equal(n, 3);
	assert_int_equal(facts_visit_at("/nonexistent", stop_at_third, &n), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(tells, fake_machine, fake_machine_end),
		cmocka_unit_test_setup_teardown(tells_nothing_private, fake_machine,
						fake_machine_end),
		cmocka_unit_test(names_are_unique),
		cmocka_unit_test(ends_when_told_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
