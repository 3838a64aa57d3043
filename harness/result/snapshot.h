/* SPDX-License-Identifier: MIT */
/*
 * A machine, and a process on it, as a file: what `overmap predict` has to know, so that one
 * machine's question can be answered on another.
 */
#ifndef RESULT_SNAPSHOT_H
#define RESULT_SNAPSHOT_H

#include "base/error.h"
#include "sys/host.h"
#include "sys/process.h"

#include <stdio.h>

#define SNAPSHOT_SCHEMA    1
#define SNAPSHOT_BYTES_MAX (1u << 20)

struct snapshot {
	struct host host;
	struct process_memory process;
};

/* Write JSON, one member a line. −ENOMEM, −errno. */
int snapshot_write(const struct snapshot *s, FILE *out, struct error *err);

/*
 * Read a file. −EINVAL for what is no snapshot, is cut, lacks a member or contradicts itself: err
 * names the file, the member and what is wrong. Other −errno: it could not be read. *ret is
 * untouched on failure.
 */
int snapshot_read(const char *path, struct snapshot *ret, struct error *err);

/* The same from memory; path is only the name in messages. */
int snapshot_parse(const char *text, size_t length, const char *path, struct snapshot *ret,
		   struct error *err);

#endif
