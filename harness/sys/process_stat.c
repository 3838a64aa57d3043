/* SPDX-License-Identifier: MIT */
#include "sys/process_stat.h"

#include "base/cleanup.h"
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

int process_stat_read(pid_t pid, struct process_stat *ret)
{
	char text[1024], *after;
	int r = file_readf(text, sizeof(text), "/proc/%d/stat", (int)pid);

	if (r < 0)
		return r;
	/* The name may hold blanks and brackets: what comes after its last ')' is regular. */
	after = strrchr(text, ')');
	if (!after || strlen(after) < 3)
		return -EBADMSG;
	ret->state = after[2];
	after += 3;
	strtol(after, &after, 10);
	ret->group = (pid_t)strtol(after, &after, 10);
	ret->session = (pid_t)strtol(after, &after, 10);
	for (int field = 7; field < 22; field++)
		strtoll(after, &after, 10);
	ret->start_ticks = strtoull(after, NULL, 10);
	return 0;
}

static bool member_alive(pid_t pid, pid_t group, pid_t session)
{
	struct process_stat stat;

	return pid > 0 && process_stat_read(pid, &stat) == 0 && stat.group == group &&
	       stat.session == session && stat.state != 'Z' && stat.state != 'X';
}

/* Not by opendir(), which allocates. */
bool process_group_alive(pid_t group, pid_t session)
{
	_Alignas(struct dirent64) char buffer[8192];
	AUTO_CLOSE int proc = -1;
	ssize_t n;

	if (kill(-group, 0) && errno == ESRCH)
		return false;
	proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (proc >= 0 && (n = getdents64(proc, buffer, sizeof(buffer))) > 0) {
		for (ssize_t at = 0; at < n;) {
			const struct dirent64 *entry = (const struct dirent64 *)(buffer + at);

			if (member_alive((pid_t)strtol(entry->d_name, NULL, 10), group, session))
				return true;
			at += entry->d_reclen;
		}
	}
	return false;
}
