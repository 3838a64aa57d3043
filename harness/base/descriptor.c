/* SPDX-License-Identifier: MIT */
#include "base/descriptor.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#define LINKS_MAX 40 /* as the kernel follows: MAXSYMLINKS */

/* Where the link at path leads, from the folder that it is in. false: it is no such link. */
static bool follow(char path[PATH_MAX])
{
	char target[PATH_MAX], *slash = strrchr(path, '/');
	ssize_t n = readlink(path, target, sizeof(target) - 1);
	size_t folder;

	if (n <= 0)
		return false;
	target[n] = '\0';
	folder = target[0] != '/' && slash ? (size_t)(slash + 1 - path) : 0;
	if (folder + (size_t)n >= PATH_MAX)
		return false;
	memcpy(path + folder, target, (size_t)n + 1);
	return true;
}

/* Along the links of the last name, up to the one in /proc: false: none is there. */
static bool find_link(const char *name, char ret[PATH_MAX])
{
	struct statfs fs;

	if ((size_t)snprintf(ret, PATH_MAX, "%s", name) >= PATH_MAX)
		return false;
	for (int i = 0; i < LINKS_MAX; i++) {
		AUTO_CLOSE int fd = open(ret, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		char end[2];

		if (fd < 0 || fstatfs(fd, &fs) || readlinkat(fd, "", end, sizeof(end)) < 0)
			return false;
		if (fs.f_type == PROC_SUPER_MAGIC)
			return true;
		if (!follow(ret))
			return false;
	}
	return false;
}

bool descriptor_named(const char *path)
{
	char link[PATH_MAX];

	return find_link(path, link);
}

/* The number of this process's descriptor that the link is for; −1: it is another's. */
static int own_number(char link[PATH_MAX])
{
	AUTO_FREE char *own = realpath("/proc/self/fd", NULL);
	AUTO_FREE char *folder = NULL;
	char *slash = strrchr(link, '/'), *end;
	long number;

	if (!slash || !own)
		return -1;
	number = strtol(slash + 1, &end, 10);
	if (end == slash + 1 || *end || number < 0 || number > INT_MAX)
		return -1;
	*slash = '\0';
	folder = realpath(link, NULL);
	*slash = '/';
	return folder && strcmp(folder, own) == 0 ? (int)number : -1;
}

int descriptor_open(const char *path)
{
	char link[PATH_MAX];
	int number, flags, fd;

	if (!find_link(path, link))
		return -ENOENT;
	number = own_number(link);
	if (number < 0) {
		fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
		return fd < 0 ? -errno : fd;
	}
	flags = fcntl(number, F_GETFL);
	if (flags < 0)
		return -errno;
	if ((flags & O_ACCMODE) == O_RDONLY)
		return -EBADF;
	fd = fcntl(number, F_DUPFD_CLOEXEC, 0);
	return fd < 0 ? -errno : fd;
}
