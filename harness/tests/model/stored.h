/* SPDX-License-Identifier: MIT */
/* The machines of snapshots/, for tests. */
#ifndef TESTS_MODEL_STORED_H
#define TESTS_MODEL_STORED_H

#include "result/snapshot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Read snapshots/NAME.json, or fail. */
static inline void stored_machine(const char *name, struct snapshot *ret)
{
	char path[300];
	struct error err = { "" };
	const char *slash = strrchr(__FILE__, '/');

	snprintf(path, sizeof(path), "%.*s/snapshots/%s.json", slash ? (int)(slash - __FILE__) : 1,
		 slash ? __FILE__ : ".", name);
	if (snapshot_read(path, ret, &err))
		fail_msg("%s", err.text);
}

#endif
