// SPDX-License-Identifier: MIT
/* Whole repetitions on stored machines: which step ends them, and how. */
#include "model/outcome.h"
#include "tests/model/stored.h"

#include "base/cleanup.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GIB (1ull << 30)
#define MIB (1ull << 20)

static struct snapshot machine;
static struct conditions conditions;

static void load(const char *name)
{
	stored_machine(name, &machine);
	memset(&conditions, 0, sizeof(conditions));
	conditions.nr_workers = 1;
	conditions.map.flags = MAP_PRIVATE | MAP_ANONYMOUS;
	conditions.map.protection = PROT_READ | PROT_WRITE;
}

/* A call from "name argument=text …". */
static void call_of(const char *text, struct op_call *ret)
{
	AUTO_FREE char *copy = strdup(text);
	struct arg_value values[ARGS_MAX] = { { false } };
	struct error err = { "" };
	char *rest = copy, *word = strsep(&rest, " ");
	const struct op *op = op_find(word);

	assert_non_null(op);
	for (unsigned int i = 0; op->args && op->args[i].name; i++) {
		if (op->args[i].initial)
			assert_int_equal(
				arg_parse(&op->args[i], op->args[i].initial, &values[i], &err), 0);
	}
	while (rest && (word = strsep(&rest, " "))) {
		char *value = strchr(word, '=');
		const struct arg *arg;

		*value++ = '\0';
		arg = arg_find(op->args, word);
		assert_non_null(arg);
		assert_int_equal(arg_parse(arg, value, &values[arg - op->args], &err), 0);
	}
	if (op_call_resolve(op, values, &conditions, &machine.host, ret, &err))
		fail_msg("%s", err.text);
}

struct vector {
	const char *snapshot;
	uint64_t length;
	int extra_flags, protection;
	unsigned int nr_workers;
	const char *overcommit; /* NULL: as it is */
	const char *steps[5];
	const char *outcome; /* "": not to be known */
	int step;
};

#define RW   (PROT_READ | PROT_WRITE)
#define HOLE "unmap from=1MiB amount=4KiB"

