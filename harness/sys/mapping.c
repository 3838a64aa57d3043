/* SPDX-License-Identifier: MIT */
/*
 * The untimed part of a mapping's life: the object behind it, and the policy and advice that it
 * gets before the first touch. Nothing here allocates: at vm.max_map_count malloc() fails too.
 */
#include "sys/mapping.h"

#include "base/cleanup.h"
#include "sys/numa.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/memfd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SHM_FOLDER "/dev/shm"

static int open_memfd(const struct map_request *request)
{
	unsigned int flags = MFD_CLOEXEC;
	int fd;

	if (request->huge_page_bytes)
		flags |= MFD_HUGETLB | (unsigned int)__builtin_ctzll(request->huge_page_bytes)
					       << MFD_HUGE_SHIFT;
	fd = memfd_create("overmap", flags);
	return fd < 0 ? -errno : fd;
}

/* A file without a name: nothing is left behind, however the process ends. */
static int open_unlinked(const char *folder)
{
	char path[PATH_MAX];
	int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0)
		return fd;
	/* File systems without O_TMPFILE answer in three ways. */
	if (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT)
		return -errno;
	if ((size_t)snprintf(path, sizeof(path), "%s/.overmap-XXXXXX", folder) >= sizeof(path))
		return -ENAMETOOLONG;
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	unlink(path);
	return fd;
}

static const char *working_folder(void)
{
	const char *folder = getenv("TMPDIR");

	return folder && *folder ? folder : ".";
}

static int open_object(const struct map_request *request)
{
	switch (request->backing) {
	case BACKING_MEMFD:
		return open_memfd(request);
	case BACKING_FILE:
		return open_unlinked(working_folder());
	case BACKING_TMPFS:
		return open_unlinked(SHM_FOLDER);
	case BACKING_ANONYMOUS:
	case BACKING_HUGETLB:
		break;
	}
	return -1;
}

int mapping_open(const struct map_request *request, struct mapping *ret)
{
	struct mapping m = MAPPING_NONE;
	int r;

	m.contents = ret->contents;
	m.request = request;
	m.length_bytes = mapping_whole_bytes(request);
	if (mapping_has_object(request)) {
		m.fd = open_object(request);
		if (m.fd < 0)
			return m.fd;
		r = m.length_bytes > INT64_MAX ? -EFBIG : 0;
		if (!r && ftruncate(m.fd, (off_t)m.length_bytes))
			r = -errno;
		if (r) {
			close(m.fd);
			return r;
		}
	}
	*ret = m;
	return 0;
}

static int advise_thp(const struct mapping *m, struct error *err)
{
	static const struct {
		int advice;
		const char *name;
	} advices[] = {
		[THP_ALWAYS] = { MADV_HUGEPAGE, "MADV_HUGEPAGE" },
		[THP_NEVER] = { MADV_NOHUGEPAGE, "MADV_NOHUGEPAGE" },
	};
	enum thp_advice thp = m->request->thp;

	if (thp == THP_AS_SET)
		return 0;
	if (madvise(m->address, m->length_bytes, advices[thp].advice))
		return error_set_errno(err, -errno, "madvise(%s)", advices[thp].name);
	return 0;
}

int mapping_settle(const struct mapping *m, const struct host *host, struct error *err)
{
	/* mmap() has faulted these in already, before there was a policy. */
	bool present = m->request->flags & (MAP_POPULATE | MAP_LOCKED);
	int r = numa_apply(&m->request->numa, host, m->address, m->length_bytes, present, err);

	return r ? r : advise_thp(m, err);
}

void mapping_close(struct mapping *m)
{
	if (m->fd >= 0)
		close(m->fd);
	m->fd = -1;
}
