/* SPDX-License-Identifier: MIT */
/*
 * Names of what is open already: /dev/stdout, /dev/fd/3, and links that lead there. A shell that
 * redirected to a file goes on writing into that file, so it must not be replaced behind its back.
 */
#ifndef BASE_DESCRIPTOR_H
#define BASE_DESCRIPTOR_H

#include <stdbool.h>

/* Does path stand for an open file of some process, as the links in /proc/PID/fd do (proc(5))? */
bool descriptor_named(const char *path);

/*
 * Open for writing what path stands for where descriptor_named() holds: a descriptor of this
 * process shares its place and its flags with the new one; into another's file is appended. A
 * descriptor, or −errno; −EBADF: open for reading only.
 */
int descriptor_open(const char *path);

#endif
