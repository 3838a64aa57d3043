/* SPDX-License-Identifier: MIT */
#include "run/repetition.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "sys/cgroup.h"

#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#define WATCH_MEMORY_MS   20
#define EXIT_ENTER_FAILED 3

enum end { END_ITSELF, END_TIMEOUT, END_MEMORY, END_INTERRUPTED };

/*
 * Before anything that may hurt: die with the parent and by every signal, first in line for the OOM
 * killer, no core.
 */
static int enter_child(const struct watch *watch, pid_t parent, struct error *err)
{
	static const int fatal[] = { SIGSEGV, SIGBUS,  SIGILL, SIGFPE,  SIGABRT, SIGTRAP,
				     SIGINT,  SIGTERM, SIGHUP, SIGPIPE, SIGQUIT };
	struct rlimit no_core = { 0, 0 };
	sigset_t none;
	int fd;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		return -ESRCH;
	/* The guardian must know of this process before it has any other. */
	if (watch->started)
		watch->started(watch->context, getpid());
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (size_t i = 0; i < ARRAY_LENGTH(fatal); i++)
		signal(fatal[i], SIG_DFL);
	setrlimit(RLIMIT_CORE, &no_core);
	fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		file_write(fd, "1000", 4);
		close(fd);
	}
	if (watch->enter)
		return watch->enter(watch->context, err);
	return 0;
}

static int child(const struct assignment *a, const struct watch *watch, pid_t parent)
{
	struct worker_report *report = &a->area->workers[0];
	struct error err = { "" };
	int r = enter_child(watch, parent, &err);

	if (!r)
		r = conditions_enter(a->conditions, &err);
	if (r) {
		report->error = -r;
		snprintf(report->text, sizeof(report->text), "%.*s", (int)sizeof(report->text) - 1,
			 err.text);
		return EXIT_ENTER_FAILED;
	}
	return crew_run(a);
}

/* A signal for the supervisor: the first asks the crew to end, the second does not ask. */
static bool take_signal(const struct assignment *a, struct watch *watch)
{
	struct signalfd_siginfo info;

	if (read(watch->signal_fd, &info, sizeof(info)) != sizeof(info))
		return false;
	if (!watch->signal)
		watch->signal = (int)info.ssi_signo;
	if (++watch->nr_signals > 1)
		return true;
	atomic_store(&a->area->control->stop, STOP_ASKED);
	return false;
}

static int wait_ms(const struct watch *watch, uint64_t deadline_ns)
{
	uint64_t now = clock_now_ns(), left;

	if (now >= deadline_ns)
		return 0;
	left = (deadline_ns - now) / 1000000 + 1;
	if (watch->reserve_bytes && left > WATCH_MEMORY_MS)
		return WATCH_MEMORY_MS;
	return left > 60000 ? 60000 : (int)left;
}

/* Until the pipe whose other end only the repetition's processes hold is closed by all of them. */
static enum end await_end(const struct assignment *a, struct watch *watch, int pipe_fd)
{
	uint64_t deadline = clock_now_ns() + watch->timeout_ns;

	for (;;) {
		struct pollfd fds[] = { { .fd = pipe_fd, .events = POLLIN },
					{ .fd = watch->signal_fd, .events = POLLIN } };
		int n = poll(fds, 2, wait_ms(watch, deadline));

		if (n > 0 && fds[0].revents)
			return END_ITSELF;
		if (n > 0 && fds[1].revents && take_signal(a, watch))
			return END_INTERRUPTED;
		if (clock_now_ns() >= deadline)
			return END_TIMEOUT;
		if (watch->reserve_bytes && host_usable_now() < watch->reserve_bytes)
			return END_MEMORY;
	}
}

uint64_t watch_oom_kills(const struct watch *watch)
{
	char text[16384];
	const char *at;

	if (watch->cgroup)
		return cgroup_oom_kills(watch->cgroup);
	if (file_read("/proc/vmstat", text, sizeof(text)) < 0)
		return 0;
	at = strstr(text, "\noom_kill ");
	return at ? strtoull(at + strlen("\noom_kill "), NULL, 10) : 0;
}

/* Read only after a death: the counter costs a page of text. */
static bool oom_killed(struct watch *watch)
{
	uint64_t before = watch->oom_kills;

	watch->oom_kills = watch_oom_kills(watch);
	return watch->oom_kills > before;
}

/* The worker that failed first, or else the one that got least far. */
static const struct worker_report *culprit(const struct assignment *a)
{
	const struct worker_report *found = &a->area->workers[0];

	for (unsigned int i = 0; i < a->area->nr_workers; i++) {
		const struct worker_report *w = &a->area->workers[i];

		if (w->error)
			return w;
		if (w->phase < found->phase || (w->phase == found->phase && w->step < found->step))
			found = w;
	}
	return found;
}

/*
 * The worker that a signal came from, as far as can be told from outside: what kills is the step
 * that somebody has got to, not the one that slower workers are still at.
 */
