// SPDX-License-Identifier: MIT
/* The rules on stored machines, with figures reckoned by hand from the kernel's formulas. */
#include "model/ceiling.h"
#include "model/explain.h"
#include "tests/model/stored.h"

#include "base/cleanup.h"
#include "base/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

#define KIB  (1ull << 10)
#define MIB  (1ull << 20)
#define GIB  (1ull << 30)
#define TIB  (1ull << 40)
#define RW   (PROT_READ | PROT_WRITE)
#define PA   (MAP_PRIVATE | MAP_ANONYMOUS)
#define SA   (MAP_SHARED | MAP_ANONYMOUS)
#define HUGE (PA | MAP_HUGETLB)
#define HOLE (0x555555554000ull - 65536)

struct vector {
	const char *snapshot;
	uint64_t length;
	int flags, protection;
	enum verdict verdict;
	enum rule_id rule;
	int error;
	int64_t committed;
};

#define GRANTED(charge)    VERDICT_GRANTED, RULE_NONE, 0, (int64_t)(charge)
#define REFUSED(rule, err) VERDICT_REFUSED, RULE_##rule, err, 0
#define OPEN(rule)         VERDICT_INDETERMINATE, RULE_##rule, 0, 0

/* 1 TiB, 512 CPUs, mode never with ratio 80, as root: see the comment at the vectors. */
#define TIB_ALLOWED 879608250368ull
#define TIB_SLACK   (511ull * 2047 * 4096)
#define TIB_ROOM    (TIB_ALLOWED - 4096 - 100 * GIB)

/* 64 KiB pages, overcommit_kbytes 8 GiB, 4 CPUs: batch 256 pages. */
#define ARM_ROOM  (8580497408ull - 64 * KIB - 1 * GIB)
#define ARM_SLACK (3ull * 255 * 64 * KIB)