static const struct vector vectors[] = {
	{ "plain", GIB, 0, RW, 1, NULL, { "map", "touch", "unmap" }, "ok", -1 },
	{ "plain", 17 * GIB, 0, RW, 1, NULL, { "map", "unmap" }, "ENOMEM", 0 },
	{ "plain", 17 * GIB, 0, RW, 1, "1", { "map", "unmap" }, "ok", -1 },
	{ "plain", 17 * GIB, MAP_NORESERVE, RW, 1, NULL, { "map", "unmap" }, "ok", -1 },
	{ "plain", 17 * GIB, MAP_NORESERVE, RW, 1, "2", { "map", "unmap" }, "ENOMEM", 0 },
	{ "plain", 64 * GIB, MAP_NORESERVE, RW, 1, NULL, { "map", "touch" }, "oom-killed", 1 },
	{ "plain", 64 * GIB, MAP_NORESERVE, RW, 1, NULL, { "map", "touch amount=1GiB" }, "ok", -1 },
	{ "plain", 15 * GIB, 0, RW, 1, NULL, { "map", "touch" }, "", 1 },
	{ "plain", 17 * GIB, 0, PROT_NONE, 1, NULL, { "map", "touch" }, "SIGSEGV", 1 },
	{ "plain",
	  17 * GIB,
	  0,
	  PROT_NONE,
	  1,
	  NULL,
	  { "map", "protect to=read-write" },
	  "ENOMEM",
	  1 },
	{ "plain", GIB, 0, RW, 1, NULL, { "map", "remap to=16GiB", "unmap" }, "ok", -1 },
	{ "plain", GIB, 0, RW, 1, NULL, { "map", "remap to=32GiB" }, "ENOMEM", 1 },
	{ "plain", GIB, 0, RW, 1, NULL, { "map", "remap to=2GiB how=in-place" }, "", 1 },
	{ "plain", 15 * GIB, 0, RW, 1, NULL, { "map", "fork write=1MiB" }, "ok", -1 },
	{ "plain", 4 * GIB, 0, PROT_READ, 1, NULL, { "map", "fork" }, "SIGSEGV", 1 },
	/* Parent and child write it all: more than may be there. */
	{ "plain", 15 * GIB, 0, RW, 1, NULL, { "map", "fork" }, "", 1 },
	/* Locking: mlock says ENOMEM where mmap says EAGAIN, and fills what it locks. */
	{ "plain", MIB, 0, RW, 1, NULL, { "map", "lock", "unlock", "unmap" }, "ok", -1 },
	{ "plain", GIB, 0, RW, 1, NULL, { "map", "lock" }, "ENOMEM", 1 },
	{ "plain", MIB, 0, PROT_NONE, 1, NULL, { "map", "lock" }, "ENOMEM", 1 },
	{ "plain", MIB, 0, PROT_NONE, 1, NULL, { "map", "lock pages=on-fault" }, "ok", -1 },
	/* A call instead of accesses has no signal. */
	{ "plain", GIB, 0, PROT_NONE, 1, NULL, { "map", "touch method=populate" }, "EINVAL", 1 },
	{ "plain",
	  GIB,
	  0,
	  PROT_READ,
	  1,
	  NULL,
	  { "map", "advise advice=populate_write" },
	  "EINVAL",
	  1 },
	{ "plain", GIB, 0, RW, 1, NULL, { "map", "advise advice=populate_write" }, "ok", -1 },
	{ "plain", GIB, 0, RW, 1, NULL, { "map", "advise advice=dontneed" }, "ok", -1 },
	{ "plain", MIB, MAP_LOCKED, RW, 1, NULL, { "map", "advise advice=dontneed" }, "", 1 },
	{ "plain", GIB, 0, RW, 1, NULL, { "map", "advise advice=collapse" }, "", 1 },
	{ "plain", GIB, 0, RW, 1, NULL, { "map", "refault" }, "ok", -1 },
	{ "plain", MIB, MAP_LOCKED, RW, 1, NULL, { "map", "refault" }, "", 1 },
	/* Piece by piece: more than RAM + swap passes in mode heuristic, until it is touched. */
	{ "plain", 64 * GIB, 0, PROT_NONE, 1, NULL, { "map", "commit amount=1GiB" }, "ok", -1 },
	{ "plain", 64 * GIB, 0, PROT_NONE, 1, NULL, { "map", "commit" }, "oom-killed", 1 },
	{ "plain", 64 * GIB, 0, PROT_NONE, 1, "2", { "map", "commit" }, "ENOMEM", 1 },
	/* A part: known are its charge, and what lies at the mapping's start. */
	{ "plain",
	  64 * GIB,
	  0,
	  PROT_NONE,
	  1,
	  NULL,
	  { "map", "protect to=read-write amount=1GiB", "touch amount=1GiB", "unmap" },
	  "ok",
	  -1 },
	{ "plain",
	  64 * GIB,
	  0,
	  PROT_NONE,
	  1,
	  NULL,
	  { "map", "protect to=read-write amount=1GiB", "touch" },
	  "",
	  2 },
	{ "plain",
	  64 * GIB,
	  0,
	  PROT_NONE,
	  1,
	  NULL,
	  { "map", "protect to=read-write from=1GiB amount=17GiB" },
	  "ENOMEM",
	  1 },
	{ "plain",
	  64 * GIB,
	  0,
	  PROT_NONE,
	  1,
	  "2",
	  { "map", "protect to=read-write amount=5GiB", "unmap", "map",
	    "protect to=read-write amount=5GiB" },
	  "ok",
	  -1 },
	{ "plain",
	  64 * GIB,
	  0,
	  PROT_NONE,
	  1,
	  NULL,
	  { "map", "protect to=read from=1GiB", "touch amount=1GiB" },
	  "SIGSEGV",
	  2 },
	{ "plain",
	  MIB,
	  0,
	  RW,
	  1,
	  NULL,
	  { "map", "protect to=none from=4KiB amount=4KiB", "touch amount=4KiB", "lock" },
	  "",
	  3 },
	/* How much may be locked is asked first. */
	{ "plain",
	  GIB,
	  0,
	  RW,
	  1,
	  NULL,
	  { "map", "protect to=none from=4KiB amount=4KiB", "touch amount=4KiB", "lock" },
	  "ENOMEM",
	  3 },
	/* Cut at an end it is shorter, also in what it is charged. */
	{ "plain",
	  GIB,
	  0,
	  RW,
	  1,
	  NULL,
	  { "map", "unmap amount=4KiB", "unmap from=1MiB", "lock pages=on-fault", "unmap" },
	  "ok",
	  -1 },
	{ "plain",
	  6 * GIB,
	  0,
	  RW,
	  1,
	  "2",
	  { "map", "unmap from=1GiB", "remap to=6GiB", "unmap from=1GiB", "fork write=0B" },
	  "ok",
	  -1 },
	{ "plain", 6 * GIB, 0, RW, 1, "2", { "map", "unmap from=5GiB", "fork" }, "ENOMEM", 2 },
	/* A hole inside: what reaches it, and what does not. */
	{ "plain",
	  GIB,
	  0,
	  RW,
	  1,
	  NULL,
	  { "map", "unmap from=1MiB amount=4KiB", "touch amount=1MiB", "unmap", "map" },
	  "ok",
	  -1 },
	{ "plain", GIB, 0, RW, 1, NULL, { "map", HOLE, "touch" }, "SIGSEGV", 2 },
	{ "plain", GIB, 0, RW, 4, NULL, { "map", HOLE, "touch" }, "SIGSEGV", 2 },
	{ "plain", GIB, 0, RW, 1, NULL, { "map", HOLE, "chase" }, "SIGSEGV", 2 },
	{ "plain", GIB, 0, RW, 1, NULL, { "map", HOLE, "touch stride=8KiB" }, "", 2 },
	{ "plain", GIB, 0, RW, 1, NULL, { "map", HOLE, "touch method=populate" }, "ENOMEM", 2 },
	{ "plain", GIB, 0, RW, 1, NULL, { "map", HOLE, "protect to=read" }, "ENOMEM", 2 },
	{ "plain", GIB, 0, RW, 1, NULL, { "map", HOLE, "protect to=read from=2MiB" }, "", 2 },
	{ "plain",
	  MIB,
	  0,
	  RW,
	  1,
	  NULL,
	  { "map", "unmap from=8KiB amount=4KiB", "lock" },
	  "ENOMEM",
	  2 },
	{ "plain", GIB, 0, RW, 1, NULL, { "map", HOLE, "unlock" }, "ENOMEM", 2 },
	{ "plain", GIB, 0, RW, 1, NULL, { "map", HOLE, "sync" }, "ENOMEM", 2 },
	{ "plain", GIB, 0, RW, 1, NULL, { "map", HOLE, "advise advice=dontneed" }, "ENOMEM", 2 },
	{ "plain", GIB, 0, RW, 1, NULL, { "map", HOLE, "remap to=2GiB" }, "EFAULT", 2 },
	{ "plain", GIB, 0, RW, 1, NULL, { "map", HOLE, "remap to=4KiB" }, "", 2 },
	{ "plain", GIB, 0, RW, 1, NULL, { "map", HOLE, "unmap from=4MiB" }, "", 2 },
	{ "plain", GIB, 0, RW, 1, NULL, { "map", HOLE, "refault" }, "", 2 },
	{ "plain",
	  15 * GIB,
	  0,
	  RW,
	  1,
	  NULL,
	  { "map", "unmap from=1GiB amount=15GiB", "touch" },
	  "ok",
	  -1 },
	{ "plain", GIB, 0, RW, 1, NULL, { "brk", "brk amount=1GiB" }, "ok", -1 },
	{ "plain", GIB, 0, RW, 1, NULL, { "brk amount=17GiB" }, "ENOMEM", 0 },
	{ "plain", GIB, 0, RW, 1, "2", { "brk amount=9GiB" }, "ENOMEM", 0 },
	{ "plain", GIB, 0, RW, 1, NULL, { "churn" }, "ok", -1 },
	{ "plain", 17 * GIB, 0, RW, 1, NULL, { "churn" }, "ENOMEM", 0 },
	{ "plain", GIB, 0, RW, 1, NULL, { "churn live=64" }, "ok", -1 },
	/* Each asks by itself but in mode never; and whether two workers meet is open. */
	{ "plain", GIB, 0, RW, 1, "2", { "churn live=64" }, "ENOMEM", 0 },
	{ "plain", 4 * GIB, 0, RW, 4, NULL, { "churn" }, "ok", -1 },
	{ "plain", 4 * GIB, 0, RW, 4, "2", { "churn" }, "", 0 },
	{ "plain", GIB, MAP_POPULATE, RW, 1, NULL, { "churn" }, "", 0 },
	{ "plain", GIB, 0, RW, 1, "2", { "map", "churn", "unmap", "churn live=2" }, "ok", -1 },
	{ "plain", GIB, 0, RW, 1, NULL, { "churn pairs=70000 live=65536" }, "", 0 },
	/* Two threads ask for one place. */
	{ "plain", GIB, MAP_FIXED_NOREPLACE, RW, 1, NULL, { "map address=256GiB" }, "ok", -1 },
	{ "plain", GIB, MAP_FIXED_NOREPLACE, RW, 2, NULL, { "map address=256GiB" }, "", 0 },
	/* A process has 128 TiB for all its threads; whether they come at once is open. */
	{ "plain", 16384 * GIB, MAP_NORESERVE, RW, 4, NULL, { "map" }, "ok", -1 },
	{ "plain", 16384 * GIB, MAP_NORESERVE, RW, 9, NULL, { "map" }, "", 0 },
	{ "plain", 16384 * GIB, MAP_NORESERVE, RW, 2, NULL, { "churn live=3" }, "ok", -1 },
	{ "plain", 16384 * GIB, MAP_NORESERVE, RW, 2, NULL, { "churn live=4" }, "", 0 },
	{ "plain", GIB, 0, RW, 1, NULL, { "many count=1000" }, "ok", -1 },
	{ "plain", GIB, 0, RW, 1, NULL, { "many count=70000" }, "ENOMEM", 0 },
	{ "plain", GIB, 0, RW, 1, NULL, { "many count=65500" }, "", 0 },
	{ "plain", GIB, 0, RW, 1, "2", { "many count=20000 size=1MiB" }, "ENOMEM", 0 },
	{ "plain", GIB, 0, RW, 1, NULL, { "map", "fill", "verify", "unmap" }, "ok", -1 },
	{ "plain", GIB, 0, RW, 1, NULL, { "map", "verify" }, "", 1 },
	/* Only what was filled in last, and is there still, is what verify finds for sure. */
	{ "plain",
	  GIB,
	  0,
	  RW,
	  1,
	  NULL,
	  { "map", "fill pattern=address", "verify pattern=checker" },
	  "",
	  2 },
	{ "plain",
	  GIB,
	  0,
	  RW,
	  1,
	  NULL,
	  { "map", "fill pattern=random seed=7", "verify pattern=random" },
	  "",
	  2 },
	{ "plain",
	  GIB,
	  0,
	  RW,
	  1,
	  NULL,
	  { "map", "fill pattern=ones seed=7", "verify pattern=ones" },
	  "ok",
	  -1 },
	{ "plain",
	  GIB,
	  0,
	  RW,
	  1,
	  NULL,
	  { "map", "fill pattern=ones", "fill", "verify" },
	  "ok",
	  -1 },
	{ "plain", GIB, 0, RW, 1, NULL, { "map", "fill", "touch", "verify" }, "", 3 },
	{ "plain",
	  GIB,
	  0,
	  RW,
	  1,
	  NULL,
	  { "map", "fill", "touch access=read", "verify" },
	  "ok",
	  -1 },
	{ "plain",
	  GIB,
	  0,
	  RW,
	  1,
	  NULL,
	  { "map", "fill", "advise advice=dontneed", "verify" },
	  "",
	  3 },
	{ "plain", GIB, 0, RW, 1, NULL, { "map", "fill", "advise advice=cold", "verify" }, "", 2 },
	{ "plain", GIB, 0, RW, 1, NULL, { "map", "fill", "remap to=2GiB", "verify" }, "", 3 },
	{ "plain", GIB, 0, RW, 1, NULL, { "map", "fill", "remap to=512MiB", "verify" }, "ok", -1 },
	{ "plain", GIB, 0, PROT_READ, 1, NULL, { "map", "stream" }, "SIGSEGV", 1 },
	{ "plain", GIB, 0, PROT_READ, 1, NULL, { "map", "stream kind=read" }, "ok", -1 },
	{ "plain", 15 * GIB, MAP_POPULATE, RW, 1, NULL, { "map" }, "", 0 },
	{ "plain", 5 * GIB, 0, RW, 1, "2", { "map", "fork" }, "ENOMEM", 1 },
	/* Each fits alone; in mode never they add up. */
	{ "plain", 4 * GIB, 0, RW, 4, NULL, { "map", "unmap" }, "ok", -1 },
	{ "plain", 4 * GIB, 0, RW, 4, "2", { "map", "unmap" }, "ENOMEM", 0 },
	/* What is unmapped can be mapped again. */
	{ "plain", 4 * GIB, 0, RW, 1, "2", { "map", "unmap", "map", "unmap" }, "ok", -1 },
	{ "pools", GIB, MAP_HUGETLB, RW, 1, NULL, { "map" }, "ENOMEM", 0 },
	{ "pools", GIB / 2, MAP_HUGETLB, RW, 1, NULL, { "map", "touch" }, "ok", -1 },
	{ "linux-4.19", 17 * GIB, 0, RW, 1, NULL, { "map" }, "", 0 },
};

