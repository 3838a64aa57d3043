/* SPDX-License-Identifier: MIT */
#include "sys/cgroup.h"

#include "base/cleanup.h"
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MOUNT       "/sys/fs/cgroup"
#define PREFIX      "overmap-"
#define SUPERVISOR  "overmap-supervisor"
#define ADVICE      " (start it by systemd-run --scope --property=Delegate=yes)"
#define CG_PATH_MAX 512

struct cgroup {
	char path[CG_PATH_MAX];  /* of the group */
	char own[CG_PATH_MAX];   /* where the supervisor was; "": it has not moved */
	char aside[CG_PATH_MAX]; /* where it is now */
	int procs;               /* cgroup.procs of path, open for writing */
};

static int write_in(const char *folder, const char *name, const char *text)
{
	char path[CG_PATH_MAX + 64];
	AUTO_CLOSE int fd = -1;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	return write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : -errno;
}

static int write_bytes(const char *folder, const char *name, uint64_t bytes)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64, bytes);
	return write_in(folder, name, text);
}

/* Is word one of the file's? */
static bool lists(const char *folder, const char *name, const char *word)
{
	char text[4096], *rest = text, *at;

	if (file_readf(text, sizeof(text), "%s/%s", folder, name) < 0)
		return false;
	while ((at = strsep(&rest, " \n"))) {
		if (strcmp(at, word) == 0)
			return true;
	}
	return false;
}

/* "0::/system.slice/x.service" of /proc/self/cgroup: the group in version 2. */
static bool own_group(const char *root, char ret[CG_PATH_MAX])
{
	char text[8192], *rest = text, *line;

	if (file_readf(text, sizeof(text), "%s/proc/self/cgroup", root) < 0)
		return false;
	while ((line = strsep(&rest, "\n"))) {
		if (strncmp(line, "0::", 3) == 0 && strlen(line + 3) + 32 < CG_PATH_MAX) {
			snprintf(ret, CG_PATH_MAX, "%s" MOUNT "%s", root,
				 strcmp(line + 3, "/") ? line + 3 : "");
			return true;
		}
	}
	return false;
}

static bool with_version_1(const char *root)
{
	char text[8192];

	return file_readf(text, sizeof(text), "%s/proc/self/cgroup", root) > 0 &&
	       strstr(text, ":memory:");
}

/* Version 2 has processes in leaves only: in our group there may be nobody but us. */
static bool alone_in(const char *group)
{
	char text[256], own[32];

	snprintf(own, sizeof(own), "%d", (int)getpid());
	return file_readf(text, sizeof(text), "%s/cgroup.procs", group) > 0 &&
	       strcmp(text, own) == 0;
}

static bool delegated(const char *group)
{
	char path[CG_PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/cgroup.subtree_control", group);
	return lists(group, "cgroup.controllers", "memory") && access(path, W_OK) == 0;
}

/* Move into a leaf beside the new group, so that ours may hand out its controllers. */
static int step_aside(struct cgroup *g, const char *own)
{
	int r;

	snprintf(g->aside, sizeof(g->aside), "%.*s/" SUPERVISOR, CG_PATH_MAX - 32, own);
	if (mkdir(g->aside, 0755) && errno != EEXIST)
		return -errno;
	r = write_in(g->aside, "cgroup.procs", "0");
	if (r) {
		rmdir(g->aside);
		return r;
	}
	snprintf(g->own, sizeof(g->own), "%s", own);
	return 0;
}

static void step_back(struct cgroup *g)
{
	if (!g->own[0])
		return;
	write_in(g->own, "cgroup.subtree_control", "-memory");
	write_in(g->own, "cgroup.subtree_control", "-hugetlb");
	if (write_in(g->own, "cgroup.procs", "0") == 0)
		rmdir(g->aside);
	g->own[0] = '\0';
}

static bool empty_group(const char *path)
{
	char text[64];

	return file_readf(text, sizeof(text), "%s/cgroup.procs", path) == 0;
}

/* Groups of runs that have died: their pid is in their name. */
static void remove_stale(const char *parent)
{
	DIR *folder = opendir(parent);
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		char path[CG_PATH_MAX + 256];
		pid_t pid;

		if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) != 0)
			continue;
		pid = (pid_t)strtol(entry->d_name + strlen(PREFIX), NULL, 10);
		snprintf(path, sizeof(path), "%s/%s", parent, entry->d_name);
		if (pid > 0 && kill(pid, 0) && errno == ESRCH && empty_group(path))
			rmdir(path);
	}
	if (folder)
		closedir(folder);
}

/* As the kernel names it: hugetlb.2MB.max, hugetlb.1GB.max. */
static void hugetlb_name(uint64_t page_bytes, char *ret, size_t length)
{
	static const char units[] = "KMG";
	unsigned int unit = page_bytes >= 1u << 30 ? 2 : page_bytes >= 1u << 20 ? 1 : 0;

	snprintf(ret, length, "hugetlb.%" PRIu64 "%cB.max", page_bytes >> (10 * (unit + 1)),
		 units[unit]);
}

static int set_limits(const struct cgroup *g, const struct cgroup_options *o, struct error *err)
{
	char name[64];
	int r = 0;

	if (o->memory_max_bytes)
		r = write_bytes(g->path, "memory.max", o->memory_max_bytes);
	if (r)
		return error_set_errno(err, r, "cannot limit the memory of %s", g->path);
	/* Swapping in the group is the scenario's business; one kill for all since 4.19. */
	write_in(g->path, "memory.oom.group", "1");
	if (!o->hugetlb_page_bytes)
		return 0;
	hugetlb_name(o->hugetlb_page_bytes, name, sizeof(name));
	r = write_bytes(g->path, name, o->hugetlb_max_bytes);
	if (r && r != -ENOENT)
		return error_set_errno(err, r, "cannot limit the huge pages of %s", g->path);
	return 0;
}

