/* SPDX-License-Identifier: MIT */
/* The guardian does its duty however the supervisor ends, and kills the right processes only. */
#include "tests/sys/fake_root.h"

#include "base/cleanup.h"
#include "sys/guardian.h"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

/* Shared with the processes of a test. */
struct board {
	volatile pid_t guardian, leader, member;
	volatile int duty_done;
	int pipe[2];
};

static struct board *board;

static void duty(void *context)
{
	struct board *b = context;

	b->duty_done = 1;
	if (write(b->pipe[1], "d", 1) != 1)
		_exit(1);
}

static struct guardian *start_guardian(void)
{
	const struct guardian_duty what = {
		.last = duty, .context = board, .keep = &board->pipe[1], .nr_keep = 1
	};
	struct guardian *g = NULL;
	struct error err;

	if (guardian_start(&g, &what, &err)) {
		print_message("%s\n", err.text);
		_exit(9);
	}
	board->guardian = guardian_pid(g);
	return g;
}

static bool wait_for_duty(void)
{
	struct pollfd fd = { .fd = board->pipe[0], .events = POLLIN };
	char word;

	return poll(&fd, 1, 10000) == 1 && read(board->pipe[0], &word, 1) == 1;
}

static void wait_for_board(volatile pid_t *place)
{
	const struct timespec pause_1ms = { .tv_nsec = 1000000 };

	for (int i = 0; i < 10000 && !*place; i++)
		nanosleep(&pause_1ms, NULL);
	assert_true(*place);
}

/* Orphans come to the test, which is a subreaper: wait for the one that has ended. */
static bool ends(pid_t pid)
{
	const struct timespec pause_1ms = { .tv_nsec = 1000000 };

	for (int i = 0; i < 10000; i++) {
		if (waitpid(pid, NULL, WNOHANG) == pid)
			return true;
		if (kill(pid, 0) && errno == ESRCH)
			return true;
		nanosleep(&pause_1ms, NULL);
	}
	return false;
}

static void all_end(void)
{
	assert_true(ends(board->leader));
	assert_true(ends(board->member));
	assert_true(ends(board->guardian));
}

static void kill_supervisor(pid_t supervisor)
{
	kill(supervisor, SIGKILL);
	assert_int_equal(waitpid(supervisor, NULL, 0), supervisor);
	assert_true(wait_for_duty());
	all_end();
}

static pid_t fork_idle(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		pause();
		_exit(0);
	}
	return pid;
}

#define FILES_FIRST 1000 /* beyond the signals */

/* As the kernel does at a process's end, only that it takes long here. */
static void close_files(void)
{
	const struct timespec pause_50ms = { .tv_nsec = 50000000 };

	for (int fd = 3; fd < 256; fd++)
		close(fd);
	nanosleep(&pause_50ms, NULL);
}

/* A supervisor with a repetition of two processes; it ends as `how` says. */
static void __attribute__((noreturn)) supervise(int how)
{
	struct guardian *g = start_guardian();
	pid_t leader;

	if (how == FILES_FIRST) {
		close_files();
		how = SIGKILL;
	}
	/* cmocka's own handlers would go on with the next test. */
	signal(SIGSEGV, SIG_DFL);
	signal(SIGABRT, SIG_DFL);
	leader = fork();
	if (leader == 0) {
		setpgid(0, 0);
		board->member = fork_idle();
		pause();
		_exit(0);
	}
	setpgid(leader, leader);
	guardian_watch(g, leader);
	while (!board->member)
		;
	board->leader = leader;
	if (how == 0)
		_exit(0);
	if (how > 0)
		kill(getpid(), how);
	for (;;)
		pause();
}

static void test_ends(void **state)
{
	static const int hows[] = { 0,       SIGKILL, SIGTERM, SIGINT,
				    SIGSEGV, SIGABRT, SIGHUP,  FILES_FIRST };

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(hows); i++) {
		pid_t supervisor;

		board->leader = board->member = board->duty_done = 0;
		supervisor = fork();
		if (supervisor == 0)
			supervise(hows[i]);
		assert_int_equal(waitpid(supervisor, NULL, 0), supervisor);
		if (!wait_for_duty())
			fail_msg("no duty after %s", hows[i] ? strsignal(hows[i]) : "exit");
		assert_true(board->member);
		all_end();
	}
}

/* Signals from a terminal do not reach it, and it has a name that people find. */
static void test_deaf(void **state)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGUSR1 };
	char path[64], name[32] = "";
	pid_t supervisor;
	FILE *file;

	(void)state;
	board->leader = board->member = board->duty_done = 0;
	supervisor = fork();
	if (supervisor == 0)
		supervise(-1);
	wait_for_board(&board->leader);
	for (size_t i = 0; i < ARRAY_LENGTH(signals); i++)
		assert_int_equal(kill(board->guardian, signals[i]), 0);
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)board->guardian);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_non_null(fgets(name, sizeof(name), file));
	fclose(file);
	assert_string_equal(name, "overmap-guard\n");
	assert_int_equal(getpgid(board->guardian), board->guardian);
	assert_int_equal(board->duty_done, 0);
	kill_supervisor(supervisor);
}

