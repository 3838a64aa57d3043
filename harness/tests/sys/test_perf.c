// SPDX-License-Identifier: MIT
/* Performance events: what names mean, counts of faults that are known, and how turns are scaled.
 */
#include "base/cleanup.h"
#include "sys/perf.h"
#include "sys/perf_event.h"

#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cmocka.h>

#define PAGES 2048u

#if defined(__SANITIZE_ADDRESS__)
#define EXTRA_FAULTS 64 /* its shadow */
#else
#define EXTRA_FAULTS 0
#endif

static void test_names(void **state)
{
	static const struct {
		const char *name;
		int r;
		const char *text; /* what the sentence holds */
	} vectors[] = {
		{ "cycles", 0, NULL },
		{ "cycles:u", 0, NULL },
		{ "dtlb_load_misses:k", 0, NULL },
		{ "page_faults", 0, NULL },
		{ "PAGE-FAULTS", 0, NULL },
		{ "context-switches", 0, NULL },
		{ "perf::TASK-CLOCK", 0, NULL },
		{ "perf_raw::r11", 0, NULL },
		{ "cylces", -ENOENT, "unknown event 'cylces': did you mean 'cycles'?" },
		{ "perf::page-falts:u", -ENOENT, "did you mean 'page-faults'?" },
		{ "llc_load_mises", -ENOENT, "did you mean 'llc_load_misses'?" },
		{ "no-such-thing-at-all", -ENOENT, "libpfm4 knows none of this name" },
		{ "", -ENOENT, "unknown event ''" },
		{ "cycles:zz", -EINVAL, "event 'cycles:zz': libpfm4 says" },
		{ "task-clock:u", -EINVAL, "count user mode and kernel alike" },
		{ "perf::cpu-clock:k", -EINVAL, "name it without u and k" },
		{ "task-clock:u:k", 0, NULL },
		{ "page-faults:u", 0, NULL },
		{ "nosuch::CYCLES", -ENXIO, "libpfm4 knows no CPU 'nosuch'" },
#if defined(__x86_64__)
		{ "knc::CPU_CLK_UNHALTED", -ENODEV, "another CPU, Intel Knights Corner" },
#endif
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		struct perf_event_attr attr;
		struct error err = { "" };
		int r = perf_event_encode(vectors[i].name, &attr, &err);

		if (r != vectors[i].r || (r && !strstr(err.text, vectors[i].text)))
			fail_msg("%s: %d: %s", vectors[i].name, r, err.text);
	}
}

static void test_modifiers(void **state)
{
	struct perf_event_attr attr;

	(void)state;
	assert_int_equal(perf_event_encode("cycles:u", &attr, NULL), 0);
	assert_true(attr.exclude_kernel && !attr.exclude_user);
	assert_int_equal(perf_event_encode("cycles:k", &attr, NULL), 0);
	assert_true(!attr.exclude_kernel && attr.exclude_user);
	assert_int_equal(perf_event_encode("cycles", &attr, NULL), 0);
	assert_true(!attr.exclude_kernel && !attr.exclude_user);
	assert_string_equal(perf_event_unit(&attr), "1");
	assert_int_equal(perf_event_encode("task-clock", &attr, NULL), 0);
	assert_string_equal(perf_event_unit(&attr), "ns");
}

/* perf_event_open(2): a count is scaled by enabled over running. */
static void test_scaling(void **state)
{
	static const struct {
		struct perf_reading workers[2];
		double value, share;
	} vectors[] = {
		{ { { 1000, 500, 500, 0 }, { 10, 7, 7, 0 } }, 1010, 1 },
		{ { { 1000, 500, 250, 0 }, { 10, 7, 7, 0 } }, 2010, 0.5 },
		{ { { 300, 1000, 300, 0 }, { 50, 1000, 100, 0 } }, 1500, 0.1 },
		/* Had nothing to do: neither a count nor a share. */
		{ { { 1000, 500, 250, 0 }, { 0, 0, 0, 0 } }, 2000, 0.5 },
		/* Never had a counter: not 0 but unknown. */
		{ { { 1000, 500, 500, 0 }, { 0, 7, 0, 0 } }, NAN, 0 },
		/* One of them could not count. */
		{ { { 1000, 500, 500, 0 }, { 0, 0, 0, -EMFILE } }, NAN, 1 },
		{ { { 0, 0, 0, -ENOENT }, { 0, 0, 0, -ENOENT } }, NAN, NAN },
		{ { { 0, 0, 0, 0 }, { 0, 0, 0, 0 } }, NAN, NAN },
		/* What really is 0. */
		{ { { 0, 500, 500, 0 }, { 0, 7, 7, 0 } }, 0, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		struct perf_reading readings[2][PERF_EVENTS_MAX] = { 0 };
		const struct perf_reading *workers[] = { readings[0], readings[1] };
		struct perf_total total;

		readings[0][3] = vectors[i].workers[0];
		readings[1][3] = vectors[i].workers[1];
		perf_add_up(workers, 2, 3, &total);
		print_message("%zu: %g, %g\n", i, total.value, total.share);
		assert_true(isnan(vectors[i].value) ? isnan(total.value)
						    : total.value == vectors[i].value);
		assert_true(isnan(vectors[i].share) ? isnan(total.share)
						    : total.share == vectors[i].share);
	}
}

static void prepare(const char *const *names, unsigned int nr)
{
	struct perf_choice choice = { .nr = nr };

	for (unsigned int i = 0; i < nr; i++)
		snprintf(choice.names[i], PERF_NAME_MAX, "%s", names[i]);
	perf_prepare(&choice);
}

static char *new_pages(void)
{
	size_t length = PAGES * (size_t)sysconf(_SC_PAGESIZE);
	char *at = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(at, MAP_FAILED);
	madvise(at, length, MADV_NOHUGEPAGE);
	return at;
}

static void touch(char *at)
{
	for (size_t i = 0; i < PAGES; i++)
		*(volatile char *)(at + i * (size_t)sysconf(_SC_PAGESIZE)) = 1;
	munmap(at, PAGES * (size_t)sysconf(_SC_PAGESIZE));
}

static void *touch_thread(void *at)
{
	touch(at);
	return NULL;
}

static uint64_t minor_faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (uint64_t)usage.ru_minflt;
}

