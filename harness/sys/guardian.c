/* SPDX-License-Identifier: MIT */
#include "sys/guardian.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "sys/process_stat.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STACK_BYTES (256 * 1024) /* more than the last duty needs */
#define KILL_NS     500000000u   /* for as long a repetition is waited for */
#define DEATH_NS    500000000u   /* and its supervisor's death, once its files are closed */

/* Written by the supervisor, read by the guardian once the supervisor is gone. */
struct watched {
	_Atomic pid_t pid;
	_Atomic uint64_t since_ns; /* CLOCK_BOOTTIME when pid was told */
};

struct guardian {
	int socket;
	pid_t pid;
	struct watched *watched;
};

struct report {
	int r; /* of prepare */
	pid_t pid;
};

struct post { /* what the guardian's process knows */
	const struct guardian_duty *duty;
	const struct watched *watched;
	int socket;
	pid_t supervisor, session;
	int supervisor_fd; /* pidfd, or −1 on kernels before 5.3 */
	uint64_t supervisor_start;
};

static uint64_t boottime_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/*
 * Is pid still the process that was told? One that has the number anew was started after the
 * telling.
 */
static bool same_process(pid_t pid, uint64_t since_ns, pid_t session)
{
	uint64_t tick_ns = 1000000000u / (uint64_t)sysconf(_SC_CLK_TCK);
	struct process_stat stat;

	return process_stat_read(pid, &stat) == 0 && stat.session == session &&
	       stat.start_ticks <= since_ns / tick_ns;
}

/*
 * The group's number is not given anew while a member lives. Where the leader is gone, only a
 * group of the supervisor's session is taken for ours.
 */
static void kill_repetition(const struct post *post)
{
	const struct timespec pause = { .tv_nsec = 2 * 1000 * 1000 };
	uint64_t deadline = clock_now_ns() + KILL_NS;
	pid_t pid = atomic_load(&post->watched->pid);
	struct process_stat stat;
	bool leader;

	if (pid <= 1)
		return;
	leader = process_stat_read(pid, &stat) == 0;
	if (leader && !same_process(pid, atomic_load(&post->watched->since_ns), post->session))
		return;
	if (leader)
		kill(pid, SIGKILL);
	while (process_group_alive(pid, post->session) && clock_now_ns() < deadline) {
		kill(-pid, SIGKILL);
		nanosleep(&pause, NULL);
	}
	while (leader && process_stat_read(pid, &stat) == 0 && stat.state != 'Z' &&
	       clock_now_ns() < deadline)
		nanosleep(&pause, NULL);
}

/* Without a pidfd the supervisor is looked at from time to time. */
static bool supervisor_gone(const struct post *post)
{
	struct process_stat stat;

	return process_stat_read(post->supervisor, &stat) || stat.state == 'Z' ||
	       stat.state == 'X' || stat.start_ticks != post->supervisor_start;
}

/*
 * A dying process closes its files before its children hear of its death (kernel/exit.c do_exit():
 * exit_files(), then exit_notify()). In between a repetition may still tell of itself and start
 * workers; later it cannot: the signal ends it before its next fork() is done.
 */
static void await_death(const struct post *post)
{
	const struct timespec pause = { .tv_nsec = 2 * 1000 * 1000 };
	uint64_t deadline = clock_now_ns() + DEATH_NS;
	struct pollfd fd = { .fd = post->supervisor_fd, .events = POLLIN };

	if (post->supervisor_fd >= 0)
		poll(&fd, 1, DEATH_NS / 1000000);
	else
		while (!supervisor_gone(post) && clock_now_ns() < deadline)
			nanosleep(&pause, NULL);
}

/* True: the supervisor is gone. False: it sends the guardian home. */
static bool wait_for_end(const struct post *post)
{
	struct pollfd fds[2] = { { .fd = post->socket, .events = POLLIN },
				 { .fd = post->supervisor_fd, .events = POLLIN } };
	char word;

	for (;;) {
		int n = poll(fds, 2, post->supervisor_fd < 0 ? 50 : -1);

		/* A word counts even where its sender has gone since. */
		if (n > 0 && fds[0].revents)
			return read(post->socket, &word, 1) != 1;
		if (n > 0 && fds[1].revents)
			return true;
		if (post->supervisor_fd < 0 && supervisor_gone(post))
			return true;
	}
}

static bool kept(const struct post *post, int fd)
{
	for (size_t i = 0; i < post->duty->nr_keep; i++) {
		if (fd == post->duty->keep[i])
			return true;
	}
	return fd == post->socket;
}

/* Nobody who waits for the end of a pipe shall wait for the guardian. */
static void close_others(const struct post *post)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int last = 2;

	for (int fd = 0; fd <= 2 && null >= 0; fd++)
		dup2(null, fd);
	for (size_t i = 0; i < post->duty->nr_keep; i++)
		last = post->duty->keep[i] > last ? post->duty->keep[i] : last;
	last = post->socket > last ? post->socket : last;
	for (int fd = 3; fd <= last; fd++) {
		if (!kept(post, fd))
			close(fd);
	}
	if (syscall(SYS_close_range, last + 1, ~0u, 0)) {
		for (int fd = last + 1; fd < 4096; fd++)
			close(fd);
	}
}

