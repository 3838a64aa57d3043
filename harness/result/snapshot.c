/* SPDX-License-Identifier: MIT */
/*
 * Both directions read one table of members. Amounts are plain numbers of bytes; "no limit" is
 * null. Byte amounts are multiples of pages, so a double holds every one exactly.
 */
#include "result/snapshot.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "model/rule.h"
#include "result/json.h"
#include "result/json_walk.h"
#include "result/snapshot_check.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum member_type { MEMBER_NUMBER, MEMBER_COUNT, MEMBER_BOOL, MEMBER_LIMIT };

struct member {
	const char *name;
	size_t offset;
	enum member_type type; /* uint64_t, unsigned int, bool, uint64_t or no limit */
	bool optional;
};

/* The member of a struct that is called the same in the file; and one that may be missing there. */
#define MEMBER(of, name, type)                                                                     \
	{                                                                                          \
#name, offsetof(struct of, name), type, false                                      \
	}
#define OPTIONAL(of, name, type)                                                                   \
	{                                                                                          \
#name, offsetof(struct of, name), type, true                                       \
	}

static const struct member host_members[] = {
	MEMBER(host, page_bytes, MEMBER_NUMBER),
	MEMBER(host, ram_bytes, MEMBER_NUMBER),
	MEMBER(host, free_bytes, MEMBER_NUMBER),
	MEMBER(host, available_bytes, MEMBER_NUMBER),
	MEMBER(host, swap_bytes, MEMBER_NUMBER),
	MEMBER(host, swap_free_bytes, MEMBER_NUMBER),
	OPTIONAL(host, commit_limit_bytes, MEMBER_NUMBER),
	MEMBER(host, committed_bytes, MEMBER_NUMBER),
	OPTIONAL(host, group_limit_bytes, MEMBER_NUMBER),
	OPTIONAL(host, group_room_bytes, MEMBER_NUMBER),
	OPTIONAL(host, group_swap_withheld_bytes, MEMBER_NUMBER),
	MEMBER(host, overcommit_ratio, MEMBER_NUMBER),
	MEMBER(host, overcommit_kbytes, MEMBER_NUMBER),
	MEMBER(host, admin_reserve_kbytes, MEMBER_NUMBER),
	MEMBER(host, user_reserve_kbytes, MEMBER_NUMBER),
	MEMBER(host, max_map_count, MEMBER_NUMBER),
	MEMBER(host, nr_cpus, MEMBER_COUNT),
	MEMBER(host, nr_cpus_present, MEMBER_COUNT),
	OPTIONAL(host, llc_bytes, MEMBER_NUMBER),
	MEMBER(host, address_bits, MEMBER_COUNT),
	MEMBER(host, cap_sys_admin, MEMBER_BOOL),
	MEMBER(host, cap_sys_resource, MEMBER_BOOL),
	MEMBER(host, cap_ipc_lock, MEMBER_BOOL),
	OPTIONAL(host, cap_sys_rawio, MEMBER_BOOL),
	MEMBER(host, limit_as, MEMBER_LIMIT),
	MEMBER(host, limit_data, MEMBER_LIMIT),
	MEMBER(host, limit_memlock, MEMBER_LIMIT),
	MEMBER(host, limit_stack, MEMBER_LIMIT),
	MEMBER(host, hugetlb_default_bytes, MEMBER_NUMBER),
	OPTIONAL(host, thp_pmd_bytes, MEMBER_NUMBER),
};

static const struct member process_members[] = {
	MEMBER(process_memory, total_vm_bytes, MEMBER_NUMBER),
	MEMBER(process_memory, data_vm_bytes, MEMBER_NUMBER),
	MEMBER(process_memory, locked_vm_bytes, MEMBER_NUMBER),
	MEMBER(process_memory, nr_maps, MEMBER_NUMBER),
	MEMBER(process_memory, hole_32bit_bytes, MEMBER_NUMBER),
	MEMBER(process_memory, lowest_address, MEMBER_NUMBER),
	MEMBER(process_memory, highest_address, MEMBER_NUMBER),
	MEMBER(process_memory, limit_data_hard, MEMBER_LIMIT),
	MEMBER(process_memory, accounted_bytes, MEMBER_NUMBER),
	MEMBER(process_memory, largest_accounted_bytes, MEMBER_NUMBER),
};

static const struct member pool_members[] = {
	MEMBER(host_pool, page_bytes, MEMBER_NUMBER), MEMBER(host_pool, total, MEMBER_NUMBER),
	MEMBER(host_pool, free, MEMBER_NUMBER),       MEMBER(host_pool, reserved, MEMBER_NUMBER),
	MEMBER(host_pool, surplus, MEMBER_NUMBER),    MEMBER(host_pool, overcommit, MEMBER_NUMBER),
};

static const char *const mode_names[] = { "heuristic", "always", "never", NULL };

/* ---- Writing ---- */

