/* SPDX-License-Identifier: MIT */
#include "run/crew.h"

#include "run/seat.h"
#include "run/tally.h"
#include "run/work.h"
#include "sys/numa.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define STACK_BYTES (256u << 10)

static int start_thread(struct seat *seat)
{
	pthread_attr_t attributes;
	int r = pthread_attr_init(&attributes);

	if (r)
		return -r;
	r = pthread_attr_setstacksize(&attributes, STACK_BYTES);
	if (!r)
		r = pthread_create(&seat->thread, &attributes, work_through, seat);
	pthread_attr_destroy(&attributes);
	return -r;
}

static int start_process(struct seat *seat)
{
	pid_t leader = getpid(), pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != leader)
			_exit(1);
		work_through(seat);
		_exit(0);
	}
	seat->process = pid;
	return 0;
}

/* A worker process that died takes its signal to the leader, whose parent then sees it. */
static int await_process(const struct seat *seat)
{
	int status;

	while (waitpid(seat->process, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (WIFSIGNALED(status)) {
		atomic_store(&seat->assignment->area->control->stop, STOP_FAILED);
		signal(WTERMSIG(status), SIG_DFL);
		kill(getpid(), WTERMSIG(status));
	}
	return 0;
}

static void await(const struct seat *seats, unsigned int from, unsigned int to)
{
	for (unsigned int i = from; i < to; i++) {
		if (seats[i].assignment->conditions->workers == WORKER_THREAD)
			pthread_join(seats[i].thread, NULL);
		else
			await_process(&seats[i]);
	}
}

unsigned int crew_cpus(const struct assignment *a)
{
	if (!a->places)
		return a->host->nr_cpus_allowed;
	return topology_cpus(a->topology, a->places, a->conditions->nr_workers);
}

bool crew_takes_turns(const struct assignment *a)
{
	return a->conditions->nr_workers > crew_cpus(a);
}

int crew_run(const struct assignment *a)
{
	unsigned int n = a->conditions->nr_workers, started = 1;
	bool threads = a->conditions->workers == WORKER_THREAD;
	uint64_t node_used[HOST_NODES_MAX];
	struct seat *seats = aligned_alloc(CACHE_PAIR, n * sizeof(*seats));
	struct mapping shared = MAPPING_NONE;
	bool turns = crew_takes_turns(a);
	int r = 0;

	if (!seats)
		return 1;
	for (unsigned int i = 0; i < n; i++) {
		seat_init(&seats[i], a, i, a->conditions->layout == LAYOUT_SHARED ? &shared : NULL);
		seats[i].takes_turns = turns;
	}
	if (numa_used(a->host, node_used))
		seats[0].node_used = node_used;
	r = counting_open(&seats[0].counting);
	for (; started < n && !r; started += !r)
		r = threads ? start_thread(&seats[started]) : start_process(&seats[started]);
	if (r) {
		error_set_errno(&seats[0].worker.error, r, "cannot start worker %u of %u", started,
				n);
		seat_fail(&seats[0], r, true);
	} else {
		work_through(&seats[0]);
	}
	await(seats, 1, started);
	tally_close(&seats[0]);
	free(seats);
	return 0;
}