static const struct vector maps[] = {
	/* Heuristic: one request against RAM + swap. */
	{ "plain", 16 * GIB, PA, RW, GRANTED(16 * GIB) },
	{ "plain", 16 * GIB + 1, PA, RW, REFUSED(HEURISTIC, ENOMEM) },
	{ "plain", 16 * GIB + 4 * KIB, PA, RW, REFUSED(HEURISTIC, ENOMEM) },
	{ "plain", 16 * GIB + 4 * KIB, PA | MAP_NORESERVE, RW, GRANTED(0) },
	{ "plain", 16 * GIB + 4 * KIB, PA, PROT_READ, GRANTED(0) },
	{ "plain", 16 * GIB + 4 * KIB, PA, PROT_NONE, GRANTED(0) },
	{ "plain", 16 * GIB, SA, PROT_NONE, GRANTED(16 * GIB) },
	{ "plain", 16 * GIB + 4 * KIB, SA, PROT_READ, REFUSED(HEURISTIC, ENOMEM) },
	{ "plain", 16 * GIB + 4 * KIB, SA | MAP_NORESERVE, RW, GRANTED(0) },
	{ "plain", 64 * GIB, MAP_DROPPABLE | MAP_ANONYMOUS, RW, GRANTED(0) },
	{ "linux-4.19", 1 * MIB, MAP_DROPPABLE | MAP_ANONYMOUS, RW, REFUSED(FLAGS, EINVAL) },
	{ "swap", 24 * GIB, PA, RW, GRANTED(24 * GIB) },
	{ "swap", 24 * GIB + 4 * KIB, PA, RW, REFUSED(HEURISTIC, ENOMEM) },
	{ "64-tib", 65 * TIB, PA, RW, GRANTED(65 * TIB) },
	{ "64-tib", 65 * TIB + 4 * KIB, PA, RW, REFUSED(HEURISTIC, ENOMEM) },
	/* Lengths and places */
	{ "plain", 0, PA, RW, REFUSED(LENGTH_ZERO, EINVAL) },
	{ "plain", UINT64_MAX, PA, RW, REFUSED(LENGTH_OVERFLOW, ENOMEM) },
	{ "plain", 1ull << 63, PA, PROT_NONE, REFUSED(ADDRESS_SPACE, ENOMEM) },
	{ "plain", HOLE, PA, PROT_NONE, GRANTED(0) },
	{ "plain", HOLE + 4 * KIB, PA, PROT_NONE, REFUSED(ADDRESS_SPACE, ENOMEM) },
	/* Where the search below 2 GiB begins is left to chance, within 32 MiB. */
	{ "plain", GIB - 32 * MIB, PA | MAP_32BIT, PROT_NONE, GRANTED(0) },
	{ "plain", GIB, PA | MAP_32BIT, PROT_NONE, OPEN(ADDRESS_SPACE) },
	{ "plain", GIB + 1, PA | MAP_32BIT, PROT_NONE, REFUSED(ADDRESS_SPACE, ENOMEM) },
	/* Locks: limit 8 MiB */
	{ "plain", 8 * MIB, PA | MAP_LOCKED, RW, GRANTED(8 * MIB) },
	{ "plain", 8 * MIB + 1, PA | MAP_LOCKED, RW, REFUSED(LIMIT_MEMLOCK, EAGAIN) },
	/* Pool of 512 pages, 100 reserved, 64 more permitted */
	{ "plain", 2 * MIB, HUGE, RW, REFUSED(HUGE_PAGE_POOL, ENOMEM) },
	{ "pools", 412 * 2 * MIB, HUGE, RW, GRANTED(0) },
	{ "pools", 412 * 2 * MIB, HUGE, PROT_NONE, GRANTED(0) },
	{ "pools", 413 * 2 * MIB, HUGE, RW, OPEN(HUGE_PAGE_POOL) },
	{ "pools", 477 * 2 * MIB, HUGE, RW, REFUSED(HUGE_PAGE_POOL, ENOMEM) },
	{ "pools", 477 * 2 * MIB, HUGE | MAP_NORESERVE, RW, GRANTED(0) },
	{ "pools", GIB, HUGE | 30 << 26, RW, GRANTED(0) },
	{ "pools", GIB + 1, HUGE | 30 << 26, RW, REFUSED(HUGE_PAGE_POOL, ENOMEM) },
	{ "pools", MIB, HUGE | 16 << 26, RW, REFUSED(HUGE_PAGE_SIZE, EINVAL) },
	/* Never: 214748364 pages are 80 % of 1 TiB; less min(32 MiB / 32, 128 MiB) for the user. */
	{ "one-tib-512-cpus", TIB_ROOM - TIB_SLACK, PA, RW, GRANTED(TIB_ROOM - TIB_SLACK) },
	{ "one-tib-512-cpus", TIB_ROOM - TIB_SLACK + 1, PA, RW, OPEN(COMMIT_LIMIT) },
	{ "one-tib-512-cpus", TIB_ROOM + TIB_SLACK, PA, RW, OPEN(COMMIT_LIMIT) },
	{ "one-tib-512-cpus", TIB_ROOM + TIB_SLACK + 1, PA, RW, REFUSED(COMMIT_LIMIT, ENOMEM) },
	{ "one-tib-512-cpus", TIB, PA | MAP_NORESERVE, RW, REFUSED(COMMIT_LIMIT, ENOMEM) },
	{ "one-tib-512-cpus", TIB, SA | MAP_NORESERVE, RW, REFUSED(COMMIT_LIMIT, ENOMEM) },
	{ "one-tib-512-cpus", TIB, PA, PROT_READ, GRANTED(0) },
	{ "one-tib-512-cpus", TIB, MAP_DROPPABLE | MAP_ANONYMOUS, RW, GRANTED(0) },
	{ "aarch64-64k", ARM_ROOM - ARM_SLACK, PA, RW, GRANTED(ARM_ROOM - ARM_SLACK) },
	{ "aarch64-64k", ARM_ROOM + ARM_SLACK + 1, PA, RW, REFUSED(COMMIT_LIMIT, ENOMEM) },
	{ "aarch64-64k", 64 * KIB + 1, PA, RW, GRANTED(128 * KIB) },
	{ "aarch64-64k", 4 * 512 * MIB, HUGE, RW, GRANTED(0) },
	{ "aarch64-64k", 5 * 512 * MIB, HUGE, RW, REFUSED(HUGE_PAGE_POOL, ENOMEM) },
	/* 4.19: 14 GiB available, 2 GiB of swap free, 8 MiB for root */
	{ "linux-4.19", 16 * GIB - 8 * MIB - 4 * KIB, PA, RW,
	  GRANTED(16 * GIB - 8 * MIB - 4 * KIB) },
	{ "linux-4.19", 16 * GIB - 8 * MIB, PA, RW, OPEN(HEURISTIC_FREE) },
	{ "linux-4.19", 18 * GIB - 4 * KIB, PA, RW, OPEN(HEURISTIC_FREE) },
	{ "linux-4.19", 18 * GIB, PA, RW, REFUSED(HEURISTIC_FREE, ENOMEM) },
};