static void add_members(cJSON *object, const void *from, const struct member *members, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const void *place = (const char *)from + members[i].offset;

		switch (members[i].type) {
		case MEMBER_BOOL:
			json_add_bool(object, members[i].name, *(const bool *)place);
			break;
		case MEMBER_COUNT:
			json_add_u64(object, members[i].name, *(const unsigned int *)place);
			break;
		case MEMBER_LIMIT:
			if (*(const uint64_t *)place == HOST_UNLIMITED) {
				json_add_null(object, members[i].name);
				break;
			}
			/* fall through */
		case MEMBER_NUMBER:
			json_add_u64(object, members[i].name, *(const uint64_t *)place);
			break;
		}
	}
}

static void add_pools(cJSON *object, const struct host *host)
{
	cJSON *pools = json_add_array(object, "pools");

	for (unsigned int i = 0; i < host->nr_pools; i++) {
		cJSON *pool = cJSON_CreateObject();

		add_members(pool, &host->pools[i], pool_members, ARRAY_LENGTH(pool_members));
		json_append(pools, pool);
	}
}

static void add_holes(cJSON *object, const struct process_memory *process)
{
	cJSON *holes = json_add_array(object, "holes");

	for (unsigned int i = 0; i < process->nr_holes; i++) {
		cJSON *hole = cJSON_CreateArray();

		json_append_u64(hole, process->holes[i].start);
		json_append_u64(hole, process->holes[i].end);
		json_append(holes, hole);
	}
}

static cJSON *make_document(const struct snapshot *s)
{
	cJSON *document = cJSON_CreateObject(), *host, *process;

	json_add_text(document, "overmap", "snapshot");
	json_add_u64(document, "schema", SNAPSHOT_SCHEMA);
	host = json_add_object(document, "host");
	json_add_text(host, "kernel", s->host.kernel_release);
	json_add_text(host, "machine", s->host.machine);
	json_add_text(host, "overcommit", mode_names[s->host.overcommit]);
	add_members(host, &s->host, host_members, ARRAY_LENGTH(host_members));
	add_pools(host, &s->host);
	process = json_add_object(document, "process");
	add_members(process, &s->process, process_members, ARRAY_LENGTH(process_members));
	add_holes(process, &s->process);
	return document;
}

int snapshot_write(const struct snapshot *s, FILE *out, struct error *err)
{
	return json_write(make_document(s), true, out, err);
}

/* ---- Reading ---- */

struct reading {
	const char *path;
	struct error *err;
};

static int number_of(const struct reading *r, const cJSON *item, const char *name, uint64_t *ret)
{
	double value = item->valuedouble;

	if (!cJSON_IsNumber(item) || value < 0 || value != floor(value) || value >= 0x1p64)
		return error_set(r->err, -EINVAL, "%s: %s is not a whole number from 0 to 2^64 - 1",
				 r->path, name);
	*ret = (uint64_t)value;
	return 0;
}

static int read_member(const struct reading *r, const cJSON *item, const struct member *member,
		       void *place)
{
	uint64_t value = HOST_UNLIMITED;
	int error = 0;

	if (member->type == MEMBER_BOOL) {
		if (!cJSON_IsBool(item))
			return error_set(r->err, -EINVAL, "%s: %s is neither true nor false",
					 r->path, member->name);
		*(bool *)place = cJSON_IsTrue(item);
		return 0;
	}
	if (member->type != MEMBER_LIMIT || !cJSON_IsNull(item))
		error = number_of(r, item, member->name, &value);
	if (error)
		return error;
	if (member->type == MEMBER_COUNT) {
		if (value > INT32_MAX)
			return error_set(r->err, -EINVAL, "%s: %s is too large", r->path,
					 member->name);
		*(unsigned int *)place = (unsigned int)value;
	} else {
		*(uint64_t *)place = value;
	}
	return 0;
}

static int read_members(const struct reading *r, const cJSON *object, const char *section, void *to,
			const struct member *members, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, members[i].name);
		int error;

		if (!item && members[i].optional)
			continue;
		if (!item)
			return error_set(r->err, -EINVAL, "%s: %s.%s is missing", r->path, section,
					 members[i].name);
		error = read_member(r, item, &members[i], (char *)to + members[i].offset);
		if (error)
			return error;
	}
	return 0;
}

static int read_words(const struct reading *r, const cJSON *object, struct host *host)
{
	const char *kernel = json_get_text(object, "kernel");
	const char *machine = json_get_text(object, "machine");
	const char *mode = json_get_text(object, "overcommit");
	unsigned int major, minor, patch = 0;

	if (!kernel || sscanf(kernel, "%u.%u.%u", &major, &minor, &patch) < 2 || major > 255 ||
	    minor > 255)
		return error_set(r->err, -EINVAL, "%s: host.kernel is not a version such as 6.18.4",
				 r->path);
	host->kernel_version = KERNEL(major, minor) | (patch > 255 ? 255 : patch);
	snprintf(host->kernel_release, sizeof(host->kernel_release), "%s", kernel);
	snprintf(host->machine, sizeof(host->machine), "%s", machine ? machine : "");
	for (int i = 0; mode && mode_names[i]; i++) {
		if (strcmp(mode, mode_names[i]) == 0) {
			host->overcommit = (enum overcommit_mode)i;
			return 0;
		}
	}
	return error_set(r->err, -EINVAL, "%s: host.overcommit is not heuristic, always or never",
			 r->path);
}

