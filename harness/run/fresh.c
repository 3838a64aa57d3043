/* SPDX-License-Identifier: MIT */
#include "run/fresh.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void enter_child(const struct conditions *c)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	struct error err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (fd >= 0) {
		file_write(fd, "1000", 4);
		close(fd);
	}
	if (conditions_enter(c, &err))
		_exit(1);
}

static int wait_for(pid_t pid, struct error *err)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return error_set_errno(err, -errno, "waitpid");
	}
	if (WIFSIGNALED(status))
		return error_set(err, -EIO, "the process that maps was ended by %s",
				 signal_name(WTERMSIG(status)));
	return WEXITSTATUS(status) ? error_set(err, -EIO, "the process that maps failed") : 0;
}

int fresh_process(const struct conditions *c, int (*deed)(const void *context, void *room),
		  const void *context, void *ret, size_t bytes, struct error *err)
{
	void *room = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;
	int r;

	if (room == MAP_FAILED)
		return error_set_errno(err, -errno, "mmap of the shared area");
	pid = fork();
	if (pid == 0) {
		enter_child(c);
		_exit(deed(context, room) ? 1 : 0);
	}
	r = pid < 0 ? error_set_errno(err, -errno, "fork") : wait_for(pid, err);
	if (!r)
		memcpy(ret, room, bytes);
	munmap(room, bytes);
	return r;
}