static void write_text(const char *path, const char *text)
{
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, text, strlen(text)) < 0)
		return; /* not permitted: so be it */
}

/* Later there may be no memory to grow the stack with. */
static void __attribute__((noinline)) grow_stack(void)
{
	volatile char stack[STACK_BYTES];

	for (size_t i = 0; i < sizeof(stack); i += 1024)
		stack[i] = 0;
}

static void settle(struct post *post)
{
	sigset_t all;
	struct process_stat stat = { 0 };

	setsid();
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	prctl(PR_SET_NAME, "overmap-guard");
	close_others(post);
	if (chdir("/"))
		_exit(1);
	/* Below 0 needs CAP_SYS_RESOURCE. */
	write_text("/proc/self/oom_score_adj", "-1000");
	grow_stack();
	mlockall(MCL_CURRENT); /* Best effort: what is restored must not wait for swap. */
	post->supervisor_fd = (int)syscall(SYS_pidfd_open, post->supervisor, 0);
	if (post->supervisor_fd < 0 && process_stat_read(post->supervisor, &stat) == 0)
		post->supervisor_start = stat.start_ticks;
}

static void __attribute__((noreturn)) stand_guard(struct post *post)
{
	struct report report = { .pid = getpid() };

	settle(post);
	report.r = post->duty->prepare ? post->duty->prepare(post->duty->context) : 0;
	if (write(post->socket, &report, sizeof(report)) != sizeof(report) || report.r)
		_exit(1);
	if (wait_for_end(post)) {
		await_death(post);
		kill_repetition(post);
		post->duty->last(post->duty->context);
	}
	_exit(0);
}

/* Forked twice, so that the caller's wait() never meets it. */
static int fork_guardian(struct post *post)
{
	int status;
	pid_t middle = fork();

	if (middle < 0)
		return -errno;
	if (middle == 0) {
		pid_t pid = fork();

		if (pid == 0)
			stand_guard(post);
		_exit(pid < 0 ? errno : 0);
	}
	while (waitpid(middle, &status, 0) < 0) {
		if (errno != EINTR)
			return errno == ECHILD ? 0 : -errno;
	}
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -ECHILD;
}

static int hear_report(struct guardian *g)
{
	struct pollfd fd = { .fd = g->socket, .events = POLLIN };
	struct report report;
	int n;

	do
		n = poll(&fd, 1, 10000);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return -ETIMEDOUT;
	if (read(g->socket, &report, sizeof(report)) != sizeof(report))
		return -ECHILD;
	g->pid = report.pid;
	return report.r;
}

static int start(struct guardian *g, const struct guardian_duty *duty)
{
	struct post post = { .duty = duty,
			     .watched = g->watched,
			     .supervisor = getpid(),
			     .session = getsid(0),
			     .supervisor_fd = -1 };
	int sockets[2], r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets))
		return -errno;
	g->socket = sockets[0];
	post.socket = sockets[1];
	r = fork_guardian(&post);
	close(sockets[1]);
	return r ? r : hear_report(g);
}

static void release(struct guardian *g)
{
	if (g->socket >= 0)
		close(g->socket);
	munmap(g->watched, sizeof(*g->watched));
	free(g);
}

int guardian_start(struct guardian **ret, const struct guardian_duty *duty, struct error *err)
{
	struct guardian *g = malloc(sizeof(*g));
	void *page = mmap(NULL, sizeof(*g->watched), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int r;

	if (!g || page == MAP_FAILED) {
		free(g);
		if (page != MAP_FAILED)
			munmap(page, sizeof(*g->watched));
		return error_set(err, -ENOMEM, "out of memory");
	}
	g->watched = page;
	g->socket = -1;
	r = start(g, duty);
	if (r) {
		release(g);
		return error_set_errno(err, r, "cannot start the guardian");
	}
	*ret = g;
	return 0;
}

bool guardian_alive(const struct guardian *g)
{
	struct pollfd fd = { .fd = g ? g->socket : -1 };

	/* It never writes again: anything on this socket is its end. */
	return g && poll(&fd, 1, 0) == 0;
}

pid_t guardian_pid(const struct guardian *g)
{
	return g->pid;
}

void guardian_watch(struct guardian *g, pid_t repetition)
{
	atomic_store(&g->watched->pid, 0);
	atomic_store(&g->watched->since_ns, boottime_ns());
	atomic_store(&g->watched->pid, repetition);
}

void guardian_dismiss(struct guardian *g)
{
	struct pollfd fd;
	char word = 'q';

	if (!g)
		return;
	fd = (struct pollfd){ .fd = g->socket, .events = POLLIN };
	if (send(g->socket, &word, 1, MSG_NOSIGNAL) == 1) {
		while (poll(&fd, 1, 5000) < 0 && errno == EINTR)
			;
	}
	release(g);
}
