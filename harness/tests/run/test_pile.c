// SPDX-License-Identifier: MIT
/* What ends a pile of chunks: the kernel, its plan, or a guard before memory runs out. */
#include "run/pile.h"

#include "base/cleanup.h"
#include "sys/process.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define MIB (1ull << 20)

static struct conditions conditions;
static struct pile pile;

static struct pile_plan plan_of(uint64_t touch_bytes, uint64_t until_bytes)
{
	memset(&conditions, 0, sizeof(conditions));
	conditions.map.flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	conditions.map.protection = PROT_READ | PROT_WRITE;
	conditions.map.length_bytes = 16 * MIB;
	conditions.nr_workers = 1;
	return (struct pile_plan){ .chunk = conditions.map,
				   .touch_bytes = touch_bytes,
				   .until_bytes = until_bytes };
}

static void refused(void **state)
{
	struct pile_plan plan = plan_of(2 * MIB, 128 * MIB);
	struct process_memory now;
	char end[64];

	(void)state;
	/* The sanitizers' shadow is private writable memory of terabytes. */
	assert_int_equal(process_memory_read(&now, PROCESS_MAPS, NULL), 0);
	if (now.data_vm_bytes >= 16 * MIB) {
		print_message("SKIP: refused: the process is too large for the limit\n");
		skip();
	}
	conditions.limit_given[LIMIT_DATA] = true;
	conditions.limit_bytes[LIMIT_DATA] = 100 * MIB;
	assert_int_equal(pile_search(&conditions, &plan, &pile, NULL), 0);
	assert_int_equal(pile.end, PILE_REFUSED);
	assert_int_equal(pile.error, ENOMEM);
	assert_string_equal(pile_end_describe(&pile, end, sizeof(end)), "then refused: ENOMEM");
	assert_in_range(pile.nr_samples, 1, 6);
	assert_true(pile.last.granted_bytes == pile.nr_chunks * 16 * MIB);
	assert_true(pile.last.resident_bytes >= pile.nr_chunks * 2 * MIB);
}

static void done(void **state)
{
	struct pile_plan plan = plan_of(0, 48 * MIB);

	(void)state;
	assert_int_equal(pile_search(&conditions, &plan, &pile, NULL), 0);
	assert_int_equal(pile.end, PILE_DONE);
	assert_int_equal(pile.nr_chunks, 3);
	assert_int_equal(pile.error, 0);
}

/* A budget, and a machine that has nothing to spare: at once, whatever chunks would be granted. */
static void guarded(void **state)
{
	static const struct {
		uint64_t touched_max_bytes, reserve_bytes;
		enum pile_end end;
		unsigned int nr_chunks;
	} cases[] = {
		{ 5 * MIB, 0, PILE_BUDGET, 2 },
		{ 1 * MIB, 0, PILE_BUDGET, 0 },
		{ 0, UINT64_MAX / 2, PILE_RESERVE, 0 },
		{ 0, 1, PILE_DONE, 8 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct pile_plan plan = plan_of(2 * MIB, 128 * MIB);

		plan.touched_max_bytes = cases[i].touched_max_bytes;
		plan.reserve_bytes = cases[i].reserve_bytes;
		assert_int_equal(pile_search(&conditions, &plan, &pile, NULL), 0);
		assert_int_equal(pile.end, cases[i].end);
		assert_int_equal(pile.nr_chunks, cases[i].nr_chunks);
	}
}

/* What fills a chunk at once would pass by the guards. */
static void filled(void **state)
{
	struct pile_plan plan = plan_of(0, 48 * MIB);

	(void)state;
	plan.chunk.flags |= MAP_POPULATE;
	assert_int_equal(pile_search(&conditions, &plan, &pile, NULL), -ENOTSUP);
	plan.chunk.flags ^= MAP_POPULATE | MAP_LOCKED;
	assert_int_equal(pile_search(&conditions, &plan, &pile, NULL), -ENOTSUP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refused),
		cmocka_unit_test(done),
		cmocka_unit_test(guarded),
		cmocka_unit_test(filled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