/* Faults, those of a thread and of a child too; not what comes before and after. */
static void test_faults(void **state)
{
	static const char *const names[] = { "page_faults", "minor-faults", "task-clock" };
	struct perf_reading now[PERF_EVENTS_MAX];
	struct perf *p = NULL;
	pthread_t thread;
	uint64_t used;
	int status;

	(void)state;
	prepare(names, ARRAY_LENGTH(names));
	if (perf_absence(0)) {
		print_message("SKIP: test_faults: %s\n", perf_absence(0));
		skip();
	}
	assert_int_equal(perf_open(&p), 0);
	assert_non_null(p);
	touch(new_pages());
	used = minor_faults();
	perf_start(p);
	touch(new_pages());
	perf_stop(p);
	used = minor_faults() - used;
	touch(new_pages());
	perf_read(p, now);
	print_message("%" PRIu64 " faults, by rusage %" PRIu64 ", %u pages\n", now[0].count, used,
		      PAGES);
	assert_int_equal(now[0].error, 0);
	assert_in_range(now[0].count, PAGES, PAGES + EXTRA_FAULTS);
	assert_in_range(used, now[0].count, now[0].count + EXTRA_FAULTS);
	assert_int_equal(now[1].count, now[0].count);
	assert_true(now[2].count > 0 && now[0].running_ns == now[0].enabled_ns);
	assert_int_equal(now[3].error, -ENOENT);

	perf_start(p);
	assert_int_equal(pthread_create(&thread, NULL, touch_thread, new_pages()), 0);
	pthread_join(thread, NULL);
	if (!fork()) {
		touch(new_pages());
		_exit(0);
	}
	wait(&status);
	perf_stop(p);
	perf_read(p, now);
	print_message("%" PRIu64 " faults with those of a thread and a child\n", now[0].count);
	assert_in_range(now[0].count, 3 * PAGES, 3 * PAGES + 256 + 4 * EXTRA_FAULTS);
	perf_close(p);
}

/* Nobody asked for it, and each fault would pay for it: absent, and it says how to have it. */
static void test_usual(void **state)
{
	struct perf_choice choice;
	struct perf *p = NULL;
	unsigned int last;

	(void)state;
	perf_choose_usual(&choice);
	last = choice.nr - 1;
	assert_string_equal(choice.names[last], "page_faults");
	perf_prepare(&choice);
	assert_int_equal(perf_count(), choice.nr);
	assert_non_null(strstr(perf_absence(last), "'perf' names it"));
	choice.cheap = false;
	perf_prepare(&choice);
	assert_true(!perf_absence(last) || !strstr(perf_absence(last), "'perf' names it"));
	choice.nr = 0;
	perf_prepare(&choice);
	assert_int_equal(perf_open(&p), 0);
	assert_null(p);
	perf_start(p);
	perf_stop(p);
	perf_close(p);
}

static int paranoid(void)
{
	AUTO_FCLOSE FILE *file = fopen("/proc/sys/kernel/perf_event_paranoid", "re");
	int level = -1;

	if (file && fscanf(file, "%d", &level) != 1)
		level = -1;
	return level;
}

/*
 * What happens in the kernel alone is not counted as 0 by one who may only see user mode, and the
 * kernel's half of an event is not taken for its user mode's.
 */
static int unprivileged(void)
{
	static const char *const names[] = { "page_faults", "context-switches", "page-faults:k",
					     "cpu-migrations", "task-clock" };
	int level = paranoid();
	char sysctl[64];

	prepare(names, ARRAY_LENGTH(names));
	snprintf(sysctl, sizeof(sysctl), "kernel.perf_event_paranoid is %d", level);
	for (unsigned int i = 0; i < ARRAY_LENGTH(names); i++)
		print_message("%s: %s; %s\n", names[i], perf_absence(i) ? perf_absence(i) : "there",
			      perf_note(i) ? perf_note(i) : "no note");
	for (unsigned int i = 1; i < 4; i++)
		if (!perf_absence(i) || !strstr(perf_absence(i), sysctl) ||
		    !strstr(perf_absence(i), "set it to 1") ||
		    !strstr(perf_absence(i), "CAP_PERFMON"))
			return 1;
	if (level > 2 && perf_absence(0))
		return !strstr(perf_absence(0), "set it to 2");
	if (perf_absence(0) || !perf_note(0) || !strstr(perf_note(0), "user mode only"))
		return 2;
	return perf_absence(4) || perf_note(4) ? 3 : 0;
}

static void test_unprivileged(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	if (paranoid() < 2) {
		print_message("SKIP: test_unprivileged: kernel.perf_event_paranoid is %d: all may "
			      "count\n",
			      paranoid());
		skip();
	}
	pid = fork();
	if (!pid) {
		if (geteuid() == 0 && (setgid(65534) || setuid(65534)))
			_exit(9);
		_exit(unprivileged());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),   cmocka_unit_test(test_modifiers),
		cmocka_unit_test(test_scaling), cmocka_unit_test(test_faults),
		cmocka_unit_test(test_usual),   cmocka_unit_test(test_unprivileged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
