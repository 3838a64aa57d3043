// SPDX-License-Identifier: MIT
/*
 * Every rule of the table in a sentence that a reader meets: each is brought about on a stored
 * machine, so that the figures in it are those of a real comparison.
 */
#include "model/explain.h"

#include "base/cleanup.h"
#include "tests/model/stored.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#define MIB  (1ull << 20)
#define GIB  (1ull << 30)
#define TIB  (1ull << 40)
#define PA   (MAP_PRIVATE | MAP_ANONYMOUS)
#define RW   (PROT_READ | PROT_WRITE)
#define HUGE (PA | MAP_HUGETLB)

static struct snapshot machine;
static struct model model;

/* ---- What is changed about the machine ---- */

static void limit_as(void)
{
	machine.host.limit_as = GIB;
}

static void limit_data(void)
{
	machine.host.limit_data = GIB;
}

static void no_lock(void)
{
	machine.host.limit_memlock = 0;
}

static void full_map(void)
{
	machine.process.nr_maps = (unsigned int)machine.host.max_map_count + 1;
}

static void low_only(void)
{
	machine.process.nr_holes = 1;
	machine.process.holes[0] = (struct process_hole){ 0, machine.process.lowest_address };
	machine.host.kernel_version = KERNEL(6, 1);
}

static void never(void)
{
	machine.host.overcommit = OVERCOMMIT_NEVER;
}

static void never_full(void)
{
	never();
	machine.host.committed_bytes = model_commit_limit(&machine.host);
}

static void no_surplus(void)
{
	machine.host.pools[0].overcommit = 0;
}

static void in_group(void)
{
	machine.host.group_limit_bytes = 256 * MIB;
	machine.host.group_room_bytes = 200 * MIB;
}

/* ---- What is done to the mapping ---- */

static void touch(struct model_mapping *mapping, struct prediction *ret)
{
	model_touch(&model, mapping, mapping->length_bytes, true, ret);
}

static void remap(struct model_mapping *mapping, uint64_t old_bytes, int flags,
		  struct prediction *ret)
{
	struct remap_request r = { .old_bytes = old_bytes,
				   .new_bytes = 2 * mapping->length_bytes,
				   .flags = flags,
				   .to_end = true };

	model_remap(&model, mapping, &r, ret);
}

static void grow(struct model_mapping *mapping, struct prediction *ret)
{
	remap(mapping, mapping->length_bytes, MREMAP_MAYMOVE, ret);
}

static void grow_in_place(struct model_mapping *mapping, struct prediction *ret)
{
	remap(mapping, mapping->length_bytes, 0, ret);
}

static void grow_too_much(struct model_mapping *mapping, struct prediction *ret)
{
	remap(mapping, mapping->length_bytes + 4096, MREMAP_MAYMOVE, ret);
}

static void duplicate(struct model_mapping *mapping, struct prediction *ret)
{
	remap(mapping, 0, MREMAP_MAYMOVE, ret);
}

static void touch_hole(struct model_mapping *mapping, struct prediction *ret)
{
	mapping->hole_offset = MIB / 2;
	mapping->hole_bytes = 4096;
	touch(mapping, ret);
}

static void touch_past(struct model_mapping *mapping, struct prediction *ret)
{
	mapping->length_bytes *= 2;
	touch(mapping, ret);
}

