/* SPDX-License-Identifier: MIT */
/*
 * Files of /proc/sys and /sys, read and written without following a symbolic link at any depth and
 * without allocating memory: under vm.overcommit_memory = 2 there may be none to be had.
 */
#ifndef SYS_SYSFILE_H
#define SYS_SYSFILE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Open path below root (NULL or "": the system's own). flags as of open(2), O_CLOEXEC is added. A
 * file descriptor, or −errno: −ELOOP where a part of path is a symbolic link; −EXDEV where the file
 * is neither of proc nor of sysfs (checked only where root is the system's own).
 */
int sysfile_open(const char *root, const char *path, int flags);

/*
 * The whole file, blanks at the ends removed and those between words made single. Length in bytes
 * or −errno; −EFBIG where it does not fit.
 */
int sysfile_read(const char *root, const char *path, char *ret, size_t length);

/* One write(2) of text; 0 or −errno. */
int sysfile_write(const char *root, const char *path, const char *text);

/* Could sysfile_write() open it? 0 or −errno. Writes nothing. */
int sysfile_writable(const char *root, const char *path);

/* Is there such a file or folder? */
bool sysfile_exists(const char *root, const char *path);

#endif
