/* SPDX-License-Identifier: MIT */
/* What the kernel gave each worker's mapping: all are looked at, and one that fell short is named.
 */
#include "run/conform.h"
#include "sys/pagemap.h"
#include "tests/run/fixture.h"

#include <sys/mman.h>

#define NR_WORKERS 4
#define SPOILT     2 /* the third */

/* Half of one worker's mapping goes away again. */
static int spoil_step(struct worker *w, const struct op_call *call)
{
	(void)call;
	if (w->index != SPOILT)
		return 0;
	return madvise(w->mapping->address, w->mapping->length_bytes / 2, MADV_DONTNEED) ? -errno
											 : 0;
}

static const struct op spoil = { .name = "spoil", .step = spoil_step, .traits = OP_NEEDS_MAPPING };

struct vector {
	const char *what;
	enum worker_kind kind;
	bool in_setup;  /* the mapping is made, and spoilt, before the timed steps */
	bool unmapped;  /* by the last of them */
	bool by_itself; /* each iteration maps anew */
	enum layout layout;
};

static void run_vector(struct fixture *f, const struct vector *v)
{
	f->conditions.workers = v->kind;
	f->conditions.layout = v->layout;
	if (v->layout == LAYOUT_ADJACENT)
		f->conditions.map.thp = THP_AS_SET; /* advice comes after they could merge */
	f->conditions.nr_workers = NR_WORKERS;
	f->conditions.map.flags |= MAP_POPULATE;
	f->assignment.iterations = v->by_itself ? 3 : 1;
	add(f, op_find("map"));
	add(f, &spoil);
	if (v->in_setup)
		f->assignment.nr_setup = 2;
	if (v->unmapped)
		add(f, op_find("unmap"));
	else
		add_with(f, op_find("touch"), "amount=1 pages; access=read");
	run_ok(f);
	conform_conditions(&f->conditions, &f->host, &f->record);
}

/* Neighbours that merged cannot be told apart before Linux 6.7. */
static bool only_by_length(const char *test)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	struct pagemap_census census;

	if (pagemap_scan((void *)(uintptr_t)page, page, &census) != -ENOTTY)
		return false;
	print_message("SKIP: %s: needs PAGEMAP_SCAN, of Linux 6.7\n", test);
	return true;
}

static void one_fell_short(const struct vector *v)
{
	const struct mapping_effective *e;
	struct fixture *f;
	uint64_t bytes;
	void *fresh;

	set_up(&fresh);
	f = fresh;
	bytes = f->conditions.map.length_bytes;
	run_vector(f, v);
	e = v->in_setup ? &f->record.begun : &f->record.effective;
	if (f->record.outcome.kind != OUTCOME_DEGRADED ||
	    strcmp(f->record.outcome.detail, "populate: 50 % resident (worker 3 of 4)") != 0)
		fail_msg("%s: %s", v->what, f->record.outcome.detail);
	assert_int_equal(e->mapped_bytes, NR_WORKERS * bytes);
	assert_int_equal(e->resident_bytes, NR_WORKERS * bytes - bytes / 2);
	tear_down(&fresh);
}

static void test_one_fell_short(void **state)
{
	static const struct vector vectors[] = {
		{ "threads, as the setup left it", WORKER_THREAD, true, false, false },
		{ "threads, before they unmap", WORKER_THREAD, false, true, true },
		{ "threads, at the end", WORKER_THREAD, false, false, false },
		{ "threads, of the setup, unmapped", WORKER_THREAD, true, true, false },
		{ "processes, as the setup left it", WORKER_PROCESS, true, false, false },
		{ "processes, before they unmap", WORKER_PROCESS, false, true, true },
		{ "processes, at the end", WORKER_PROCESS, false, false, false },
	};

	(void)state;
	/* AddressSanitizer keeps the addresses that workers ask for: they are neighbours then. */
	if (EXTRA_FAULTS && only_by_length(__func__))
		skip();
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++)
		one_fell_short(&vectors[i]);
}

static void test_neighbour_fell_short(void **state)
{
	static const struct vector vectors[] = {
		{ "as the setup left it", WORKER_THREAD, true, false, false, LAYOUT_ADJACENT },
		{ "before they unmap", WORKER_THREAD, false, true, true, LAYOUT_ADJACENT },
		{ "at the end", WORKER_THREAD, false, false, false, LAYOUT_ADJACENT },
	};

	(void)state;
	if (only_by_length(__func__))
		skip();
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++)
		one_fell_short(&vectors[i]);
}

/* A mapping that all share is looked at once. */
static void test_shared(void **state)
{
	struct fixture *f = *state;

	f->conditions.nr_workers = NR_WORKERS;
	f->conditions.layout = LAYOUT_SHARED;
	add_map_touch_unmap(f);
	run_ok(f);
	assert_int_equal(f->record.effective.mapped_bytes, f->conditions.map.length_bytes);
	assert_int_equal(f->record.effective.resident_bytes, f->conditions.map.length_bytes);
}

/* What the setup unmapped is not what the steps had. */
static void test_mapped_again(void **state)
{
	struct fixture *f = *state;

	add_map_touch_unmap(f);
	f->assignment.nr_setup = 3;
	add(f, op_find("map"));
	add_with(f, op_find("touch"), "amount=16 pages");
	add(f, op_find("unmap"));
	run_ok(f);
	assert_int_equal(f->record.effective.resident_bytes, 16 * f->host.page_bytes);
}

static double counted(const struct fixture *f, const char *name)
{
	return f->record.counters[counter_index(name)];
}

static int nothing_step(struct worker *w, const struct op_call *call)
{
	(void)w;
	(void)call;
	return 0;
}

/* To start together takes each of them a millisecond of spinning, which no step has done. */
static void test_usage_without_start(void **state)
{
	static const struct op nothing = { .name = "nothing", .step = nothing_step };
	static const enum worker_kind kinds[] = { WORKER_THREAD, WORKER_PROCESS };
	struct fixture *f = *state;

	f->conditions.nr_workers = 2;
	add(f, &nothing);
	for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
		double used, harness;

		f->conditions.workers = kinds[i];
		run_ok(f);
		used = counted(f, "usage.user_time") + counted(f, "usage.system_time");
		harness = counted(f, "usage.harness_time");
		print_message("%.0f us in the steps, %.0f us beside them\n", used, harness);
		assert_true(used < harness);
		area_close(&f->area);
	}
}

/* Nor has a step looked at what it unmaps. */
static void test_usage_without_inspection(void **state)
{
	struct fixture *f = *state;

	f->conditions.map.length_bytes = 4096 * f->host.page_bytes;
	add(f, op_find("map"));
	add(f, op_find("touch"));
	f->assignment.nr_setup = 2;
	f->assignment.iterations = 1;
	add_with(f, op_find("unmap"), "from=4095 pages");
	run_ok(f);
	print_message("%.0f us in the step, %.0f us beside it\n",
		      counted(f, "usage.user_time") + counted(f, "usage.system_time"),
		      counted(f, "usage.harness_time"));
	assert_true(counted(f, "usage.user_time") + counted(f, "usage.system_time") <
		    counted(f, "usage.harness_time"));
	assert_true(counted(f, "usage.minor_faults") < 16 + EXTRA_FAULTS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_fell_short),
		cmocka_unit_test(test_neighbour_fell_short),
		TEST(test_shared),
		TEST(test_mapped_again),
		TEST(test_usage_without_start),
		TEST(test_usage_without_inspection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