static void map_vectors(void **state)
{
	static struct snapshot s;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(maps); i++) {
		const struct vector *v = &maps[i];
		struct map_request request = { .length_bytes = v->length,
					       .flags = v->flags,
					       .protection = v->protection };
		struct prediction p;
		struct model m;

		stored_machine(v->snapshot, &s);
		model_init(&m, &s.host, &s.process);
		model_map(&m, &request, &p);
		if (p.verdict != v->verdict || p.rule != v->rule || p.error != v->error ||
		    p.committed_bytes != v->committed)
			fail_msg("vector %zu (%s, %" PRIu64
				 "): %s by %s, error %d, charge %" PRId64,
				 i, v->snapshot, v->length, verdict_name(p.verdict),
				 rule_get(p.rule)->name, p.error, p.committed_bytes);
	}
}

/* One limit of a process at a time, to the page. */
static void process_limits(void **state)
{
	static struct snapshot s;
	struct map_request request = { .flags = PA, .protection = RW };
	struct prediction p;
	struct model m;

	(void)state;
	stored_machine("plain", &s);
	s.host.limit_as = 64 * MIB;
	model_init(&m, &s.host, &s.process);
	request.length_bytes = 32 * MIB;
	model_map(&m, &request, &p);
	assert_int_equal(p.verdict, VERDICT_GRANTED);
	request.length_bytes++;
	model_map(&m, &request, &p);
	assert_int_equal(p.rule, RULE_LIMIT_AS);
	request.protection = PROT_NONE;
	model_map(&m, &request, &p);
	assert_int_equal(p.rule, RULE_LIMIT_AS);

	s.host.limit_as = HOST_UNLIMITED;
	s.host.limit_data = 3 * MIB + 100; /* only whole pages of it count */
	request.length_bytes = 2 * MIB;
	request.protection = RW;
	model_map(&m, &request, &p);
	assert_int_equal(p.verdict, VERDICT_GRANTED);
	request.length_bytes++;
	model_map(&m, &request, &p);
	assert_int_equal(p.rule, RULE_LIMIT_DATA);
	request.protection = PROT_READ;
	model_map(&m, &request, &p);
	assert_int_equal(p.verdict, VERDICT_GRANTED);
	/* A soft limit of 0 falls back to the hard one. */
	s.host.limit_data = 0;
	request.protection = RW;
	model_map(&m, &request, &p);
	assert_int_equal(p.verdict, VERDICT_GRANTED);
	m.process.limit_data_hard = MIB;
	model_map(&m, &request, &p);
	assert_int_equal(p.rule, RULE_LIMIT_DATA);

	s.host.limit_data = HOST_UNLIMITED;
	m.process.nr_maps = s.host.max_map_count;
	model_map(&m, &request, &p);
	assert_int_equal(p.verdict, VERDICT_GRANTED);
	m.process.nr_maps++;
	model_map(&m, &request, &p);
	assert_int_equal(p.rule, RULE_MAP_COUNT);
}

static void fixed_places(void **state)
{
	static struct snapshot s;
	struct map_request request = { .length_bytes = MIB,
				       .flags = PA | MAP_FIXED_NOREPLACE,
				       .protection = RW };
	struct prediction p;
	struct model m;

	(void)state;
	stored_machine("plain", &s);
	model_init(&m, &s.host, &s.process);
	request.address = 256 * GIB;
	model_map(&m, &request, &p);
	assert_int_equal(p.verdict, VERDICT_GRANTED);
	request.address = 0x555555554000 - MIB + 4096;
	model_map(&m, &request, &p);
	assert_int_equal(p.error, EEXIST);
	request.address = (1ull << 47) - MIB;
	model_map(&m, &request, &p);
	assert_int_equal(p.rule, RULE_ADDRESS_SPACE);
	/* A hint is no more than that. */
	request.address = 0x555555554000;
	request.flags = PA;
	model_map(&m, &request, &p);
	assert_int_equal(p.verdict, VERDICT_GRANTED);
}

static void map_or_fail(struct model *m, uint64_t length, int flags, int protection,
			struct model_mapping *ret)
{
	struct map_request request = { .length_bytes = length,
				       .flags = flags,
				       .protection = protection };
	struct prediction p;

	model_map(m, &request, &p);
	assert_int_equal(p.verdict, VERDICT_GRANTED);
	model_apply(m, &p);
	*ret = p.mapping;
}

