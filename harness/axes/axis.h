/* SPDX-License-Identifier: MIT */
/*
 * An axis is one thing that varies between cells. It reads its values from a scenario's words and
 * writes its part of the conditions that a repetition runs under: one file and one row of
 * axes/table.c each. It knows nothing of YAML, JSON or printing.
 */
#ifndef AXES_AXIS_H
#define AXES_AXIS_H

#include "base/arg.h"
#include "base/error.h"
#include "sys/host.h"
#include "sys/mapping.h"
#include "sys/topology.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AXES_MAX    16
#define WORKERS_MAX 1024
#define WANTED_MAX  64

enum worker_kind { WORKER_THREAD, WORKER_PROCESS };
enum layout {
	LAYOUT_PER_WORKER, /* every worker maps `size` for itself */
	LAYOUT_ADJACENT,   /* the same, where the kernel puts it: neighbours may be merged */
	LAYOUT_SHARED,     /* the first worker maps once; every worker works on its own slice */
};

/* A system-wide value that a cell wants, by the name that settings know it by: vm.overcommit_memory
 */
struct wanted {
	char name[64], value[64];
};

/* Resource limits that a repetition sets for itself. */
enum limit { LIMIT_AS, LIMIT_DATA, LIMIT_MEMLOCK, LIMIT_STACK, LIMITS };

/*
 * What one cell asks for, resolved on one host. Every axis fills its part, in the table's order.
 */
struct conditions {
	struct map_request map;
	unsigned int nr_workers;
	enum worker_kind workers;
	enum placement placement;
	enum layout layout;
	bool thp_process_never;   /* prctl(PR_SET_THP_DISABLE) before the first mapping */
	bool thp_process_advised; /* the same, except for what is advised (Linux 6.18) */
	bool limit_given[LIMITS];
	uint64_t limit_bytes[LIMITS];
	bool pool_as_it_is;        /* params.pool_as_it_is */
	const struct size *copied; /* params.copied */
	uint64_t
		copied_bytes; /* what that comes to where the mapping is of hugetlb pages, else 0 */
	bool pool_sized;      /* the hugetlb pool is to be made large enough for this cell */
	unsigned int nr_wanted;
	struct wanted wanted[WANTED_MAX];
};

/* A value as written: one scalar (key NULL), or the fields of a mapping. Lists are joined by ','.
 */
struct field {
	const char *key, *text;
};

struct axis {
	const char *name, *help;
	const char *forms; /* how values are written, one form a line, for people */
	const struct arg
		*fields; /* of the mapping form; NULL: only a scalar; initial "": optional */
	bool any_field;  /* fields with other names too (settings) */
	const char *const
		*words;      /* scalar words, for "did you mean", list and schema; NULL: free */
	const char *pattern; /* of scalars beside the words, for the schema; NULL: none */
	const char *initial; /* the value of a scenario that does not name this axis */
	bool of_mapping;     /* says what the mapping is like, and nothing else */
	bool system_wide;    /* cells of one value run together in a round */
	size_t value_bytes;  /* of what parse fills */

	/*
	 * Fill value (zeroed, value_bytes) from 1 … n fields. −EINVAL with what to write instead;
	 * *ret_bad is the index of the field that is wrong.
	 */
	int (*parse)(const struct field *fields, size_t n, void *value, size_t *ret_bad,
		     struct error *err);

	/* The canonical text: names the cell on screen and in results, and compares equal values.
	 */
	void (*format)(const void *value, char *ret, size_t length);

	/*
	 * Write this value's part of c. −ENOTSUP: this host cannot, err has the reason for the skip
	 * ("0 free 1 GiB pages on node 1"). Other −errno: a value that makes no sense with the
	 * others of the cell (an error of the scenario).
	 */
	int (*resolve)(const void *value, const struct host *host, struct conditions *c,
		       struct error *err);

	/* Let go of what value holds besides its own bytes; NULL: nothing. */
	void (*release)(void *value);
};

/* The rows of axes/table.c, NULL-terminated. The order is the order of resolve. */
extern const struct axis *const axes[];

/* Row with that name, or −ENOENT. */
int axis_index(const char *name);

/* NULL-terminated names, for "did you mean". */
const char *const *axis_names(void);

/* One parsed value. data belongs to it. */
struct axis_value {
	const struct axis *axis;
	char *text; /* canonical */
	void *data;
};

/* Parse fields into a value (see axis.parse). */
int axis_value_parse(const struct axis *axis, const struct field *fields, size_t n,
		     struct axis_value *ret, size_t *ret_bad, struct error *err);
void axis_value_free(struct axis_value *value);

/* One point of the matrix: by axis row. Never NULL for a row that exists. */
struct params {
	const struct axis_value *value[AXES_MAX];

	/* What is asked is what the machine's hugetlb pool grants: it is not made larger for it. */
	bool pool_as_it_is;

	/* How much of each mapping parent and child write after a fork; NULL: no step forks. */
	const struct size *copied;
};

/* Zero c and let every axis fill its part. As axis.resolve; err starts with the axis' name. */
int params_resolve(const struct params *p, const struct host *host, struct conditions *c,
		   struct error *err);

/* Append a system-wide value; −ENOSPC above WANTED_MAX, −EEXIST where name has another value. */
int conditions_want(struct conditions *c, const char *name, const char *value, struct error *err);

/* No longer want it, where it was wanted. */
void conditions_unwant(struct conditions *c, const char *name);

/* The value that c wants for a system-wide setting, or NULL. */
const char *conditions_wanted(const struct conditions *c, const char *name);

/* Mappings of c->map.length_bytes that exist at once: one, or one a worker. */
unsigned int conditions_mappings(const struct conditions *c);

/*
 * hugetlb pages that those come to, each rounded up to whole ones, with the copies that forks make
 * of private ones, for every child that may hold others; 0: base pages.
 */
uint64_t conditions_huge_pages(const struct conditions *c);

/*
 * Make the calling process what c asks of a whole process: THP by prctl, resource limits. For a
 * repetition's own process, before its first mapping. −errno with the call.
 */
int conditions_enter(const struct conditions *c, struct error *err);

#endif
