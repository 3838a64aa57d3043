/* SPDX-License-Identifier: MIT */
#include "sys/perf.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <math.h>
#include <perfmon/pfmlib_perf_event.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* libpfm4's names of the kernel's generic events: what they come to depends on the CPU. */
static const char *const event_names[PERF_EVENTS] = {
	"perf::CYCLES",          "perf::INSTRUCTIONS", "perf::DTLB-LOAD-MISSES",
	"perf::LLC-LOAD-MISSES", "perf::PAGE-FAULTS",
};

#define PERF_FAULTS (PERF_EVENTS - 1) /* the kernel's own: it costs time in every fault */

struct perf {
	int fd[PERF_EVENTS]; /* −1: not to be had */
};

/* Encoded once, before the first fork: libpfm4 takes its time to find out which CPU this is. */
static struct encoded {
	bool done;
	int pfm; /* libpfm4's word */
	struct perf_event_attr attr;
} encoded[PERF_EVENTS];

void perf_prepare(void)
{
	int pfm = pfm_initialize();

	for (unsigned int i = 0; i < PERF_EVENTS; i++) {
		struct encoded *e = &encoded[i];
		pfm_perf_encode_arg_t encode = { .attr = &e->attr, .size = sizeof(encode) };

		e->attr.size = sizeof(e->attr);
		e->pfm = pfm;
		if (pfm == PFM_SUCCESS)
			e->pfm = pfm_get_os_event_encoding(event_names[i], PFM_PLM0 | PFM_PLM3,
							   PFM_OS_PERF_EVENT, &encode);
		e->attr.disabled = 1;
		e->attr.inherit = 1;
		e->attr.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED |
				      PERF_FORMAT_TOTAL_TIME_RUNNING;
		e->done = true;
	}
}

/* The file descriptor, or −errno. */
static int open_event(const struct encoded *e)
{
	struct perf_event_attr attr = e->attr;
	int fd;

	if (!e->done || e->pfm != PFM_SUCCESS)
		return -ENOTSUP;
	fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0 && errno == EACCES) {
		/* perf_event_paranoid 2: at least what happens in user mode. */
		attr.exclude_kernel = 1;
		fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	}
	return fd < 0 ? -errno : fd;
}

int perf_open(struct perf **ret, bool faults)
{
	struct perf *p = malloc(sizeof(*p));

	if (!p)
		return -ENOMEM;
	for (unsigned int i = 0; i < PERF_EVENTS; i++) {
		int fd = i != PERF_FAULTS || faults ? open_event(&encoded[i]) : -ENOTSUP;

		p->fd[i] = fd < 0 ? -1 : fd;
	}
	*ret = p;
	return 0;
}

void perf_start(struct perf *p)
{
	for (unsigned int i = 0; i < PERF_EVENTS; i++)
		if (p->fd[i] >= 0)
			ioctl(p->fd[i], PERF_EVENT_IOC_ENABLE, 0);
}

static double read_event(int fd, double *scaled)
{
	struct {
		uint64_t count, enabled_ns, running_ns;
	} now;
	double share;

	if (fd < 0 || read(fd, &now, sizeof(now)) != sizeof(now) || !now.running_ns)
		return NAN;
	share = (double)now.running_ns / (double)now.enabled_ns;
	if (share < *scaled)
		*scaled = share;
	return (double)now.count / share;
}

void perf_stop(struct perf *p, double ret[PERF_EVENTS], double *ret_scaled)
{
	for (unsigned int i = 0; i < PERF_EVENTS; i++)
		if (p->fd[i] >= 0)
			ioctl(p->fd[i], PERF_EVENT_IOC_DISABLE, 0);
	*ret_scaled = 1;
	for (unsigned int i = 0; i < PERF_EVENTS; i++)
		ret[i] = read_event(p->fd[i], ret_scaled);
}

void perf_close(struct perf *p)
{
	for (unsigned int i = 0; p && i < PERF_EVENTS; i++)
		if (p->fd[i] >= 0)
			close(p->fd[i]);
	free(p);
}

const char *perf_absence(unsigned int event, char *ret, size_t length)
{
	const struct encoded *e = &encoded[event];
	int fd = open_event(e);

	if (fd >= 0) {
		close(fd);
		return NULL;
	}
	if (e->pfm != PFM_SUCCESS)
		snprintf(ret, length, "libpfm4: %s", pfm_strerror(e->pfm));
	else if (fd == -ENOENT || fd == -EOPNOTSUPP || fd == -ENODEV)
		snprintf(ret, length, "this machine has no such event");
	else
		snprintf(ret, length, "perf_event_open: %s", strerror(-fd));
	return ret;
}
