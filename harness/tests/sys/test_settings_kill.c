/* SPDX-License-Identifier: MIT */
/*
 * Supervisors that die at random moments of a run that changes the system: everything is as before
 * afterwards, and no process is left. OVERMAP_KILLS says how many die (default 200, 40 with the
 * sanitizers, a quarter of that again with their guardian), OVERMAP_SEED repeats an order.
 */
#include "tests/sys/fake_root.h"

#include "base/clock.h"
#include "base/random.h"
#include "sys/settings.h"

#include <ctype.h>
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#define MOMENTS_US  200000 /* a supervisor dies within so long of its start */
#define GIVE_UP_NS  10000000000u
#define PROMISED_NS 1000000000u

static struct random dice;

static void sleep_us(uint64_t us)
{
	const struct timespec pause = { .tv_sec = (time_t)(us / 1000000),
					.tv_nsec = (long)(us % 1000000) * 1000 };

	nanosleep(&pause, NULL);
}

/* The state of the system: all that the runs below change, as the kernel tells it */

static void add_file(FILE *to, const char *path)
{
	char line[512];
	FILE *from = fopen(path, "r");

	fprintf(to, "%s:", path);
	while (from && fgets(line, sizeof(line), from))
		fputs(line, to);
	if (from)
		fclose(from);
}

static void add_pools(FILE *to)
{
	static const char *const names[] = { "nr_hugepages", "surplus_hugepages" };
	static const unsigned int kib[] = { 2048, 1048576 };
	char path[160];

	for (unsigned int i = 0; i < 4 * 64; i++) {
		snprintf(path, sizeof(path),
			 "/sys/devices/system/node/node%u/hugepages/hugepages-%ukB/%s", i / 4,
			 kib[i % 2], names[i / 2 % 2]);
		if (access(path, F_OK) == 0)
			add_file(to, path);
	}
}

static void add_commit_limit(FILE *to)
{
	char line[256];
	FILE *from = fopen("/proc/meminfo", "r");

	while (from && fgets(line, sizeof(line), from)) {
		if (strncmp(line, "CommitLimit", 11) == 0)
			fputs(line, to);
	}
	if (from)
		fclose(from);
}

static void snapshot(char *ret, size_t length)
{
	FILE *to = fmemopen(ret, length, "w");

	add_file(to, "/proc/sys/vm/overcommit_memory");
	add_file(to, "/proc/sys/vm/overcommit_ratio");
	add_file(to, "/proc/sys/vm/overcommit_kbytes");
	add_file(to, "/proc/sys/vm/swappiness");
	add_file(to, "/proc/sys/vm/min_free_kbytes");
	add_file(to, "/sys/kernel/mm/transparent_hugepage/enabled");
	add_file(to, "/proc/swaps");
	add_pools(to);
	add_commit_limit(to);
	fprintf(to, "swap file: %d\n", access("/var/lib/overmap/swap", F_OK));
	fclose(to);
}

/* Processes */

/* Field number of /proc/PID/stat after the name: 0 is the state, 3 the session. */
static long stat_field(pid_t pid, int number)
{
	char path[64], text[1024] = "", *at;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "r");
	if (!file)
		return -1;
	at = fgets(text, sizeof(text), file) ? strrchr(text, ')') : NULL;
	fclose(file);
	if (!at)
		return -1;
	if (number == 0)
		return at[2];
	for (at += 3; --number;)
		strtol(at, &at, 10);
	return strtol(at, NULL, 10);
}

static bool is_ours(pid_t pid)
{
	char path[64], theirs[256], own[256];
	ssize_t n, m;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	n = readlink(path, theirs, sizeof(theirs));
	m = readlink("/proc/self/exe", own, sizeof(own));
	return n > 0 && n == m && memcmp(own, theirs, (size_t)n) == 0;
}

