/* SPDX-License-Identifier: MIT */
#include "sys/perf.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "sys/perf_event.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TEXT_MAX 192
#define SPINS    20000 /* some 10 µs: a group that has its counters runs at once */

/* Encoded and tried once, before the first fork. */
static struct prepared {
	unsigned int nr;
	struct event {
		char name[PERF_NAME_MAX];
		struct perf_event_attr attr;
		unsigned int leader; /* of its group: an event before it, or itself */
		char absence[TEXT_MAX], note[TEXT_MAX];
		const char *unit, *help;
	} events[PERF_EVENTS_MAX];
} prepared;

struct perf {
	int fd[PERF_EVENTS_MAX]; /* or −errno */
	bool leads[PERF_EVENTS_MAX];
};

static const char page_faults[] = "page_faults";

void perf_choose_usual(struct perf_choice *ret)
{
	static const char *const usual[] = { "cycles", "instructions", "dtlb_load_misses",
					     "llc_load_misses", page_faults };

	*ret = (struct perf_choice){ .cheap = true };
	for (size_t i = 0; i < ARRAY_LENGTH(usual); i++)
		snprintf(ret->names[ret->nr++], PERF_NAME_MAX, "%s", usual[i]);
}

const char *perf_metric(const struct perf_choice *choice, unsigned int event,
			char ret[PERF_METRIC_MAX])
{
	snprintf(ret, PERF_METRIC_MAX, "perf.%s", choice->names[event]);
	return ret;
}

bool perf_left_out(const struct perf_choice *choice, unsigned int event)
{
	return choice->cheap && strcmp(choice->names[event], page_faults) == 0;
}

/* The file descriptor, or −errno. Only a group's leader waits for perf_start(). */
static int open_attr(const struct perf_event_attr *from, int group)
{
	struct perf_event_attr attr = *from;
	int fd;

	attr.disabled = group < 0;
	attr.inherit = 1;
	attr.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
	fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, group, PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static bool is_software(const struct perf_event_attr *attr, uint64_t config)
{
	return attr->type == PERF_TYPE_SOFTWARE && attr->config == config;
}

/* What happens in the kernel alone would be 0 in user mode, which is not so. */
static bool has_user_part(const struct perf_event_attr *attr)
{
	return !attr->exclude_user && !is_software(attr, PERF_COUNT_SW_CONTEXT_SWITCHES) &&
	       !is_software(attr, PERF_COUNT_SW_CPU_MIGRATIONS) &&
	       !is_software(attr, PERF_COUNT_SW_CGROUP_SWITCHES);
}

static int paranoid(void)
{
	char text[32];

	if (file_read("/proc/sys/kernel/perf_event_paranoid", text, sizeof(text)) < 0)
		return 2; /* the kernel's own value */
	return atoi(text);
}

static void say_absence(struct event *e, int r)
{
	const char *text = "this machine has no such event";

	if (r == -EACCES) {
		snprintf(e->absence, TEXT_MAX,
			 "not permitted: kernel.perf_event_paranoid is %d; set it to %d, or run "
			 "with CAP_PERFMON",
			 paranoid(), has_user_part(&e->attr) ? 2 : 1);
		return;
	}
	if (r == -EPERM)
		text = "not permitted: a seccomp filter or a container forbids perf_event_open";
	else if (r == -ENOSYS)
		text = "this kernel has no performance events";
	else if (r != -ENOENT && r != -EOPNOTSUPP && r != -ENODEV && r != -ENXIO)
		text = strerror(-r);
	snprintf(e->absence, TEXT_MAX, "%s", text);
}

/* Can it be had by itself, and if not wholly, in user mode? */
static void try_event(struct event *e)
{
	int fd = open_attr(&e->attr, -1);

	/* perf_event_paranoid 2: at least what happens in user mode. */
	if (fd == -EACCES && !e->attr.exclude_kernel && has_user_part(&e->attr)) {
		e->attr.exclude_kernel = 1;
		fd = open_attr(&e->attr, -1);
		/* A clock knows no modes: it counts on. */
		if (fd >= 0 && strcmp(e->unit, "ns") != 0)
			snprintf(e->note, TEXT_MAX,
				 "in user mode only: kernel.perf_event_paranoid is %d; 1 or "
				 "CAP_PERFMON counts the kernel's part too",
				 paranoid());
	}
	if (fd < 0)
		say_absence(e, fd);
	else
		close(fd);
}

static void prepare_event(struct event *e, const char *name, bool left_out)
{
	struct error err = { "" };

	*e = (struct event){ .unit = "1", .help = perf_event_help(name) };
	snprintf(e->name, sizeof(e->name), "%s", name);
	if (perf_event_encode(name, &e->attr, &err)) {
		snprintf(e->absence, TEXT_MAX, "%.*s", TEXT_MAX - 1, err.text);
		return;
	}
	e->unit = perf_event_unit(&e->attr);
	if (left_out)
		snprintf(e->absence, TEXT_MAX,
			 "counted where 'perf' names it, or with 'events: each' (not with 'events' "
			 "of some steps alone): each fault takes 30 ns longer for it");
	else
		try_event(e);
}

static void open_event(struct perf *p, unsigned int i)
{
	const struct event *e = &prepared.events[i];

	p->leads[i] = e->leader == i || p->fd[e->leader] < 0;
	p->fd[i] = e->absence[0] ? -ENOENT
				 : open_attr(&e->attr, p->leads[i] ? -1 : p->fd[e->leader]);
	if (p->fd[i] >= 0 || p->leads[i] || e->absence[0])
		return;
	/* Then by itself. */
	p->leads[i] = true;
	p->fd[i] = open_attr(&e->attr, -1);
}

static void close_events(struct perf *p, unsigned int from, unsigned int to)
{
	for (unsigned int i = from; i < to; i++)
		if (p->fd[i] >= 0)
			close(p->fd[i]);
}

static void switch_events(const struct perf *p, unsigned int from, unsigned int to,
			  unsigned long request)
{
	for (unsigned int i = from; i < to; i++)
		if (p->fd[i] >= 0 && p->leads[i])
			ioctl(p->fd[i], request, 0);
}

static void read_event(int fd, struct perf_reading *ret)
{
	uint64_t now[3];
	ssize_t n;

	*ret = (struct perf_reading){ .error = fd < 0 ? fd : 0 };
	if (fd < 0)
		return;
	n = read(fd, now, sizeof(now));
	if (n != sizeof(now))
		ret->error = n < 0 ? -errno : -EIO;
	else
		*ret = (struct perf_reading){ now[0], now[1], now[2], 0 };
}

/*
 * Do the events from the leader to i run at once? Only a run tells: when it opens a group, the
 * kernel takes all counters for free, that of the NMI watchdog too (perf_event_open(2)).
 */
static bool run_together(unsigned int leader, unsigned int i)
{
	struct perf_reading now;
	struct perf p;

	for (unsigned int k = leader; k <= i; k++)
		open_event(&p, k);
	switch_events(&p, leader, i + 1, PERF_EVENT_IOC_ENABLE);
	for (volatile unsigned int spin = 0; spin < SPINS; spin++)
		;
	switch_events(&p, leader, i + 1, PERF_EVENT_IOC_DISABLE);
	read_event(p.fd[i], &now);
	close_events(&p, leader, i + 1);
	return !p.leads[i] && !now.error && now.running_ns;
}

/* Of the CPU's events as many a group as it counts at once; the kernel's own need no counter. */
static void plan_groups(void)
{
	unsigned int leader = PERF_EVENTS_MAX;

	for (unsigned int i = 0; i < prepared.nr; i++) {
		struct event *e = &prepared.events[i];

		e->leader = i;
		if (e->absence[0] || e->attr.type == PERF_TYPE_SOFTWARE)
			continue;
		if (leader < i) {
			e->leader = leader;
			if (!run_together(leader, i))
				e->leader = i;
		}
		leader = e->leader;
	}
}

void perf_prepare(const struct perf_choice *choice)
{
	prepared.nr = choice->nr;
	for (unsigned int i = 0; i < choice->nr; i++)
		prepare_event(&prepared.events[i], choice->names[i], perf_left_out(choice, i));
	plan_groups();
}

unsigned int perf_count(void)
{
	return prepared.nr;
}

const char *perf_name(unsigned int event)
{
	return prepared.events[event].name;
}

const char *perf_absence(unsigned int event)
{
	const char *text = prepared.events[event].absence;

	return *text ? text : NULL;
}

const char *perf_note(unsigned int event)
{
	const char *text = prepared.events[event].note;

	return *text ? text : NULL;
}

const char *perf_unit(unsigned int event)
{
	return prepared.events[event].unit;
}

const char *perf_help(unsigned int event)
{
	return prepared.events[event].help;
}

/* Many workers have many events: as many files as the process may ask for. */
static void raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur == limit.rlim_max)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

