/* SPDX-License-Identifier: MIT */
#include "base/file.h"

#include "base/cleanup.h"
#include "base/descriptor.h"
#include "base/size.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int file_read_fd(int fd, char *ret, size_t length)
{
	size_t used = 0;

	while (used < length) {
		ssize_t n = read(fd, ret + used, length - used);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0) {
			ret[used] = '\0';
			return (int)used;
		}
		used += (size_t)n;
	}
	return -EFBIG;
}

int file_read(const char *path, char *ret, size_t length)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	int n = fd < 0 ? -errno : file_read_fd(fd, ret, length);

	while (n > 0 && ret[n - 1] == '\n')
		ret[--n] = '\0';
	return n;
}

int file_readf(char *ret, size_t length, const char *format, ...)
{
	char path[512];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	if ((size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	return file_read(path, ret, length);
}

int file_read_u64(const char *path, uint64_t *ret)
{
	char text[64];
	int r = file_read(path, text, sizeof(text));

	if (r < 0)
		return r;
	return count_parse(text, ret, NULL);
}

static int load_all(int fd, size_t limit, char **ret, size_t *ret_length)
{
	AUTO_FREE char *data = NULL;
	size_t room = 0, used = 0;

	for (;;) {
		ssize_t n;

		if (used + 1 >= room) {
			size_t larger = room ? room * 2 : 16384;
			char *grown = realloc(data, larger);

			if (!grown)
				return -ENOMEM;
			data = grown;
			room = larger;
		}
		n = read(fd, data + used, room - used - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		used += (size_t)n;
		if (used > limit)
			return -EFBIG;
	}
	data[used] = '\0';
	*ret = data;
	*ret_length = used;
	data = NULL;
	return 0;
}

int file_load(const char *path, size_t limit, char **ret, size_t *ret_length, struct error *err)
{
	AUTO_CLOSE int fd = -1;
	struct stat st;
	int r;

	if (strcmp(path, "-") == 0) {
		r = load_all(STDIN_FILENO, limit, ret, ret_length);
	} else {
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (fd < 0 || fstat(fd, &st))
			return error_set_errno(err, -errno, "%s", path);
		if (S_ISDIR(st.st_mode))
			return error_set(err, -EISDIR, "%s: is a folder, not a file", path);
		/* Only open() must not wait: a pipe's writer may need its time. */
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
		if (st.st_size > 0 && (uint64_t)st.st_size > limit)
			r = -EFBIG;
		else
			r = load_all(fd, limit, ret, ret_length);
	}
	if (r == -EFBIG) {
		char text[32];

		return error_set(err, r, "%s: is larger than %s", path,
				 bytes_format(limit, text, sizeof(text)));
	}
	if (r < 0)
		return error_set_errno(err, r, "%s", path);
	return 0;
}

int file_write(int fd, const void *data, size_t length)
{
	const char *at = data;

	while (length) {
		ssize_t n = write(fd, at, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		length -= (size_t)n;
	}
	return 0;
}

/*
 * What is at path decides how it is written. A file, or nothing, is replaced, at the end of the
 * links that lead to it, and keeps its permissions; a device or a pipe takes the bytes as they come
 * and stays what it is.
 */
static int find_target(const char *path, char **ret_target, bool *ret_replace, mode_t *ret_mode,
		       struct error *err)
{
	struct stat st;

	*ret_replace = true;
	*ret_mode = 0;
	if (!stat(path, &st)) {
		if (S_ISDIR(st.st_mode))
			return error_set(err, -EISDIR, "cannot write %s: it is a folder", path);
		if (S_ISBLK(st.st_mode) || S_ISSOCK(st.st_mode))
			return error_set(err, -EINVAL, "cannot write %s: it is no file", path);
		*ret_replace = S_ISREG(st.st_mode);
		*ret_mode = st.st_mode & 0777;
		*ret_target = *ret_replace ? realpath(path, NULL) : strdup(path);
	} else if (!lstat(path, &st)) {
		return error_set(err, -ENOENT, "cannot write %s: a link that leads nowhere", path);
	} else {
		*ret_target = strdup(path);
	}
	return *ret_target ? 0 : error_set_errno(err, -errno, "cannot write %s", path);
}

/*
 * Beside the target. What a process of this number left when it was killed is in the way. mode: the
 * target's permissions, 0: there is none.
 */
static int open_temporary(struct file_replace *f, mode_t mode)
{
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, fd;

	if (asprintf(&f->temporary, "%s.tmp-%d", f->path, (int)getpid()) < 0) {
		f->temporary = NULL;
		errno = ENOMEM;
		return -1;
	}
	fd = open(f->temporary, flags, mode ? mode : 0644);
	if (fd < 0 && errno == EEXIST && !unlink(f->temporary))
		fd = open(f->temporary, flags, mode ? mode : 0644);
	if (fd >= 0 && mode && fchmod(fd, mode)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The descriptor to write to; f gets its names. */
static int open_target(struct file_replace *f, const char *path, struct error *err)
{
	bool replace;
	mode_t mode;
	int fd, r;

	if (descriptor_named(path)) {
		f->path = strdup(path);
		fd = f->path ? descriptor_open(path) : -ENOMEM;
		return fd < 0 ? error_set_errno(err, fd, "cannot write %s", path) : fd;
	}
	r = find_target(path, &f->path, &replace, &mode, err);
	if (r)
		return r;
	fd = replace ? open_temporary(f, mode) : open(f->path, O_WRONLY | O_CLOEXEC);
	return fd < 0 ? error_set_errno(err, -errno, "cannot write %s", path) : fd;
}

int file_replace_begin(struct file_replace *ret, const char *path, struct error *err)
{
	struct file_replace f = { 0 };
	int fd, r = 0;

	if (strcmp(path, "-") == 0) {
		f.stream = stdout;
		*ret = f;
		return 0;
	}
	/* Said now, not when a long run wants to keep its result. */
	fd = open_target(&f, path, err);
	if (fd < 0) {
		r = fd;
	} else if (!(f.stream = fdopen(fd, "w"))) {
		r = error_set_errno(err, -errno, "cannot write %s", path);
		close(fd);
	}
	if (r)
		file_replace_abort(&f);
	else
		*ret = f;
	return r;
}

int file_sync_folder(const char *path)
{
	AUTO_FREE char *folder = strdup(path);
	AUTO_CLOSE int fd = -1;
	char *slash;

	if (!folder)
		return -ENOMEM;
	slash = strrchr(folder, '/');
	if (slash)
		slash[slash == folder] = '\0';
	fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || fsync(fd) ? -errno : 0;
}

int file_replace_commit(struct file_replace *f, struct error *err)
{
	int r = 0;

	if (!f->path) {
		if (fflush(f->stream) || ferror(f->stream))
			return error_set(err, -EIO, "cannot write to standard output");
		return 0;
	}
	if (ferror(f->stream))
		r = -EIO;
	if (fflush(f->stream) || (!r && f->temporary && fsync(fileno(f->stream))))
		r = -errno;
	if (fclose(f->stream) && !r)
		r = -errno;
	f->stream = NULL;
	if (!r && f->temporary && rename(f->temporary, f->path))
		r = -errno;
	if (!r && f->temporary)
		r = file_sync_folder(f->path);
	if (r)
		error_set_errno(err, r, "cannot write %s", f->path);
	file_replace_abort(f);
	return r;
}

void file_replace_abort(struct file_replace *f)
{
	if (f->stream && f->path)
		fclose(f->stream);
	if (f->temporary)
		unlink(f->temporary);
	free(f->temporary);
	free(f->path);
	memset(f, 0, sizeof(*f));
}
