/* SPDX-License-Identifier: MIT */
/* The files that tell facts about a part of the machine each, from below a root folder. */
#ifndef SYS_FACTS_PARTS_H
#define SYS_FACTS_PARTS_H

#include "sys/facts.h"
#include "sys/host.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FACTS_VALUE_MAX 4096
#define FACTS_TEXT_MAX  16384

#define FACTS_CPUS "/sys/devices/system/cpu"

struct facts_visit {
	const char *root;
	facts_fact *fact;
	void *context;
	int result; /* of the first fact that ended the visit */
};

/* One fact; none any more once the visitor has ended the visit. */
void facts_tell(struct facts_visit *v, const char *group, const char *name, const char *value);
void facts_tell_number(struct facts_visit *v, const char *group, const char *name, uint64_t number);

/*
 * A file's text as one value: tabs and newlines inside it become blanks, of "always [madvise]
 * never" only the word that holds is left. False: it cannot be read.
 */
bool facts_read_value(const struct facts_visit *v, const char *path, char ret[FACTS_VALUE_MAX]);

/* Nothing where the file cannot be read. */
void facts_tell_file(struct facts_visit *v, const char *group, const char *name, const char *path);

/* Facts that are one file each. */
struct fact_file {
	const char *group, *name, *path;
};
void facts_tell_files(struct facts_visit *v, const struct fact_file *files, size_t n);

/* facts_cpu.c, facts_limits.c */
void facts_visit_cpu(struct facts_visit *v);
void facts_visit_limits(struct facts_visit *v, const struct host *host);

#endif
