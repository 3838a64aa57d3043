/* SPDX-License-Identifier: MIT */
#include "sys/sysfile.h"

#include "base/cleanup.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/statfs.h>

/* Where the next part of a path ends; copies it into part. NULL: too long, empty, or "..". */
static const char *next_part(const char *path, char *part, size_t length)
{
	size_t n = strcspn(path, "/");

	if (n == 0 || n >= length || path[0] == '.')
		return NULL;
	memcpy(part, path, n);
	part[n] = '\0';
	return path + n;
}

static int of_the_kernel(int fd)
{
	struct statfs fs;

	if (fstatfs(fd, &fs))
		return -errno;
	if (fs.f_type != PROC_SUPER_MAGIC && fs.f_type != SYSFS_MAGIC)
		return -EXDEV;
	return 0;
}

/* Open name in folder; the folder's descriptor is closed. */
static int step_into(int folder, const char *name, int flags)
{
	int fd = openat(folder, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int r = fd < 0 ? -errno : fd;

	close(folder);
	/* O_PATH|O_DIRECTORY on a link says ENOTDIR, the rest says ELOOP. */
	return r;
}

int sysfile_open(const char *root, const char *path, int flags)
{
	bool own = !root || !root[0];
	int fd = open(own ? "/" : root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char part[128];
	int r;

	if (fd < 0)
		return -errno;
	while (*path == '/') {
		path = next_part(path + 1, part, sizeof(part));
		if (!path) {
			close(fd);
			return -EINVAL;
		}
		fd = step_into(fd, part, *path ? O_PATH | O_DIRECTORY : flags);
		if (fd < 0)
			return fd;
	}
	r = own ? of_the_kernel(fd) : 0;
	if (r) {
		close(fd);
		return r;
	}
	return fd;
}

static size_t single_blanks(char *text)
{
	char *to = text;

	for (const char *at = text; *at; at++) {
		bool blank = strchr(" \t\n\r", *at);

		if (!blank)
			*to++ = *at;
		else if (to > text && to[-1] != ' ')
			*to++ = ' ';
	}
	if (to > text && to[-1] == ' ')
		to--;
	*to = '\0';
	return (size_t)(to - text);
}

int sysfile_read(const char *root, const char *path, char *ret, size_t length)
{
	AUTO_CLOSE int fd = sysfile_open(root, path, O_RDONLY);
	int r = fd < 0 ? fd : file_read_fd(fd, ret, length);

	return r < 0 ? r : (int)single_blanks(ret);
}

int sysfile_write(const char *root, const char *path, const char *text)
{
	/* O_TRUNC means something only to the plain files of a root for tests. */
	AUTO_CLOSE int fd = sysfile_open(root, path, O_WRONLY | (root && root[0] ? O_TRUNC : 0));
	size_t length = strlen(text);
	ssize_t n;

	if (fd < 0)
		return fd;
	do
		n = write(fd, text, length);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == length ? 0 : -EIO;
}

int sysfile_writable(const char *root, const char *path)
{
	AUTO_CLOSE int fd = sysfile_open(root, path, O_WRONLY);

	return fd < 0 ? fd : 0;
}

bool sysfile_exists(const char *root, const char *path)
{
	AUTO_CLOSE int fd = sysfile_open(root, path, O_PATH);

	return fd >= 0;
}
