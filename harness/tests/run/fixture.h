/* SPDX-License-Identifier: MIT */
/* Real repetitions on a few pages of memory: for the tests of run/ and of every op. */
#ifndef TESTS_RUN_FIXTURE_H
#define TESTS_RUN_FIXTURE_H

#include "base/cleanup.h"
#include "base/file.h"
#include "run/repetition.h"
#include "sys/host.h"

#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>

#include <cmocka.h>

#define NR_PAGES 64

/* AddressSanitizer's shadow memory faults too. */
#if defined(__SANITIZE_ADDRESS__)
#define EXTRA_FAULTS 256
#else
#define EXTRA_FAULTS 0
#endif

struct fixture {
	struct host host;
	struct clock clock;
	struct conditions conditions;
	struct area area;
	struct assignment assignment;
	struct watch watch;
	struct repetition record;
	struct collector *collector;
};

static inline int set_up(void **state)
{
	struct fixture *f = aligned_alloc(CACHE_PAIR,
					  sizeof(*f) + CACHE_PAIR - sizeof(*f) % CACHE_PAIR);
	sigset_t none;

	memset(f, 0, sizeof(*f));
	assert_int_equal(host_read(&f->host, NULL), 0);
	clock_calibrate(&f->clock);
	assert_int_equal(collector_new(&f->collector), 0);
	f->conditions.map.length_bytes = NR_PAGES * f->host.page_bytes;
	f->conditions.map.protection = PROT_READ | PROT_WRITE;
	f->conditions.map.flags = MAP_PRIVATE | MAP_ANONYMOUS;
	f->conditions.map.thp = THP_NEVER;
	f->conditions.nr_workers = 1;
	f->assignment = (struct assignment){ .conditions = &f->conditions,
					     .host = &f->host,
					     .clock = &f->clock,
					     .area = &f->area,
					     .iterations = 3 };
	sigemptyset(&none);
	f->watch.signal_fd = signalfd(-1, &none, SFD_NONBLOCK | SFD_CLOEXEC);
	f->watch.timeout_ns = 10000000000;
	f->watch.oom_kills = watch_oom_kills(&f->watch); /* others have had theirs */
	*state = f;
	return 0;
}

static inline int tear_down(void **state)
{
	struct fixture *f = *state;

	close(f->watch.signal_fd);
	area_close(&f->area);
	collector_free(f->collector);
	free(f);
	return 0;
}

/* The value of an argument in "name=value name=value", or what it is when it is not given. */
static inline const char *given(const struct arg *arg, const char *text, char *scratch, size_t size)
{
	size_t length = strlen(arg->name);

	for (const char *at = text; at && (at = strstr(at, arg->name)); at += length) {
		if ((at != text && at[-1] != ' ') || at[length] != '=')
			continue;
		snprintf(scratch, size, "%.*s", (int)strcspn(at + length + 1, ";"),
			 at + length + 1);
		return scratch;
	}
	return arg->initial;
}

/* An op with arguments, "advice=dontneed; amount=2 pages", made ready. */
static inline struct op_call *add_with(struct fixture *f, const struct op *op, const char *text)
{
	struct arg_value values[ARGS_MAX] = { 0 };
	struct assignment *a = &f->assignment;
	struct error err = { "" };

	assert_non_null(op);
	for (unsigned int i = 0; op->args && op->args[i].name; i++) {
		char scratch[64];

		if (arg_parse(&op->args[i], given(&op->args[i], text, scratch, sizeof(scratch)),
			      &values[i], &err))
			fail_msg("%s: %s", op->name, err.text);
	}
	if (op_call_resolve(op, values, &f->conditions, &f->host, &a->calls[a->nr_calls], &err))
		fail_msg("%s", err.text);
	a->active[a->nr_calls] = true;
	return &a->calls[a->nr_calls++];
}

static inline void add(struct fixture *f, const struct op *op)
{
	add_with(f, op, NULL);
}

static inline void run(struct fixture *f)
{
	struct error err = { "" };

	assert_int_equal(
		area_open(&f->area, f->conditions.nr_workers, f->assignment.nr_calls, &err), 0);
	assert_int_equal(repetition_run(&f->assignment, &f->watch, &f->record, &err), 0);
	repetition_collect(f->collector, &f->assignment, &f->record);
}

/* Run, and say why where it did not end well. */
static inline void run_ok(struct fixture *f)
{
	run(f);
	if (f->record.outcome.kind != OUTCOME_OK)
		print_error("%s at %d\n", f->record.outcome.detail, f->record.outcome.step);
	assert_int_equal(f->record.outcome.kind, OUTCOME_OK);
}

/* What the op says of arguments under the fixture's conditions: 0, or −errno and a sentence. */
static inline int supported(struct fixture *f, const char *name, const char *text,
			    struct error *err)
{
	const struct op_call *call = add_with(f, op_find(name), text);

	f->assignment.nr_calls--;
	return call->op->supported ? call->op->supported(call, &f->conditions, &f->host, err) : 0;
}

/* Add a step; where the machine cannot do it the test is skipped. */
static inline struct op_call *add_or_skip(struct fixture *f, const char *name, const char *text)
{
	struct error err = { "" };
	int r = supported(f, name, text, &err);

	if (r == -ENOTSUP) {
		print_message("SKIP: %s: %s\n", name, err.text);
		skip();
	}
	if (r)
		fail_msg("%s: %s", name, err.text);
	return add_with(f, op_find(name), text);
}

/* Bytes that the op says become resident. */
static inline uint64_t resident(struct fixture *f, const char *name, const char *text)
{
	const struct op_call *call = add_with(f, op_find(name), text);

	f->assignment.nr_calls--;
	return call->op->resident_bytes ? call->op->resident_bytes(call, &f->conditions, &f->host)
					: 0;
}

/* The value of a metric of a step, by name. */
static inline double metric_of(const struct fixture *f, unsigned int step, const char *name)
{
	const struct assignment *a = &f->assignment;
	const struct metric *metrics = a->calls[a->nr_setup + step].op->metrics;

	for (unsigned int i = 0; metrics && metrics[i].name; i++)
		if (strcmp(metrics[i].name, name) == 0)
			return f->record.steps[step].metric[i];
	fail_msg("no metric %s", name);
	return 0;
}

static inline void add_map_touch_unmap(struct fixture *f)
{
	add(f, op_find("map"));
	add(f, op_find("touch"));
	add(f, op_find("unmap"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