static void protections(void **state)
{
	static struct snapshot s;
	struct model_mapping mapping;
	struct prediction p;
	struct model m;

	(void)state;
	stored_machine("plain", &s);
	model_init(&m, &s.host, &s.process);
	map_or_fail(&m, 20 * GIB, PA, PROT_NONE, &mapping);
	model_protect(&m, &mapping, 20 * GIB, 0, RW, &p);
	assert_int_equal(p.rule, RULE_HEURISTIC);
	model_protect(&m, &mapping, 4 * GIB, 1, RW, &p);
	assert_int_equal(p.committed_bytes, 4 * GIB);
	/* What becomes read-only gives its charge back only untouched, and only since 6.7. */
	mapping = p.mapping;
	model_protect(&m, &mapping, 4 * GIB, 0, PROT_READ, &p);
	assert_true(p.committed_bytes == -(int64_t)(4 * GIB));
	mapping.traits |= MAPPED_TOUCHED;
	model_protect(&m, &mapping, 4 * GIB, 0, PROT_READ, &p);
	assert_int_equal(p.committed_bytes, 0);
	mapping.traits &= ~(unsigned int)MAPPED_TOUCHED;
	s.host.kernel_version = KERNEL(6, 6);
	model_protect(&m, &mapping, 4 * GIB, 0, PROT_READ, &p);
	assert_int_equal(p.committed_bytes, 0);
	/* No-reserve stays with the mapping. */
	map_or_fail(&m, 20 * GIB, PA | MAP_NORESERVE, PROT_NONE, &mapping);
	s.host.overcommit = OVERCOMMIT_NEVER;
	s.host.overcommit_ratio = 10;
	model_protect(&m, &mapping, 20 * GIB, 0, RW, &p);
	assert_int_equal(p.verdict, VERDICT_GRANTED);
	assert_int_equal(p.committed_bytes, 0);
	/* A split needs a mapping to spare. */
	m.process.nr_maps = s.host.max_map_count - 1;
	model_protect(&m, &mapping, GIB, 1, PROT_READ, &p);
	assert_int_equal(p.verdict, VERDICT_GRANTED);
	model_protect(&m, &mapping, GIB, 2, PROT_READ, &p);
	assert_int_equal(p.rule, RULE_MAP_COUNT);
}

/* Up to 6.3 the search on x86 found places that then were refused for being too low. */
static void low_places(void **state)
{
	static struct snapshot s;
	struct map_request request = { .flags = PA, .protection = PROT_NONE };
	struct prediction p;
	struct model m;

	(void)state;
	stored_machine("plain", &s);
	s.process.lowest_address = 65536;
	s.process.holes[0].start = 4096;
	s.host.cap_sys_rawio = false;
	model_init(&m, &s.host, &s.process);
	request.length_bytes = s.process.holes[0].end - 65536;
	model_map(&m, &request, &p);
	assert_int_equal(p.verdict, VERDICT_GRANTED);
	request.length_bytes += 4096;
	model_map(&m, &request, &p);
	assert_int_equal(p.rule, RULE_LOWEST_ADDRESS);
	assert_int_equal(p.error, EPERM);
	s.host.cap_sys_rawio = true;
	model_map(&m, &request, &p);
	assert_int_equal(p.verdict, VERDICT_GRANTED);
}

/* MREMAP_DONTUNMAP has changed twice; as 5.10, 6.12 and 6.18 do it. */
static void moves_that_leave_the_range(void **state)
{
	static const struct {
		unsigned int version;
		bool granted;
		uint64_t locked_bytes;
	} vectors[] = {
		{ KERNEL(5, 10), true, 0 },    { KERNEL(6, 12), false, 0 },
		{ KERNEL(6, 18), false, MIB }, { KERNEL(7, 1), false, MIB },
		{ KERNEL(7, 2), false, 0 },
	};
	static struct snapshot s;
	struct model_mapping mapping;
	struct remap_request r = { .flags = MREMAP_MAYMOVE | MREMAP_DONTUNMAP, .to_end = true };
	struct prediction p;
	struct model m;

	(void)state;
	stored_machine("plain", &s);
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		s.host.kernel_version = vectors[i].version;
		s.host.overcommit = OVERCOMMIT_HEURISTIC;
		model_init(&m, &s.host, &s.process);
		map_or_fail(&m, MIB, PA | MAP_LOCKED, RW, &mapping);
		r.old_bytes = r.new_bytes = MIB;
		model_remap(&m, &mapping, &r, &p);
		assert_int_equal(p.verdict, VERDICT_GRANTED);
		assert_int_equal(p.locked_vm_bytes, vectors[i].locked_bytes);
		/* Beyond the commit limit it once was charged without being asked for. */
		map_or_fail(&m, 15 * GIB, PA, RW, &mapping);
		s.host.overcommit = OVERCOMMIT_NEVER;
		r.old_bytes = r.new_bytes = 15 * GIB;
		model_remap(&m, &mapping, &r, &p);
		assert_int_equal(p.verdict == VERDICT_GRANTED, vectors[i].granted);
		assert_int_equal(p.committed_bytes, vectors[i].granted ? 15 * GIB : 0);
	}
}