static const struct {
	enum rule_id rule;
	const char *snapshot;
	void (*change)(void);
	struct map_request request;
	const char *op;
	void (*deed)(struct model_mapping *mapping, struct prediction *ret);
	const char *outcome, *sentence;
} cases[] = {
	{ RULE_LENGTH_ZERO,
	  "plain",
	  NULL,
	  { .flags = PA, .protection = RW },
	  "map",
	  NULL,
	  "EINVAL",
	  "mmap of 0 B private anonymous writable was refused with EINVAL: a "
	  "mapping of no bytes is not possible." },
	{ RULE_LENGTH_OVERFLOW,
	  "plain",
	  NULL,
	  { .length_bytes = UINT64_MAX, .flags = PA, .protection = RW },
	  "map",
	  NULL,
	  "ENOMEM",
	  "mmap of 16.0 EiB private anonymous writable was refused with ENOMEM: "
	  "the length, rounded up to whole pages, does not fit into 64 bits." },
	{ RULE_FLAGS,
	  "linux-4.19",
	  NULL,
	  { .length_bytes = MIB, .flags = MAP_DROPPABLE | MAP_ANONYMOUS, .protection = RW },
	  "map",
	  NULL,
	  "EINVAL",
	  "mmap of 1 MiB droppable anonymous writable was refused with EINVAL: "
	  "this kernel does not take these flags together." },
	{ RULE_HUGE_PAGE_SIZE,
	  "pools",
	  NULL,
	  { .length_bytes = MIB, .flags = HUGE, .protection = RW, .huge_page_bytes = 16 * MIB },
	  "map",
	  NULL,
	  "EINVAL",
	  "mmap of 1 MiB private hugetlb writable was refused with EINVAL: the "
	  "machine has no hugetlb pages of this size." },
	{ RULE_MAP_COUNT,
	  "plain",
	  full_map,
	  { .length_bytes = MIB, .flags = PA, .protection = RW },
	  "map",
	  NULL,
	  "ENOMEM",
	  "mmap of 1 MiB private anonymous writable was refused with ENOMEM: "
	  "the process has as many mappings as vm.max_map_count permits "
	  "(65530)." },
	{ RULE_ADDRESS_SPACE,
	  "plain",
	  NULL,
	  { .length_bytes = 200 * TIB, .flags = PA, .protection = RW },
	  "map",
	  NULL,
	  "ENOMEM",
	  "mmap of 200 TiB private anonymous writable was refused with ENOMEM: "
	  "no hole of the address space is large enough (85.3 TiB)." },
	{ RULE_ADDRESS_TAKEN,
	  "plain",
	  NULL,
	  { .address = 0x555555554000,
	    .length_bytes = MIB,
	    .flags = PA | MAP_FIXED_NOREPLACE,
	    .protection = RW },
	  "map",
	  NULL,
	  "EEXIST",
	  "mmap of 1 MiB private anonymous writable was refused with EEXIST: "
	  "MAP_FIXED_NOREPLACE does not map over what is there already." },
	{ RULE_LOWEST_ADDRESS,
	  "plain",
	  low_only,
	  { .length_bytes = 32768, .flags = PA, .protection = RW },
	  "map",
	  NULL,
	  "EPERM",
	  "mmap of 32 KiB private anonymous writable was refused with EPERM: "
	  "only CAP_SYS_RAWIO may map below vm.mmap_min_addr, and no other "
	  "place is large enough." },
	{ RULE_LOCK_PERMISSION,
	  "plain",
	  no_lock,
	  { .length_bytes = MIB, .flags = PA | MAP_LOCKED, .protection = RW },
	  "map",
	  NULL,
	  "EPERM",
	  "mmap of 1 MiB private anonymous writable, locked was refused with "
	  "EPERM: with RLIMIT_MEMLOCK 0 only CAP_IPC_LOCK may lock memory." },
	{ RULE_LIMIT_MEMLOCK,
	  "plain",
	  NULL,
	  { .length_bytes = 64 * MIB, .flags = PA | MAP_LOCKED, .protection = RW },
	  "map",
	  NULL,
	  "EAGAIN",
	  "mmap of 64 MiB private anonymous writable, locked was refused with "
	  "EAGAIN: the process would have more memory locked than "
	  "RLIMIT_MEMLOCK permits (8 MiB)." },
	{ RULE_LIMIT_AS,
	  "plain",
	  limit_as,
	  { .length_bytes = 2 * GIB, .flags = PA, .protection = RW },
	  "map",
	  NULL,
	  "ENOMEM",
	  "mmap of 2 GiB private anonymous writable was refused with ENOMEM: "
	  "the address space of the process would be larger than RLIMIT_AS "
	  "permits (2.03 GiB, at most 1 GiB)." },
	{ RULE_LIMIT_DATA,
	  "plain",
	  limit_data,
	  { .length_bytes = 2 * GIB, .flags = PA, .protection = RW },
	  "map",
	  NULL,
	  "ENOMEM",
	  "mmap of 2 GiB private anonymous writable was refused with ENOMEM: "
	  "the private writable memory of the process would be larger than "
	  "RLIMIT_DATA permits (2.00 GiB, at most 1 GiB)." },
	{ RULE_HEURISTIC,
	  "plain",
	  NULL,
	  { .length_bytes = 17 * GIB, .flags = PA, .protection = RW },
	  "map",
	  NULL,
	  "ENOMEM",
	  "mmap of 17 GiB private anonymous writable was refused with ENOMEM: "
	  "heuristic overcommit refuses a single request larger than RAM + swap "
	  "(16 GiB)." },
	{ RULE_HEURISTIC_FREE,
	  "linux-4.19",
	  NULL,
	  { .length_bytes = 64 * GIB, .flags = PA, .protection = RW },
	  "map",
	  NULL,
	  "ENOMEM",
	  "mmap of 64 GiB private anonymous writable was refused with ENOMEM: "
	  "heuristic overcommit refuses a request larger than what is free or "
	  "could be freed, with swap (18.0 GiB)." },
	{ RULE_COMMIT_LIMIT,
	  "plain",
	  never,
	  { .length_bytes = 12 * GIB, .flags = PA, .protection = RW },
	  "map",
	  NULL,
	  "ENOMEM",
	  "mmap of 12 GiB private anonymous writable was refused with ENOMEM: "
	  "with vm.overcommit_memory=2 (never) the kernel refuses what would "
	  "bring Committed_AS up to the commit limit less the reserves (13 GiB, "
	  "at most 7.99 GiB)." },
	{ RULE_OBJECT_SIZE,
	  "plain",
	  NULL,
	  { .length_bytes = 16 * TIB,
	    .flags = MAP_SHARED,
	    .protection = RW,
	    .backing = BACKING_FILE },
	  "map",
	  NULL,
	  "EFBIG",
	  "mmap of 16 TiB shared file writable was refused with EFBIG: how "
	  "large a file may be is for its file system to say (open between 8 "
	  "TiB and 8.00 EiB)." },
	{ RULE_HUGE_PAGE_POOL,
	  "pools",
	  no_surplus,
	  { .length_bytes = GIB, .flags = HUGE, .protection = RW },
	  "map",
	  NULL,
	  "ENOMEM",
	  "mmap of 1 GiB private hugetlb writable was refused with ENOMEM: the "
	  "pool has too few huge pages that are neither in use nor reserved "
	  "(824 MiB)." },
	{ RULE_HUGE_PAGE_FAULT,
	  "pools",
	  no_surplus,
	  { .length_bytes = 2 * GIB, .flags = HUGE | MAP_NORESERVE, .protection = RW },
	  "touch",
	  touch,
	  "SIGBUS",
	  "touching 2 GiB private hugetlb writable, noreserve ended in SIGBUS: "
	  "a mapping without reservation finds the huge page pool empty when it "
	  "is touched (2 GiB, at most 824 MiB)." },
	{ RULE_REMAP_HUGE,
	  "pools",
	  NULL,
	  { .length_bytes = 64 * MIB, .flags = HUGE, .protection = RW },
	  "remap",
	  grow,
	  "EINVAL",
	  "mremap of 64 MiB private hugetlb writable was refused with EINVAL: a "
	  "hugetlb mapping can neither grow nor leave its old range mapped (128 "
	  "MiB, at most 64 MiB)." },
	{ RULE_REMAP_RANGE,
	  "plain",
	  NULL,
	  { .length_bytes = MIB, .flags = PA, .protection = RW },
	  "remap",
	  grow_too_much,
	  "EFAULT",
	  "mremap of 1 MiB private anonymous writable was refused with EFAULT: "
	  "the range to be remapped is not part of one mapping (1052672 B, at "
	  "most 1048576 B)." },
	{ RULE_REMAP_PRIVATE_COPY,
	  "plain",
	  NULL,
	  { .length_bytes = MIB, .flags = PA, .protection = RW },
	  "remap",
	  duplicate,
	  "EINVAL",
	  "mremap of 1 MiB private anonymous writable was refused with EINVAL: "
	  "a private mapping cannot be duplicated." },
	{ RULE_REMAP_IN_PLACE,
	  "plain",
	  NULL,
	  { .length_bytes = MIB, .flags = PA, .protection = RW },
	  "remap",
	  grow_in_place,
	  "ENOMEM",
	  "mremap of 1 MiB private anonymous writable was refused with ENOMEM: "
	  "there is no room to grow in place, and moving was not permitted (2 "
	  "MiB, at most 1 MiB)." },
	{ RULE_PROTECTION_FAULT,
	  "plain",
	  NULL,
	  { .length_bytes = MIB, .flags = PA, .protection = PROT_READ },
	  "touch",
	  touch,
	  "SIGSEGV",
	  "touching 1 MiB private anonymous read-only ended in SIGSEGV: the "
	  "protection of the mapping does not permit this access." },
	{ RULE_HOLE,
	  "plain",
	  NULL,
	  { .length_bytes = MIB, .flags = PA, .protection = RW },
	  "touch",
	  touch_hole,
	  "SIGSEGV",
	  "touching 1 MiB private anonymous writable ended in SIGSEGV: a part of "
	  "the range was unmapped before (1 MiB, at most 512 KiB)." },
	{ RULE_PAST_OBJECT,
	  "plain",
	  NULL,
	  { .length_bytes = MIB, .flags = MAP_SHARED, .protection = RW, .backing = BACKING_MEMFD },
	  "touch",
	  touch_past,
	  "SIGBUS",
	  "touching 1 MiB shared memfd writable ended in SIGBUS: the mapping is "
	  "longer than the object behind it, and what lies past the object "
	  "cannot be touched (2 MiB, at most 1 MiB)." },
	{ RULE_OUT_OF_MEMORY,
	  "plain",
	  NULL,
	  { .length_bytes = TIB, .flags = PA | MAP_NORESERVE, .protection = RW },
	  "touch",
	  touch,
	  "oom-killed",
	  "touching 1 TiB private anonymous writable, noreserve ended as "
	  "oom-killed: more would be resident than RAM and swap can hold: the "
	  "OOM killer ends it (1 TiB, at most 16 GiB)." },
	{ RULE_GROUP_MEMORY,
	  "plain",
	  in_group,
	  { .length_bytes = GIB, .flags = PA, .protection = RW },
	  "touch",
	  touch,
	  "oom-killed",
	  "touching 1 GiB private anonymous writable ended as oom-killed: more "
	  "would be resident than the control group of the process may hold: "
	  "its OOM killer ends it (1 GiB, at most 256 MiB)." },
	{ RULE_OBJECT_PAGES,
	  "plain",
	  never_full,
	  { .length_bytes = GIB, .flags = MAP_SHARED, .protection = RW, .backing = BACKING_MEMFD },
	  "touch",
	  touch,
	  "SIGBUS",
	  "touching 1 GiB shared memfd writable ended in SIGBUS: pages of a "
	  "memfd or tmpfs file are charged one by one when they are touched, "
	  "and vm.overcommit_memory=2 (never) has none left to give (9 GiB, at "
	  "most 7.96 GiB)." },
};

static void sentences(void **state)
{
	bool told[RULES] = { [RULE_NONE] = true };

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct prediction p;
		char text[512];

		stored_machine(cases[i].snapshot, &machine);
		if (cases[i].change)
			cases[i].change();
		model_init(&model, &machine.host, &machine.process);
		model_map(&model, &cases[i].request, &p);
		if (cases[i].deed) {
			struct model_mapping mapping = p.mapping;

			assert_int_equal(p.verdict, VERDICT_GRANTED);
			model_apply(&model, &p);
			cases[i].deed(&mapping, &p);
		}
		happening_sentence(&cases[i].request, &p, cases[i].op, cases[i].outcome, text,
				   sizeof(text));
		assert_string_equal(rule_get(p.rule)->name, rule_get(cases[i].rule)->name);
		assert_string_equal(text, cases[i].sentence);
		told[p.rule] = true;
	}
	for (unsigned int i = 0; i < RULES; i++) {
		if (!told[i])
			fail_msg("no case for rule %s", rule_get((enum rule_id)i)->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sentences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