/* It needs no memory that it does not have already. */
static void test_without_memory(void **state)
{
	const struct rlimit none = { 0, 0 };
	pid_t supervisor;

	(void)state;
	board->leader = board->member = board->duty_done = 0;
	supervisor = fork();
	if (supervisor == 0)
		supervise(-1);
	wait_for_board(&board->leader);
	assert_int_equal(prlimit(board->guardian, RLIMIT_AS, &none, NULL), 0);
	kill_supervisor(supervisor);
}

static void test_dismiss(void **state)
{
	struct guardian *g;
	char word;

	(void)state;
	board->duty_done = 0;
	g = start_guardian();
	assert_true(guardian_alive(g));
	guardian_dismiss(g);
	assert_true(ends(board->guardian));
	assert_int_equal(board->duty_done, 0);

	/* Killed alone: noticed. */
	g = start_guardian();
	kill(board->guardian, SIGKILL);
	assert_true(ends(board->guardian));
	assert_false(guardian_alive(g));
	guardian_dismiss(g);
	fcntl(board->pipe[0], F_SETFL, O_NONBLOCK);
	assert_int_equal(read(board->pipe[0], &word, 1), -1);
	fcntl(board->pipe[0], F_SETFL, 0);
}

static int refuse(void *context)
{
	(void)context;
	return -EDEADLK;
}

static void test_prepare_fails(void **state)
{
	const struct guardian_duty what = { .prepare = refuse, .last = duty, .context = board };
	struct guardian *g = NULL;
	struct error err;

	(void)state;
	assert_int_equal(guardian_start(&g, &what, &err), -EDEADLK);
	assert_null(g);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

/* The next process gets the number pid, where the kernel lets us choose. */
static pid_t fork_as(pid_t pid)
{
	FILE *file = fopen("/proc/sys/kernel/ns_last_pid", "w");
	pid_t child;

	if (!file)
		return -1;
	fprintf(file, "%d", (int)pid - 1);
	if (fclose(file))
		return -1;
	child = fork();
	if (child == 0) {
		setpgid(0, 0);
		pause();
		_exit(0);
	}
	return child;
}

/* The repetition has ended, and its number went to a process that has nothing to do with it. */
static void __attribute__((noreturn)) supervise_recycled(void)
{
	const struct timespec ticks = { .tv_nsec = 30 * 1000 * 1000 };
	struct guardian *g = start_guardian();
	pid_t old = fork(), fresh;

	if (old == 0) {
		setpgid(0, 0);
		pause();
		_exit(0);
	}
	guardian_watch(g, old);
	kill(old, SIGKILL);
	waitpid(old, NULL, 0);
	nanosleep(&ticks, NULL); /* start times are counted in ticks */
	fresh = fork_as(old);
	if (fresh > 0 && fresh != old)
		kill(fresh, SIGKILL);
	board->leader = fresh == old ? fresh : -1;
	kill(getpid(), SIGKILL);
	for (;;)
		pause();
}

static void test_recycled(void **state)
{
	pid_t supervisor = 0;

	(void)state;
	for (int tries = 0; tries < 10; tries++) {
		board->leader = board->duty_done = 0;
		supervisor = fork();
		if (supervisor == 0)
			supervise_recycled();
		assert_int_equal(waitpid(supervisor, NULL, 0), supervisor);
		assert_true(wait_for_duty());
		assert_true(ends(board->guardian));
		if (board->leader > 0)
			break;
	}
	if (board->leader < 0) {
		print_message("SKIP: recycled pid: pids cannot be chosen here\n");
		skip();
	}
	assert_int_equal(kill(board->leader, 0), 0);
	assert_int_equal(waitpid(board->leader, NULL, WNOHANG), 0);
	kill(board->leader, SIGKILL);
	assert_true(ends(board->leader));
}

/* The leader has died already, a member of its group has not. */
static void __attribute__((noreturn)) supervise_leaderless(void)
{
	struct guardian *g = start_guardian();
	pid_t leader = fork();

	if (leader == 0) {
		setpgid(0, 0);
		board->member = fork_idle();
		_exit(0);
	}
	setpgid(leader, leader);
	guardian_watch(g, leader);
	waitpid(leader, NULL, 0);
	kill(getpid(), SIGKILL);
	for (;;)
		pause();
}

static void test_leaderless(void **state)
{
	pid_t supervisor;

	(void)state;
	board->member = board->duty_done = 0;
	supervisor = fork();
	if (supervisor == 0)
		supervise_leaderless();
	assert_int_equal(waitpid(supervisor, NULL, 0), supervisor);
	assert_true(wait_for_duty());
	assert_true(ends(board->member));
	assert_true(ends(board->guardian));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends),           cmocka_unit_test(test_deaf),
		cmocka_unit_test(test_without_memory), cmocka_unit_test(test_dismiss),
		cmocka_unit_test(test_prepare_fails),  cmocka_unit_test(test_recycled),
		cmocka_unit_test(test_leaderless),
	};
	const struct rlimit no_core = { 0, 0 };

	setrlimit(RLIMIT_CORE, &no_core);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	if (board == MAP_FAILED || pipe(board->pipe))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