/* What unmapping gives back to the pool, and what a touch without a reservation takes. */
static void pool_pages(void **state)
{
	static struct snapshot s;
	struct model_mapping mapping;
	struct prediction p;
	struct model m;

	(void)state;
	stored_machine("pools", &s);
	model_init(&m, &s.host, &s.process);
	map_or_fail(&m, 6 * MIB, HUGE, RW, &mapping);
	model_unmap(&m, &mapping, 2 * MIB, 1, false, &p);
	assert_true(p.pool_reserved_pages == -1);
	map_or_fail(&m, 6 * MIB, SA | MAP_HUGETLB, RW, &mapping);
	model_unmap(&m, &mapping, 2 * MIB, 1, false, &p);
	assert_true(p.pool_reserved_pages == 0);
	model_unmap(&m, &mapping, 6 * MIB, 0, true, &p);
	assert_true(p.pool_reserved_pages == -3);
	map_or_fail(&m, 6 * MIB, HUGE | MAP_NORESERVE, RW, &mapping);
	model_touch(&m, &mapping, 2 * MIB + 1, true, &p);
	assert_true(p.pool_reserved_pages == 2);
	mapping = p.mapping;
	model_touch(&m, &mapping, 6 * MIB, true, &p);
	assert_true(p.pool_reserved_pages == 1);
	model_unmap(&m, &mapping, 6 * MIB, 0, true, &p);
	assert_true(p.pool_reserved_pages == -2);
}

/* The control group's limit binds before the machine's memory does. */
static void group_memory(void **state)
{
	static struct snapshot s;
	struct model_mapping mapping;
	struct prediction p;
	struct model m;

	(void)state;
	stored_machine("plain", &s);
	s.host.group_limit_bytes = GIB;
	s.host.group_room_bytes = GIB / 2;
	model_init(&m, &s.host, &s.process);
	map_or_fail(&m, 2 * GIB, PA, RW, &mapping);
	model_touch(&m, &mapping, GIB / 4, true, &p);
	assert_int_equal(p.verdict, VERDICT_GRANTED);
	model_touch(&m, &mapping, GIB * 3 / 4, true, &p);
	assert_int_equal(p.verdict, VERDICT_INDETERMINATE);
	model_touch(&m, &mapping, GIB + 4096, true, &p);
	assert_int_equal(p.verdict, VERDICT_DEFERRED);
	assert_int_equal(p.rule, RULE_GROUP_MEMORY);
	/* Swap helps, unless it is not for the group. */
	s.host.swap_free_bytes = 8 * GIB;
	map_or_fail(&m, 2 * GIB, PA, RW, &mapping);
	model_touch(&m, &mapping, 2 * GIB, true, &p);
	assert_int_equal(p.verdict, VERDICT_GRANTED);
	s.host.group_swap_withheld_bytes = 8 * GIB;
	model_touch(&m, &mapping, 2 * GIB, true, &p);
	assert_int_equal(p.verdict, VERDICT_DEFERRED);
	assert_int_equal(p.rule, RULE_GROUP_MEMORY);
}

