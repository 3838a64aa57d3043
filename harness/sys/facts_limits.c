/* SPDX-License-Identifier: MIT */
/* Facts about what this process may have: its control groups' limits and its own. */
#include "sys/facts_parts.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/size.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* The group of this process in a hierarchy: "0::/a/b" (v2), "4:memory:/a/b" (v1). */
static bool own_group(const struct facts_visit *v, const char *controller, char ret[PATH_MAX])
{
	char text[FACTS_TEXT_MAX], *rest, *line;

	if (file_readf(text, sizeof(text), "%s/proc/self/cgroup", v->root) < 0)
		return false;
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char *name = strchr(line, ':'), *path = name ? strchr(name + 1, ':') : NULL;

		if (!path)
			continue;
		*path = '\0';
		if (strcmp(name + 1, controller) == 0) {
			snprintf(ret, PATH_MAX, "%s", path + 1);
			return true;
		}
	}
	return false;
}

/*
 * The tightest limit of a file among a group and all above it. v1 writes "no limit" as a number
 * just below 2^63.
 */
static void visit_limit(struct facts_visit *v, const char *mount, const char *group,
			const char *file)
{
	char path[PATH_MAX], value[FACTS_VALUE_MAX], folder[PATH_MAX];
	uint64_t least = UINT64_MAX, limit;
	bool known = false;

	snprintf(folder, sizeof(folder), "%s", group);
	for (;;) {
		char *slash;

		if ((size_t)snprintf(path, sizeof(path), "%s%s/%s", mount, folder, file) <
			    sizeof(path) &&
		    facts_read_value(v, path, value)) {
			known = true;
			if (!count_parse(value, &limit, NULL) && limit < least)
				least = limit;
		}
		slash = strrchr(folder, '/');
		if (!slash)
			break;
		*slash = '\0';
	}
	if (known && least >= INT64_MAX / 2)
		facts_tell(v, "cgroup", file, "max");
	else if (known)
		facts_tell_number(v, "cgroup", file, least);
}

static void visit_cgroup(struct facts_visit *v)
{
	static const char *const v2[] = { "memory.max", "memory.high", "memory.swap.max",
					  "pids.max" };
	static const char *const v1[] = { "memory.limit_in_bytes", "memory.memsw.limit_in_bytes" };
	char group[PATH_MAX], controllers[FACTS_VALUE_MAX];

	if (own_group(v, "", group) &&
	    facts_read_value(v, "/sys/fs/cgroup/cgroup.controllers", controllers)) {
		facts_tell(v, "cgroup", "version", "2");
		facts_tell(v, "cgroup", "controllers", controllers);
		for (size_t i = 0; i < ARRAY_LENGTH(v2); i++)
			visit_limit(v, "/sys/fs/cgroup", group, v2[i]);
	} else if (own_group(v, "memory", group)) {
		facts_tell(v, "cgroup", "version", "1");
		for (size_t i = 0; i < ARRAY_LENGTH(v1); i++)
			visit_limit(v, "/sys/fs/cgroup/memory", group, v1[i]);
	}
}

static void visit_process_limits(struct facts_visit *v, const struct host *host)
{
	static const struct {
		const char *name;
		size_t offset;
	} limits[] = {
		{ "as", offsetof(struct host, limit_as) },
		{ "data", offsetof(struct host, limit_data) },
		{ "memlock", offsetof(struct host, limit_memlock) },
		{ "stack", offsetof(struct host, limit_stack) },
	};

	for (size_t i = 0; i < ARRAY_LENGTH(limits); i++) {
		uint64_t bytes = *(const uint64_t *)((const char *)host + limits[i].offset);

		if (bytes == HOST_UNLIMITED)
			facts_tell(v, "limits", limits[i].name, "unlimited");
		else
			facts_tell_number(v, "limits", limits[i].name, bytes);
	}
}

void facts_visit_limits(struct facts_visit *v, const struct host *host)
{
	visit_cgroup(v);
	visit_process_limits(v, host);
}