static int read_pools(const struct reading *r, const cJSON *object, struct host *host)
{
	const cJSON *pools = cJSON_GetObjectItemCaseSensitive(object, "pools"), *pool;

	if (!cJSON_IsArray(pools))
		return error_set(r->err, -EINVAL, "%s: host.pools is missing", r->path);
	cJSON_ArrayForEach(pool, pools)
	{
		struct host_pool *p = &host->pools[host->nr_pools];
		int error;

		if (host->nr_pools == HOST_POOLS_MAX)
			return error_set(r->err, -EINVAL, "%s: more than %d pools", r->path,
					 HOST_POOLS_MAX);
		error = read_members(r, pool, "host.pools", p, pool_members,
				     ARRAY_LENGTH(pool_members));
		if (error)
			return error;
		host->nr_pools++;
	}
	return 0;
}

static int read_holes(const struct reading *r, const cJSON *object, struct process_memory *process)
{
	const cJSON *holes = cJSON_GetObjectItemCaseSensitive(object, "holes"), *hole;

	if (!cJSON_IsArray(holes))
		return error_set(r->err, -EINVAL, "%s: process.holes is missing", r->path);
	cJSON_ArrayForEach(hole, holes)
	{
		struct process_hole *h = &process->holes[process->nr_holes];
		const cJSON *start = cJSON_GetArrayItem(hole, 0);
		const cJSON *end = cJSON_GetArrayItem(hole, 1);

		if (process->nr_holes == PROCESS_HOLES_MAX || !start || !end ||
		    number_of(r, start, "process.holes", &h->start) ||
		    number_of(r, end, "process.holes", &h->end) || h->start >= h->end)
			return error_set(
				r->err, -EINVAL,
				"%s: process.holes is not a list of at most %d [start, end]",
				r->path, PROCESS_HOLES_MAX);
		process->nr_holes++;
	}
	return 0;
}

static int read_document(const struct reading *r, const cJSON *document, struct snapshot *ret)
{
	const cJSON *host = cJSON_GetObjectItemCaseSensitive(document, "host");
	const cJSON *process = cJSON_GetObjectItemCaseSensitive(document, "process");
	const char *tag = json_get_text(document, "overmap");
	int e;

	if (!tag || strcmp(tag, "snapshot") != 0)
		return error_set(r->err, -EINVAL,
				 "%s is no snapshot: 'overmap snapshot -o FILE' writes one",
				 r->path);
	if (json_get_u64(document, "schema", 0) != SNAPSHOT_SCHEMA)
		return error_set(r->err, -EINVAL, "%s: schema %" PRIu64 ", this overmap reads %d",
				 r->path, json_get_u64(document, "schema", 0), SNAPSHOT_SCHEMA);
	if (!cJSON_IsObject(host) || !cJSON_IsObject(process))
		return error_set(r->err, -EINVAL, "%s: %s is missing", r->path,
				 cJSON_IsObject(host) ? "process" : "host");
	e = read_words(r, host, &ret->host);
	if (!e)
		e = read_members(r, host, "host", &ret->host, host_members,
				 ARRAY_LENGTH(host_members));
	if (!e)
		e = read_pools(r, host, &ret->host);
	if (!e)
		e = read_members(r, process, "process", &ret->process, process_members,
				 ARRAY_LENGTH(process_members));
	if (!e)
		e = read_holes(r, process, &ret->process);
	ret->process.accounts_known = true;
	if (e)
		return e;
	e = snapshot_check(ret, r->err);
	return e ? error_prefix(r->err, e, "%s contradicts itself", r->path) : 0;
}

int snapshot_parse(const char *text, size_t length, const char *path, struct snapshot *ret,
		   struct error *err)
{
	const struct reading r = { .path = path, .err = err };
	const char *end = NULL;
	cJSON *document = cJSON_ParseWithLengthOpts(text, length, &end, false);
	struct snapshot *s;
	int e;

	if (!document) {
		struct json_position at = json_position(text, end ? end : text);

		return error_set(err, -EINVAL, "%s:%zu:%zu: no JSON from here on: was it cut?",
				 path, at.line, at.column);
	}
	s = calloc(1, sizeof(*s));
	e = s ? read_document(&r, document, s) : -ENOMEM;
	if (!e)
		*ret = *s;
	free(s);
	cJSON_Delete(document);
	return e;
}

int snapshot_read(const char *path, struct snapshot *ret, struct error *err)
{
	AUTO_FREE char *text = NULL;
	size_t length;
	int r = file_load(path, SNAPSHOT_BYTES_MAX, &text, &length, err);

	return r < 0 ? r : snapshot_parse(text, length, path, ret, err);
}