static void remaps(void **state)
{
	static struct snapshot s;
	struct model_mapping mapping;
	struct remap_request r = { .old_bytes = GIB, .to_end = true, .room_bytes = TIB };
	struct commit_terms terms;
	struct prediction p;
	struct model m;

	(void)state;
	stored_machine("plain", &s);
	model_init(&m, &s.host, &s.process);
	map_or_fail(&m, GIB, PA, RW, &mapping);
	r.new_bytes = 17 * GIB; /* grows by 16 */
	model_remap(&m, &mapping, &r, &p);
	assert_int_equal(p.committed_bytes, 16 * GIB);
	r.new_bytes += 4096;
	model_remap(&m, &mapping, &r, &p);
	assert_int_equal(p.rule, RULE_HEURISTIC);
	r.new_bytes = 2 * GIB;
	r.room_bytes = GIB - 4096;
	model_remap(&m, &mapping, &r, &p);
	assert_int_equal(p.rule, RULE_REMAP_IN_PLACE);
	r.flags = MREMAP_MAYMOVE;
	model_remap(&m, &mapping, &r, &p);
	assert_int_equal(p.verdict, VERDICT_GRANTED);
	m.process.nr_maps = s.host.max_map_count - 3;
	model_remap(&m, &mapping, &r, &p);
	assert_int_equal(p.rule, RULE_MAP_COUNT);
	m.process.nr_maps = 40;
	r.flags = MREMAP_MAYMOVE | MREMAP_DONTUNMAP;
	r.new_bytes = GIB;
	model_remap(&m, &mapping, &r, &p);
	assert_int_equal(p.committed_bytes, GIB);
	assert_int_equal(p.total_vm_bytes, GIB);
	/* A move that shrinks loses count since 6.15: nothing comes off Committed_AS. */
	r.flags = MREMAP_MAYMOVE | MREMAP_FIXED;
	r.new_bytes = GIB / 2;
	model_remap(&m, &mapping, &r, &p);
	assert_int_equal(p.committed_bytes, 0);
	s.host.kernel_version = KERNEL(6, 12);
	model_remap(&m, &mapping, &r, &p);
	assert_true(p.committed_bytes == -(int64_t)(GIB / 2));
	/* Nothing more is asked for too, but of what is left when the tail is gone. */
	s.host.overcommit = OVERCOMMIT_NEVER;
	model_commit_terms(&m, &terms);
	m.committed_bytes = (uint64_t)terms.allowed_bytes + GIB / 4;
	model_remap(&m, &mapping, &r, &p);
	assert_int_equal(p.verdict, VERDICT_GRANTED);
	r.new_bytes = GIB;
	model_remap(&m, &mapping, &r, &p);
	assert_int_equal(p.rule, RULE_COMMIT_LIMIT);
	s.host.overcommit = OVERCOMMIT_HEURISTIC;
	m.committed_bytes = 0;
	/* Shared anonymous memory grows past its object without a charge, and there it ends. */
	map_or_fail(&m, GIB, SA, RW, &mapping);
	r = (struct remap_request){
		.old_bytes = GIB, .new_bytes = 2 * GIB, .to_end = true, .room_bytes = TIB
	};
	model_remap(&m, &mapping, &r, &p);
	assert_int_equal(p.committed_bytes, 0);
	mapping = p.mapping;
	model_touch(&m, &mapping, 2 * GIB, true, &p);
	assert_int_equal(p.rule, RULE_PAST_OBJECT);
	assert_int_equal(rule_get(p.rule)->signal, SIGBUS);
}

static void forks_and_touches(void **state)
{
	static struct snapshot s;
	struct model_mapping mapping;
	struct prediction p;
	struct model m;

	(void)state;
	stored_machine("plain", &s);
	model_init(&m, &s.host, &s.process);
	map_or_fail(&m, 10 * GIB, PA, RW, &mapping);
	map_or_fail(&m, 10 * GIB, PA, RW, &mapping);
	model_fork(&m, &p); /* each fits by itself */
	assert_int_equal(p.verdict, VERDICT_GRANTED);
	assert_true(p.committed_bytes == (int64_t)(20 * GIB + MIB));
	m.process.largest_accounted_bytes = 20 * GIB; /* merged */
	model_fork(&m, &p);
	assert_int_equal(p.rule, RULE_HEURISTIC);
	/* More than RAM in one process can be granted, not filled. */
	map_or_fail(&m, 64 * GIB, PA | MAP_NORESERVE, RW, &mapping);
	model_touch(&m, &mapping, 64 * GIB, true, &p);
	assert_int_equal(p.rule, RULE_OUT_OF_MEMORY);
	model_touch(&m, &mapping, 64 * GIB, false, &p);
	assert_int_equal(p.verdict, VERDICT_GRANTED);
	map_or_fail(&m, MIB, PA, PROT_NONE, &mapping);
	model_touch(&m, &mapping, 4096, false, &p);
	assert_int_equal(p.rule, RULE_PROTECTION_FAULT);
	stored_machine("pools", &s);
	model_init(&m, &s.host, &s.process);
	map_or_fail(&m, 600 * 2 * MIB, HUGE | MAP_NORESERVE, RW, &mapping);
	model_touch(&m, &mapping, 412 * 2 * MIB, true, &p);
	assert_int_equal(p.verdict, VERDICT_GRANTED);
	s.host.pools[0].overcommit = 0;
	model_touch(&m, &mapping, 413 * 2 * MIB, true, &p);
	assert_int_equal(p.rule, RULE_HUGE_PAGE_FAULT);
}