static const struct worker_report *furthest(const struct assignment *a)
{
	const struct worker_report *found = &a->area->workers[0];

	for (unsigned int i = 1; i < a->area->nr_workers; i++) {
		const struct worker_report *w = &a->area->workers[i];

		if (w->phase == PHASE_DONE || found->phase == PHASE_DONE)
			return culprit(a); /* that one is through: it was another */
		if (w->phase > found->phase || (w->phase == found->phase && w->step > found->step))
			found = w;
	}
	return found;
}

/* Where: −1 before the first step, −2 − i in setup step i. */
static int where(const struct worker_report *w)
{
	switch (w->phase) {
	case PHASE_SETUP:
		return -2 - (int)w->step;
	case PHASE_STEPS:
		return (int)w->step;
	default:
		return -1;
	}
}

static void say(struct outcome *o, enum outcome_kind kind, int number, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
static void say(struct outcome *o, enum outcome_kind kind, int number, const char *format, ...)
{
	va_list args;

	o->kind = kind;
	o->number = number;
	va_start(args, format);
	vsnprintf(o->detail, sizeof(o->detail), format, args);
	va_end(args);
}

static void judge_exit(const struct assignment *a, int status, struct outcome *o)
{
	const struct worker_report *w = culprit(a);

	o->step = where(w);
	if (w->error && w->harness_failed)
		say(o, OUTCOME_FAILED, w->error, "%s", w->text[0] ? w->text : strerror(w->error));
	else if (w->error && WEXITSTATUS(status) != EXIT_ENTER_FAILED)
		say(o, OUTCOME_ERRNO, w->error, "%s", w->text[0] ? w->text : strerror(w->error));
	else if (WEXITSTATUS(status))
		say(o, OUTCOME_FAILED, w->error, "%s",
		    w->text[0] ? w->text : "the repetition's process could not start");
	else if (w->phase != PHASE_DONE)
		say(o, OUTCOME_FAILED, 0, "a worker ended before its steps did");
	else
		*o = (struct outcome){ .kind = OUTCOME_OK, .step = -1 };
}

static void judge_signal(const struct assignment *a, int number, bool oom, struct outcome *o)
{
	o->step = where(furthest(a));
	/* The OOM killer has but one signal. */
	if (oom && number == SIGKILL)
		say(o, OUTCOME_OOM_KILLED, number, "killed by the kernel's OOM killer");
	else if (number == SIGKILL)
		say(o, OUTCOME_FAILED, number, "killed from outside with SIGKILL");
	else
		say(o, OUTCOME_SIGNAL, number, "%s", strsignal(number));
}

static void judge(const struct assignment *a, const struct watch *watch, enum end end, int status,
		  bool oom, struct outcome *o)
{
	char available[32];

	*o = (struct outcome){ .step = where(culprit(a)) };
	switch (end) {
	case END_TIMEOUT:
		say(o, OUTCOME_TIMEOUT, 0, "killed after %.0f s", (double)watch->timeout_ns / 1e9);
		break;
	case END_MEMORY:
		say(o, OUTCOME_OOM_KILLED, 0,
		    "stopped by the watchdog: less than %s of memory was left",
		    bytes_format(watch->reserve_bytes, available, sizeof(available)));
		break;
	case END_INTERRUPTED:
		say(o, OUTCOME_INTERRUPTED, watch->signal, "interrupted");
		break;
	case END_ITSELF:
		if (WIFSIGNALED(status))
			judge_signal(a, WTERMSIG(status), oom, o);
		else
			judge_exit(a, status, o);
	}
}

static int start(const struct assignment *a, const struct watch *watch, int *ret_pipe,
		 pid_t *ret_pid, struct error *err)
{
	pid_t parent = getpid(), pid;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return error_set_errno(err, -errno, "cannot start a repetition: pipe");
	pid = fork();
	if (pid < 0) {
		int r = error_set_errno(err, -errno, "cannot start a repetition: fork");

		close(ends[0]);
		close(ends[1]);
		return r;
	}
	if (pid == 0) {
		close(ends[0]);
		_exit(child(a, watch, parent));
	}
	setpgid(pid, pid);
	close(ends[1]);
	*ret_pipe = ends[0];
	*ret_pid = pid;
	return 0;
}

int repetition_run(const struct assignment *a, struct watch *watch, struct repetition *ret,
		   struct error *err)
{
	uint64_t began = clock_now_ns();
	AUTO_CLOSE int pipe_fd = -1;
	int r, status = 0;
	enum end end;
	pid_t pid = 0;

	area_reset(a->area);
	ret->started_ns = clock_realtime_ns();
	r = start(a, watch, &pipe_fd, &pid, err);
	if (r)
		return r;
	if (watch->started)
		watch->started(watch->context, pid);
	end = await_end(a, watch, pipe_fd);
	/* Not reaped yet, so the group's number cannot belong to anybody else. */
	kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (watch->started)
		watch->started(watch->context, 0);
	ret->elapsed_ns = clock_now_ns() - began;
	judge(a, watch, end, status, WIFSIGNALED(status) && oom_killed(watch), &ret->outcome);
	return 0;
}