/* Processes of this program that live, other than this one; guards: only guardians. */
static unsigned int find_processes(bool guards, pid_t *ret_one)
{
	DIR *proc = opendir("/proc");
	unsigned int n = 0;
	struct dirent *entry;

	while ((entry = readdir(proc))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		long state = pid > 0 && pid != getpid() && is_ours(pid) ? stat_field(pid, 0) : 'Z';

		if (state == 'Z' || state == 'X' || state < 0)
			continue;
		if (guards && stat_field(pid, 3) != pid)
			continue;
		*ret_one = pid;
		n++;
	}
	closedir(proc);
	return n;
}

static void reap(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

/* The run that dies */

/*
 * A repetition as runs have them: it dies with its supervisor, and makes itself known to the
 * guardian before it starts a worker, which would live on by itself unless dies_with_parent.
 */
static pid_t start_repetition(struct settings *s, bool dies_with_parent)
{
	pid_t supervisor = getpid(), repetition, pid = fork();

	if (pid == 0) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != supervisor)
			_exit(1);
		settings_guard(s, getpid());
		repetition = getpid();
		if (fork() == 0 && dies_with_parent) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (getppid() != repetition)
				_exit(1); /* it died before this one could ask to be told */
		}
		for (;;)
			pause();
	}
	setpgid(pid, pid);
	return pid;
}

static size_t choose(struct setting_wanted wanted[8], char text[4][32])
{
	size_t n = 0;

	snprintf(text[0], 32, "%d", (int)random_below(&dice, 50));
	snprintf(text[1], 32, "%d", (int)random_below(&dice, 32));
	snprintf(text[2], 32, "%dMiB", 8 + (int)random_below(&dice, 24));
	snprintf(text[3], 32, "%d", 60000000 + (int)random_below(&dice, 1000));
	wanted[n++] = (struct setting_wanted){ "vm.swappiness", text[0] };
	wanted[n++] = (struct setting_wanted){ "hugetlb.2MiB.node0", text[1] };
	if (random_below(&dice, 4))
		wanted[n++] = (struct setting_wanted){ "swap.file", text[2] };
	if (random_below(&dice, 2)) {
		wanted[n++] = (struct setting_wanted){ "vm.overcommit_memory", "2" };
		wanted[n++] = (struct setting_wanted){ "vm.overcommit_kbytes", text[3] };
		wanted[n++] = (struct setting_wanted){ "thp.enabled", "always" };
	} else {
		wanted[n++] = (struct setting_wanted){ "vm.overcommit_memory", "1" };
		wanted[n++] = (struct setting_wanted){ "vm.overcommit_ratio", "80" };
		wanted[n++] = (struct setting_wanted){ "thp.enabled", "never" };
	}
	return n;
}

static void __attribute__((noreturn)) supervise(bool alone)
{
	struct settings *s;
	struct error err;

	setsid();
	if (settings_begin(&s, NULL, &err))
		_exit(7);
	for (;;) {
		struct setting_wanted wanted[8];
		char text[4][32];
		size_t n = random_below(&dice, 5) ? choose(wanted, text) : 0;
		pid_t repetition;

		if (settings_apply(s, wanted, n, &err)) {
			print_message("%s\n", err.text);
			_exit(8);
		}
		/* Before the first write there is no guardian yet. */
		repetition = start_repetition(s, alone || !settings_are_open(s));
		sleep_us(random_below(&dice, 10000));
		kill(-repetition, SIGKILL);
		waitpid(repetition, NULL, 0);
		settings_guard(s, 0);
	}
}

/* Start one, let it run for a random while, and end it with signal. Its dice differ each time. */
static void run_and_kill(int sig, bool with_guardian)
{
	uint64_t seed = random_next(&dice), moment = random_below(&dice, MOMENTS_US);
	bool guardian_first = random_below(&dice, 2);
	int status;
	pid_t guardian, pid = fork();

	if (pid == 0) {
		dice.state = seed;
		supervise(with_guardian);
	}
	sleep_us(moment);
	if (with_guardian && guardian_first && find_processes(true, &guardian))
		kill(guardian, SIGKILL);
	kill(pid, sig);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != sig)
		fail_msg("the supervisor ended by itself: status %d", status);
	while (with_guardian && find_processes(true, &guardian)) {
		kill(guardian, SIGKILL);
		reap();
	}
}

