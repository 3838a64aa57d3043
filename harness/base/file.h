/* SPDX-License-Identifier: MIT */
/* Reading small files of /proc and /sys whole, and replacing files so that no reader sees half. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Read a small file whole into ret, NUL-terminated, trailing newlines removed. Length in bytes, or
 * −errno; −EFBIG where it does not fit.
 */
int file_read(const char *path, char *ret, size_t length);

/* The same from where fd stands, with the newlines at the end. Allocates nothing. */
int file_read_fd(int fd, char *ret, size_t length);

/* As file_read(), path from a format. */
int file_readf(char *ret, size_t length, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Read one unsigned number. −errno; −EINVAL where the file holds something else. */
int file_read_u64(const char *path, uint64_t *ret);

/*
 * Read a regular file of at most limit bytes into fresh memory (*ret, NUL-terminated). −EISDIR for
 * a folder, −EFBIG above the limit, −errno otherwise; err says which.
 */
int file_load(const char *path, size_t limit, char **ret, size_t *ret_length, struct error *err);

/* Write all bytes to fd; 0 or −errno. */
int file_write(int fd, const void *data, size_t length);

/* Make the folder of path durable, so that a name in it survives a power cut. 0 or −errno. */
int file_sync_folder(const char *path);

/*
 * A new version of a file: written beside it, made durable, then renamed over it; a symbolic link
 * stays one, and permissions stay. Until file_replace_commit() succeeds the old file stays as it
 * was. A character device or a pipe is written to as it is, and so is what stands for an open file,
 * see descriptor_open(); "-" is standard output. −EISDIR, −EINVAL: a folder, another thing that is
 * no file; −ENOENT: no such folder, or a link that leads nowhere.
 */
struct file_replace {
	FILE *stream;
	char *path, *temporary; /* of a file that is replaced, else NULL */
};
int file_replace_begin(struct file_replace *ret, const char *path, struct error *err);
int file_replace_commit(struct file_replace *f, struct error *err);
/* Give up: the temporary file goes, the old one stays. Safe after commit, and when zeroed. */
void file_replace_abort(struct file_replace *f);

#endif