/* With the counter just folded the border is exact, and what is below a batch is not seen at all.
 */
static void folded_counter(void **state)
{
	static struct snapshot s;
	struct map_request request = { .flags = PA, .protection = RW };
	struct prediction p;
	struct model m;

	(void)state;
	stored_machine("one-tib-512-cpus", &s);
	model_init(&m, &s.host, &s.process);
	m.folded = true;
	request.length_bytes = TIB_ROOM;
	model_map(&m, &request, &p);
	assert_int_equal(p.verdict, VERDICT_GRANTED);
	request.length_bytes += 4096;
	model_map(&m, &request, &p);
	assert_int_equal(p.rule, RULE_COMMIT_LIMIT);
	assert_int_equal(p.verdict, VERDICT_REFUSED);
	m.committed_bytes = TIB_ALLOWED - 4096;
	request.length_bytes = 2047 * 4096ull;
	model_map(&m, &request, &p);
	assert_int_equal(p.verdict, VERDICT_GRANTED);
	request.length_bytes += 4096;
	model_map(&m, &request, &p);
	assert_int_equal(p.verdict, VERDICT_REFUSED);
}

/* Pages that are charged one by one as mmap fills the mapping: all, some, or none of them. */
static void filled_at_the_limit(void **state)
{
	static const struct {
		uint64_t committed;
		int64_t charge, band;
		bool filled;
	} vectors[] = {
		{ TIB_ALLOWED - 10000 * 4096ull, 8000 * 4096, 0, true },
		{ TIB_ALLOWED - 4096, 4000 * 4096, 4000 * 4096, false },
		{ TIB_ALLOWED, 0, 0, false },
	};
	struct map_request request = { .flags = MAP_SHARED | MAP_POPULATE,
				       .protection = RW,
				       .backing = BACKING_MEMFD,
				       .length_bytes = 8000 * 4096ull };
	static struct snapshot s;
	struct prediction p;
	struct model m;

	(void)state;
	stored_machine("one-tib-512-cpus", &s);
	model_init(&m, &s.host, &s.process);
	m.folded = true;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		m.committed_bytes = vectors[i].committed;
		model_map(&m, &request, &p);
		assert_int_equal(p.verdict, VERDICT_GRANTED); /* the call does not say */
		assert_true(p.committed_bytes == vectors[i].charge);
		assert_true((int64_t)p.band_bytes == vectors[i].band);
		assert_true(!(p.mapping.traits & MAPPED_FILLED) == !vectors[i].filled);
	}
}

static void ceilings(void **state)
{
	static const struct {
		const char *snapshot;
		int flags, protection;
		uint64_t low, bytes;
		enum rule_id rule;
	} vectors[] = {
		{ "plain", PA, RW, 16 * GIB, 16 * GIB, RULE_HEURISTIC },
		{ "swap", SA, RW, 24 * GIB, 24 * GIB, RULE_HEURISTIC },
		{ "plain", PA | MAP_NORESERVE, RW, HOLE, HOLE, RULE_ADDRESS_SPACE },
		{ "plain", PA | MAP_LOCKED, RW, 8 * MIB, 8 * MIB, RULE_LIMIT_MEMLOCK },
		{ "one-tib-512-cpus", PA, RW, TIB_ROOM - TIB_SLACK, TIB_ROOM, RULE_COMMIT_LIMIT },
		{ "one-tib-512-cpus", PA | MAP_NORESERVE, RW, TIB_ROOM - TIB_SLACK, TIB_ROOM,
		  RULE_COMMIT_LIMIT },
		{ "plain", HUGE, RW, 0, 0, RULE_HUGE_PAGE_POOL },
		{ "aarch64-64k", HUGE, RW, 2 * GIB, 2 * GIB, RULE_HUGE_PAGE_POOL },
	};
	static struct snapshot s;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		struct map_request request = { .flags = vectors[i].flags,
					       .protection = vectors[i].protection };
		struct ceiling c;
		struct model m;

		stored_machine(vectors[i].snapshot, &s);
		model_init(&m, &s.host, &s.process);
		model_ceiling(&m, &request, &c);
		assert_in_range(c.high_bytes - c.bytes, c.bytes - c.low_bytes,
				c.bytes - c.low_bytes + s.host.page_bytes);
		if (c.low_bytes != vectors[i].low || c.bytes != vectors[i].bytes ||
		    c.rule != vectors[i].rule)
			fail_msg("ceiling %zu: %" PRIu64 " to %" PRIu64 " by %s", i, c.low_bytes,
				 c.bytes, rule_get(c.rule)->name);
	}
}