int perf_open(struct perf **ret)
{
	bool any = false;
	struct perf *p;

	for (unsigned int i = 0; i < prepared.nr; i++)
		any |= !prepared.events[i].absence[0];
	*ret = NULL;
	if (!any)
		return 0;
	p = malloc(sizeof(*p));
	if (!p)
		return -ENOMEM;
	for (unsigned int i = 0; i < prepared.nr; i++) {
		open_event(p, i);
		if (p->fd[i] != -EMFILE)
			continue;
		raise_file_limit();
		open_event(p, i);
	}
	*ret = p;
	return 0;
}

void perf_start(const struct perf *p)
{
	if (p)
		switch_events(p, 0, prepared.nr, PERF_EVENT_IOC_ENABLE);
}

void perf_stop(const struct perf *p)
{
	if (p)
		switch_events(p, 0, prepared.nr, PERF_EVENT_IOC_DISABLE);
}

void perf_read(const struct perf *p, struct perf_reading ret[PERF_EVENTS_MAX])
{
	for (unsigned int i = 0; i < PERF_EVENTS_MAX; i++)
		read_event(p && i < prepared.nr ? p->fd[i] : -ENOENT, &ret[i]);
}

void perf_close(struct perf *p)
{
	if (p)
		close_events(p, 0, prepared.nr);
	free(p);
}

void perf_add_up(const struct perf_reading *const *workers, unsigned int nr, unsigned int event,
		 struct perf_total *ret)
{
	struct perf_total sum = { 0, 1 };
	bool any = false;

	for (unsigned int w = 0; w < nr; w++) {
		const struct perf_reading *now = &workers[w][event];
		double share = (double)now->running_ns / (double)now->enabled_ns;

		if (now->error)
			sum.value = NAN;
		/* Who had nothing to do has no share. */
		if (now->error || !now->enabled_ns)
			continue;
		any = true;
		sum.share = share < sum.share ? share : sum.share;
		sum.value += now->running_ns ? (double)now->count / share : NAN;
	}
	*ret = any ? sum : (struct perf_total){ NAN, NAN };
}