static int make_below(struct cgroup *g, const char *parent, const struct cgroup_options *o,
		      struct error *err)
{
	char procs[CG_PATH_MAX + 32];
	int r;

	remove_stale(parent);
	/* Enabling twice is no error; hugetlb is not built into every kernel. */
	r = write_in(parent, "cgroup.subtree_control", "+memory");
	if (r)
		return error_set_errno(err, -ENOTSUP,
				       "%s cannot hand the memory controller down (%s)", parent,
				       strerror(-r));
	write_in(parent, "cgroup.subtree_control", "+hugetlb");
	snprintf(g->path, sizeof(g->path), "%.*s/" PREFIX "%d", CG_PATH_MAX - 32, parent,
		 (int)getpid());
	if (mkdir(g->path, 0755) && errno != EEXIST)
		return error_set_errno(err, -ENOTSUP, "cannot make the group %s", g->path);
	r = set_limits(g, o, err);
	if (r)
		return r;
	snprintf(procs, sizeof(procs), "%s/cgroup.procs", g->path);
	g->procs = open(procs, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	return g->procs < 0 ? error_set_errno(err, -errno, "cannot open %s", procs) : 0;
}

/* Where the group can be, or the reason why nowhere. */
static int find_parent(struct cgroup *g, const char *root, char ret[CG_PATH_MAX], struct error *err)
{
	char own[CG_PATH_MAX], top[CG_PATH_MAX], events[CG_PATH_MAX + 32];
	bool version_2 = own_group(root, own), inner;

	snprintf(top, sizeof(top), "%s" MOUNT, root);
	if (!version_2 || !lists(top, "cgroup.controllers", "memory"))
		return error_set(
			err, -ENOTSUP,
			with_version_1(root)
				? "the memory controller is with cgroup version 1 here"
				: "this kernel offers no memory controller of cgroup version 2");
	/* Only the true top has no cgroup.events; in a namespace the top is a group like others. */
	snprintf(events, sizeof(events), "%s/cgroup.events", top);
	inner = strcmp(own, top) != 0 || access(events, F_OK) == 0;
	if (inner && delegated(own) && alone_in(own)) {
		int r = step_aside(g, own);

		snprintf(ret, CG_PATH_MAX, "%s", own);
		return r ? error_set_errno(err, -ENOTSUP, "cannot leave %s", own) : 0;
	}
	snprintf(ret, CG_PATH_MAX, "%s", top);
	if (delegated(top) && access(events, F_OK) != 0)
		return 0;
	if (inner && delegated(own))
		return error_set(err, -ENOTSUP,
				 "other processes are in the group of this one" ADVICE);
	return error_set(err, -ENOTSUP, "no control group is delegated to us" ADVICE);
}

int cgroup_make(struct cgroup **ret, const struct cgroup_options *options, struct error *err)
{
	const char *root = options->root ? options->root : "";
	struct cgroup *g = calloc(1, sizeof(*g));
	char parent[CG_PATH_MAX];
	int r;

	if (!g)
		return error_set(err, -ENOMEM, "out of memory");
	g->procs = -1;
	r = find_parent(g, root, parent, err);
	if (!r)
		r = make_below(g, parent, options, err);
	if (r) {
		cgroup_remove(g);
		return r;
	}
	*ret = g;
	return 0;
}

int cgroup_enter(const struct cgroup *g)
{
	return write(g->procs, "0", 1) == 1 ? 0 : -errno;
}

const char *cgroup_path(const struct cgroup *g)
{
	return g->path;
}

uint64_t cgroup_oom_kills(const struct cgroup *g)
{
	char text[1024];
	const char *at = NULL;

	if (file_readf(text, sizeof(text), "%s/memory.events", g->path) > 0)
		at = strstr(text, "oom_kill ");
	return at ? strtoull(at + strlen("oom_kill "), NULL, 10) : 0;
}

/* One by one where cgroup.kill is missing (before 5.14). */
static void kill_members(const struct cgroup *g)
{
	char text[16384], *rest = text, *line;

	if (file_readf(text, sizeof(text), "%s/cgroup.procs", g->path) <= 0)
		return;
	while ((line = strsep(&rest, "\n"))) {
		pid_t pid = (pid_t)strtol(line, NULL, 10);

		if (pid > 1 && pid != getpid())
			kill(pid, SIGKILL);
	}
}

int cgroup_kill(const struct cgroup *g)
{
	int r = write_in(g->path, "cgroup.kill", "1");

	if (r == -ENOENT) {
		kill_members(g);
		r = 0;
	}
	return r;
}

void cgroup_remove(struct cgroup *g)
{
	const struct timespec pause = { .tv_nsec = 5 * 1000 * 1000 };

	if (!g)
		return;
	if (g->procs >= 0)
		close(g->procs);
	if (g->path[0]) {
		cgroup_kill(g);
		/* Members leave when they are waited for by their parents, or by init. */
		for (int tries = 0; rmdir(g->path) && errno == EBUSY && tries < 200; tries++)
			nanosleep(&pause, NULL);
	}
	step_back(g);
	free(g);
}