struct figures {
	unsigned int runs, restored, late;
	uint64_t slowest_ns;
};

/* Until the state is as before and nobody is left. */
static void await_state(const char *before, struct figures *figures)
{
	uint64_t start = clock_now_ns(), elapsed;
	char now[16384];
	pid_t left = 0;
	bool done;

	do {
		reap();
		snapshot(now, sizeof(now));
		done = strcmp(now, before) == 0 && find_processes(false, &left) == 0;
		elapsed = clock_now_ns() - start;
	} while (!done && elapsed < GIVE_UP_NS);
	figures->runs++;
	figures->restored += done;
	figures->late += elapsed > PROMISED_NS;
	if (elapsed > figures->slowest_ns)
		figures->slowest_ns = elapsed;
	if (!done && figures->runs - figures->restored == 1)
		print_message("process left: %d\nbefore:\n%s\nnow:\n%s\n", (int)left, before, now);
}

static void print_figures(const char *what, const struct figures *f)
{
	print_message("%s: %u of %u as before; %u later than 1 s, the slowest after %.0f ms\n",
		      what, f->restored, f->runs, f->late, (double)f->slowest_ns / 1e6);
}

static unsigned int kills(void)
{
	const char *text = getenv("OVERMAP_KILLS");
	const char *sanitized = getenv("OVERMAP_SANITIZED");

	if (text)
		return (unsigned int)strtoul(text, NULL, 10);
	return sanitized && *sanitized ? 40 : 200;
}

static void need_root(const char *test)
{
	char pages[32];
	struct error err;

	/* A child that died of it would go on with the next test: cmocka catches it. */
	signal(SIGSEGV, SIG_DFL);
	if (geteuid() == 0 && settings_check("swap.file", "8MiB", &err) == 0 &&
	    settings_check("vm.swappiness", "61", &err) == 0 &&
	    settings_read("hugetlb.2MiB.node0", pages, sizeof(pages), &err) >= 0)
		return;
	print_message("SKIP: %s: needs root and 2 MiB huge pages\n", test);
	skip();
}

static void test_supervisor_dies(void **state)
{
	static const int signals[] = { SIGKILL, SIGTERM, SIGSEGV };
	struct figures figures = { 0 };
	char before[16384];

	(void)state;
	need_root("supervisor dies");
	snapshot(before, sizeof(before));
	for (unsigned int i = 0; i < kills(); i++) {
		run_and_kill(signals[i % 3], false);
		await_state(before, &figures);
	}
	print_figures("supervisor killed", &figures);
	assert_int_equal(figures.restored, figures.runs);
}

static void no_line(void *context, const char *sentence)
{
	(void)context;
	(void)sentence;
}

static void test_both_die(void **state)
{
	struct figures figures = { 0 };
	unsigned int found_changed = 0;
	char before[16384], now[16384];
	struct error err = { "" };

	(void)state;
	need_root("both die");
	snapshot(before, sizeof(before));
	for (unsigned int i = 0; i < (kills() + 3) / 4; i++) {
		run_and_kill(SIGKILL, true);
		snapshot(now, sizeof(now));
		found_changed += strcmp(now, before) != 0;
		if (settings_recover(NULL, no_line, NULL, &err))
			print_message("%s\n", err.text);
		await_state(before, &figures);
	}
	print_figures("supervisor and guardian killed, then recovered", &figures);
	print_message("(%u of them had left something changed)\n", found_changed);
	assert_int_equal(figures.restored, figures.runs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_supervisor_dies),
		cmocka_unit_test(test_both_die),
	};
	const struct rlimit no_core = { 0, 0 };
	const char *seed = getenv("OVERMAP_SEED");

	take_turn();
	dice.state = seed ? strtoull(seed, NULL, 10) : random_seed();
	print_message("OVERMAP_SEED=%llu\n", (unsigned long long)dice.state);
	setrlimit(RLIMIT_CORE, &no_core);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
