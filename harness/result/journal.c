/* SPDX-License-Identifier: MIT */
#include "result/journal.h"

#include "base/cleanup.h"
#include "base/descriptor.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define HEADER_LINES 1
#define ENDED        "{\"end\":"

char *journal_path(const char *output_path)
{
	char *path = NULL;

	return asprintf(&path, "%s.journal", output_path) < 0 ? NULL : path;
}

/* A journal may be thrown away when it has no repetition, or ended and has its document. */
static bool worthless(const char *path, const char *output_path)
{
	AUTO_FCLOSE FILE *stream = fopen(path, "re");
	AUTO_FREE char *line = NULL;
	bool ended = false;
	size_t room = 0, n = 0;

	while (stream && getline(&line, &room, stream) > 0) {
		n++;
		ended = strncmp(line, ENDED, strlen(ENDED)) == 0;
	}
	return stream && (n <= HEADER_LINES || (ended && access(output_path, F_OK) == 0));
}

/*
 * The repetition of a run that was just killed shares its lock until it is gone too: some
 * milliseconds, so that is waited for.
 */
static int lock(int fd, const char *path, struct error *err)
{
	struct timespec pause = { .tv_nsec = 10000000 };

	for (int tries = 0; tries < 100; tries++) {
		if (!flock(fd, LOCK_EX | LOCK_NB))
			return 0;
		if (errno != EWOULDBLOCK)
			break;
		nanosleep(&pause, NULL);
	}
	if (errno == EWOULDBLOCK)
		return error_set(err, -EBUSY, "%s: another run is writing it now", path);
	return error_set_errno(err, -errno, "cannot lock %s", path);
}

/* Open, create or take over; the descriptor, locked and empty. */
static int open_fresh(const char *path, const char *output_path, struct error *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644), r;
	bool fresh = fd >= 0;

	if (!fresh && errno == EEXIST)
		fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return error_set_errno(err, -errno, "cannot write %s", path);
	r = lock(fd, path, err);
	if (!r && !fresh && !worthless(path, output_path))
		r = error_set(err, -EEXIST,
			      "%s: an earlier run was cut short there: go on with --resume, or "
			      "remove the file",
			      path);
	if (!r && !fresh && ftruncate(fd, 0))
		r = error_set_errno(err, -errno, "cannot write %s", path);
	if (r) {
		close(fd);
		return r;
	}
	return fd;
}

static int open_temporary(char **ret_path, struct error *err)
{
	const char *folder = getenv("TMPDIR");
	char *path = NULL;
	int fd;

	if (asprintf(&path, "%s/overmap-XXXXXX.journal", folder && *folder ? folder : "/tmp") < 0)
		return error_set(err, -ENOMEM, "out of memory");
	fd = mkostemps(path, strlen(".journal"), O_APPEND | O_CLOEXEC);
	if (fd < 0) {
		fd = error_set_errno(err, -errno, "cannot write %s", path);
		free(path);
		return fd;
	}
	*ret_path = path;
	return fd;
}

/* Does the file begin as a result does, or with nothing? −errno: nobody may know. */
static int is_result(const char *path)
{
	static const char begin[] = "{\n  \"overmap\": \"result\"";
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[sizeof(begin)] = "";
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (n < 0)
		return -errno;
	return n == 0 || strcmp(text, begin) == 0;
}

/*
 * The finished document takes the place of what is there: an earlier result, and nothing else. The
 * scenario's own name is given too easily.
 */