/* Every remedy that is offered was granted by the model; the obvious ones are there. */
static void remedies(void **state)
{
	static struct snapshot s;
	struct map_request request = { .length_bytes = 17 * GIB, .flags = PA, .protection = RW };
	struct remedy list[REMEDIES_MAX];
	struct prediction p;
	struct model m;
	bool noreserve = false, smaller = false;
	unsigned int n;

	(void)state;
	stored_machine("plain", &s);
	model_init(&m, &s.host, &s.process);
	model_map(&m, &request, &p);
	n = prediction_remedies(&m, &request, &p, list);
	assert_true(n >= 4);
	for (unsigned int i = 0; i < n; i++) {
		assert_int_equal(list[i].then.verdict, VERDICT_GRANTED);
		noreserve |= strstr(list[i].text, "noreserve") != NULL;
		smaller |= strstr(list[i].text, "16GiB") != NULL;
	}
	assert_true(noreserve && smaller);
	/* In mode never no-reserve is not heeded, so it is not offered. */
	stored_machine("one-tib-512-cpus", &s);
	request.length_bytes = 2 * TIB;
	model_map(&m, &request, &p);
	n = prediction_remedies(&m, &request, &p, list);
	assert_true(n > 0);
	for (unsigned int i = 0; i < n; i++)
		assert_null(strstr(list[i].text, "noreserve"));
}

static void rule_table(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < RULES; i++) {
		const struct rule *rule = rule_get((enum rule_id)i);

		assert_non_null(rule->name);
		assert_non_null(rule->text);
		assert_non_null(rule->source);
		assert_ptr_equal(rule_find(rule->name), rule);
	}
	assert_null(rule_find("no such rule"));
	assert_true(rule_holds(rule_get(RULE_HEURISTIC), KERNEL(5, 2)));
	assert_false(rule_holds(rule_get(RULE_HEURISTIC), KERNEL(5, 1) | 21));
	assert_true(rule_holds(rule_get(RULE_HEURISTIC_FREE), KERNEL(5, 1) | 21));
}

/* No limit is asserted: the figure is for people. */
static void speed(void **state)
{
	const unsigned int rounds = 200000;
	static struct snapshot s;
	struct map_request request = { .flags = PA, .protection = RW };
	struct prediction p;
	struct ceiling c;
	struct model m;
	uint64_t begun, granted = 0;

	(void)state;
	stored_machine("one-tib-512-cpus", &s);
	model_init(&m, &s.host, &s.process);
	begun = clock_now_ns();
	for (unsigned int i = 0; i < rounds; i++) {
		request.length_bytes = (uint64_t)i * 8 * MIB;
		model_map(&m, &request, &p);
		granted += p.verdict == VERDICT_GRANTED;
	}
	print_message("one prediction: %.0f ns (%" PRIu64 " granted)\n",
		      (double)(clock_now_ns() - begun) / rounds, granted);
	begun = clock_now_ns();
	model_ceiling(&m, &request, &c);
	print_message("one ceiling: %.1f us\n", (double)(clock_now_ns() - begun) / 1000);
	assert_true(granted > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(map_vectors),    cmocka_unit_test(process_limits),
		cmocka_unit_test(fixed_places),   cmocka_unit_test(protections),
		cmocka_unit_test(low_places),     cmocka_unit_test(moves_that_leave_the_range),
		cmocka_unit_test(pool_pages),     cmocka_unit_test(group_memory),
		cmocka_unit_test(remaps),         cmocka_unit_test(forks_and_touches),
		cmocka_unit_test(folded_counter), cmocka_unit_test(filled_at_the_limit),
		cmocka_unit_test(ceilings),       cmocka_unit_test(remedies),
		cmocka_unit_test(rule_table),     cmocka_unit_test(speed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