static void repetitions(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		const struct vector *v = &vectors[i];
		struct op_call calls[5];
		unsigned int n = 0;
		struct outlook o;

		load(v->snapshot);
		conditions.map.length_bytes = v->length;
		conditions.map.flags |= v->extra_flags;
		conditions.map.protection = v->protection;
		conditions.nr_workers = v->nr_workers;
		if (v->overcommit)
			conditions_want(&conditions, "vm.overcommit_memory", v->overcommit, NULL);
		for (; n < 5 && v->steps[n]; n++)
			call_of(v->steps[n], &calls[n]);
		model_outcome(&machine.host, &machine.process, &conditions, calls, NULL, n, &o);
		if (strcmp(o.outcome, v->outcome) != 0 || o.step != v->step)
			fail_msg("vector %zu: \"%s\" at %d by %s", i, o.outcome, o.step,
				 rule_get(o.rule)->name);
	}
}

static void the_host_as_wanted(void **state)
{
	static struct host under;

	(void)state;
	load("plain");
	conditions_want(&conditions, "vm.overcommit_memory", "2", NULL);
	conditions_want(&conditions, "vm.overcommit_kbytes", "1048576", NULL);
	conditions_want(&conditions, "hugetlb.2MiB", "512", NULL);
	conditions_want(&conditions, "vm.swappiness", "10", NULL);
	conditions.limit_given[LIMIT_AS] = true;
	conditions.limit_bytes[LIMIT_AS] = GIB;
	model_host_under(&machine.host, &conditions, &under);
	assert_int_equal(under.overcommit, OVERCOMMIT_NEVER);
	assert_true(under.commit_limit_bytes == GIB);
	assert_int_equal(under.overcommit_ratio, 0);
	assert_int_equal(under.pools[0].free, 512);
	assert_true(under.limit_as == GIB);
	assert_true(under.ram_bytes == machine.host.ram_bytes);
}

