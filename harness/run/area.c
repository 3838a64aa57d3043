/* SPDX-License-Identifier: MIT */
#include "run/area.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t round_up(size_t n, size_t unit)
{
	return (n + unit - 1) / unit * unit;
}

int area_open(struct area *ret, unsigned int nr_workers, unsigned int nr_steps, struct error *err)
{
	struct area a = { .nr_workers = nr_workers, .nr_steps = nr_steps };
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t control = round_up(sizeof(*a.control), page);
	size_t workers = round_up(nr_workers * sizeof(*a.workers), page);
	size_t steps = (size_t)nr_workers * nr_steps * sizeof(*a.steps);
	char *base;

	a.bytes = control + workers + round_up(steps, page);
	base = mmap(NULL, a.bytes, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (base == MAP_FAILED)
		return error_set_errno(err, -errno, "no memory for the reports of %u workers",
				       nr_workers);
	a.control = (struct area_control *)base;
	a.workers = (struct worker_report *)(base + control);
	a.steps = (struct step_report *)(base + control + workers);
	*ret = a;
	return 0;
}

void area_close(struct area *a)
{
	if (a->control)
		munmap(a->control, a->bytes);
	memset(a, 0, sizeof(*a));
}

void area_reset(struct area *a)
{
	memset(a->control, 0, sizeof(*a->control));
	memset(a->workers, 0, a->nr_workers * sizeof(*a->workers));
}

static void populate(void *from, size_t length)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), start = (uintptr_t)from / page * page;

	madvise((void *)start, (uintptr_t)from + length - start, MADV_POPULATE_WRITE);
}

void area_prefault(const struct area *a, unsigned int worker, bool each_event)
{
	for (unsigned int step = 0; step < a->nr_steps; step++) {
		struct step_report *report = area_step(a, worker, step);

		/*
		 * Writing is what makes the pages resident, and here is the worker's node. In one
		 * call where the kernel has it (5.14): it is cheaper than a fault a page.
		 */
		populate(report,
			 each_event ? sizeof(*report) : offsetof(struct step_report, events));
		memset(report, 0, offsetof(struct step_report, times));
		for (unsigned int i = 0; i < METRICS_MAX; i++)
			report->value[i] = NAN; /* until it is measured: 0 would be a figure */
		hist_reset(&report->times);
		if (each_event)
			hist_reset(&report->events);
		else
			report->events.n = 0;
	}
}

void area_forget(const struct area *a)
{
	/* Shared memory: only the page-table entries go, the pages stay with the object. */
	madvise(a->control, a->bytes, MADV_DONTNEED);
}