static int check_output(const char *output_path, struct error *err)
{
	struct stat st;
	int r;

	if (stat(output_path, &st)) {
		if (!lstat(output_path, &st) && S_ISLNK(st.st_mode))
			return error_set(err, -ENOENT, "%s: is a link that leads nowhere",
					 output_path);
		return 0;
	}
	if (S_ISDIR(st.st_mode))
		return error_set(err, -EISDIR, "%s: is a folder, not a file", output_path);
	if (!S_ISREG(st.st_mode) || descriptor_named(output_path))
		return error_set(err, -EINVAL,
				 "%s: is not a regular file: use \"-o -\" and redirect it",
				 output_path);
	r = is_result(output_path);
	if (r < 0)
		return error_set_errno(err, r, "%s", output_path);
	if (!r)
		return error_set(err, -EEXIST,
				 "%s: exists and is no result of overmap: give another name, or "
				 "remove it",
				 output_path);
	return 0;
}

int journal_create(struct journal *ret, const char *output_path, struct error *err)
{
	struct journal j = { .fd = -1 };
	int r;

	if (strcmp(output_path, "-") == 0) {
		j.fd = open_temporary(&j.path, err);
	} else {
		r = check_output(output_path, err);
		if (r)
			return r;
		j.path = journal_path(output_path);
		if (!j.path)
			return error_set(err, -ENOMEM, "out of memory");
		j.fd = open_fresh(j.path, output_path, err);
	}
	if (j.fd < 0) {
		r = j.fd;
		free(j.path);
		return r;
	}
	r = file_sync_folder(j.path);
	if (r) {
		error_set_errno(err, r, "cannot write %s", j.path);
		journal_remove(&j);
		return r;
	}
	*ret = j;
	return 0;
}

/* Where the last whole line ends. */
static int whole_lines(int fd, off_t *ret)
{
	char block[4096];
	struct stat st;
	off_t end;

	if (fstat(fd, &st))
		return -errno;
	for (end = st.st_size; end > 0;) {
		size_t length = end < (off_t)sizeof(block) ? (size_t)end : sizeof(block);
		ssize_t n = pread(fd, block, length, end - (off_t)length);

		if (n != (ssize_t)length)
			return n < 0 ? -errno : -EIO;
		for (; n > 0; n--)
			if (block[n - 1] == '\n') {
				*ret = end - (off_t)length + n;
				return 0;
			}
		end -= (off_t)length;
	}
	*ret = 0;
	return 0;
}

int journal_resume(struct journal *ret, const char *output_path, struct error *err)
{
	struct journal j = { .path = journal_path(output_path), .fd = -1 };
	off_t end = 0;
	int r;

	if (!j.path)
		return error_set(err, -ENOMEM, "out of memory");
	j.fd = open(j.path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
	if (j.fd < 0) {
		r = error_set_errno(err, -errno, "cannot resume from %s", j.path);
		goto out;
	}
	r = lock(j.fd, j.path, err);
	if (r)
		goto out;
	r = whole_lines(j.fd, &end);
	if (!r && ftruncate(j.fd, end))
		r = -errno;
	if (r)
		error_set_errno(err, r, "cannot resume from %s", j.path);
out:
	if (r) {
		journal_close(&j);
		return r;
	}
	*ret = j;
	return 0;
}

int journal_append(struct journal *j, const char *text, struct error *err)
{
	off_t before = lseek(j->fd, 0, SEEK_END);
	int r = before < 0 ? -errno : file_write(j->fd, text, strlen(text));

	if (!r)
		r = file_write(j->fd, "\n", 1);
	if (!r && fdatasync(j->fd))
		r = -errno;
	if (!r)
		return 0;
	/* Half a line must not stay where a later one could follow it. */
	if (before >= 0 && ftruncate(j->fd, before))
		return error_set_errno(err, r, "cannot write %s, nor mend it", j->path);
	return error_set_errno(err, r, "cannot write %s", j->path);
}

FILE *journal_open_stream(const struct journal *j)
{
	return fopen(j->path, "re");
}

void journal_remove(struct journal *j)
{
	if (j->path)
		unlink(j->path);
	journal_close(j);
}

void journal_close(struct journal *j)
{
	if (j->fd >= 0)
		close(j->fd);
	free(j->path);
	*j = (struct journal){ .fd = -1 };
}