/* Only a hole inside needs one mapping more (mm/vma.c vms_gather_munmap_vmas). */
static void a_hole_at_the_limit(void **state)
{
	static const struct {
		const char *step;
		uint64_t most; /* mappings more than the process has */
		const char *outcome;
	} rows[] = {
		{ HOLE, 1, "ENOMEM" },
		{ HOLE, 2, "ok" },
		{ "unmap from=1MiB", 1, "ok" },
		{ "unmap amount=1MiB", 1, "ok" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct op_call calls[2];
		struct outlook o;
		char most[32];

		load("plain");
		conditions.map.length_bytes = GIB;
		snprintf(most, sizeof(most), "%" PRIu64, machine.process.nr_maps + rows[i].most);
		conditions_want(&conditions, "vm.max_map_count", most, NULL);
		call_of("map", &calls[0]);
		call_of(rows[i].step, &calls[1]);
		model_outcome(&machine.host, &machine.process, &conditions, calls, NULL, 2, &o);
		if (strcmp(o.outcome, rows[i].outcome) != 0)
			fail_msg("%s with %s: \"%s\"", rows[i].step, most, o.outcome);
		assert_int_equal(o.rule, o.verdict == VERDICT_REFUSED ? RULE_MAP_COUNT : RULE_NONE);
	}
}

/* An operation without a row would be open in every scenario, and nobody would see it. */
static void every_operation_has_rules(void **state)
{
	(void)state;
	load("plain");
	conditions.map.length_bytes = 16 * MIB;
	for (size_t i = 0; ops[i]; i++) {
		struct arg_value values[ARGS_MAX] = { { false } };
		struct op_call calls[2];
		struct error err = { "" };
		const struct op *op = ops[i];
		struct outlook o;
		bool known = true;

		for (unsigned int k = 0; op->args && op->args[k].name; k++)
			known &= op->args[k].initial &&
				 !arg_parse(&op->args[k], op->args[k].initial, &values[k], &err);
		if (known &&
		    !op_call_resolve(op, values, &conditions, &machine.host, &calls[1], &err)) {
			call_of("map", &calls[0]);
			model_outcome(&machine.host, &machine.process, &conditions, calls, NULL, 2,
				      &o);
			if (!o.outcome[0] && strcmp(op->name, "verify") != 0)
				fail_msg("%s has no rules in model/course.c", op->name);
		}
		for (unsigned int k = 0; op->args && op->args[k].name; k++)
			if (op->args[k].type == ARG_WORDS)
				free(values[k].words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_operation_has_rules),
		cmocka_unit_test(repetitions),
		cmocka_unit_test(a_hole_at_the_limit),
		cmocka_unit_test(the_host_as_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
