/* SPDX-License-Identifier: MIT */
#include "sys/swapspace.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/size.h"
#include "sys/sysfile.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/swap.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#define ZRAM_CONTROL "/sys/class/zram-control"
#define ZRAM_MAX     64
#define LABEL        "overmap"
#define PAGE_MAX     65536

/* union swap_header of the kernel (include/linux/swap.h), version 1, after the boot sector. */
struct swap_header {
	char boot[1024];
	uint32_t version, last_page, nr_bad_pages;
	uint8_t uuid[16];
	char label[16];
};

int swap_bytes_parse(const char *text, uint64_t *ret_bytes, struct error *err)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), pages;
	struct size size;
	int r = size_parse(text, &size, err);

	if (r)
		return r;
	if (size.base != SIZE_ABSOLUTE || size.subtract)
		return error_set(err, -EINVAL, "%s is not an absolute size (try 1GiB)", text);
	pages = (size.add_bytes + size.add_pages * page) / page;
	/* The kernel counts swap pages in 32 bits here, and mkswap wants ten at least. */
	if (pages < 10 || pages > UINT32_MAX)
		return error_set(err, -EINVAL, "%s: swap space of that size is not possible", text);
	*ret_bytes = pages * page;
	return 0;
}

/* Is path a line of /proc/swaps? Paths with blanks are never ours. */
static bool swap_active(const char *path)
{
	char text[8192];
	size_t length = strlen(path);

	if (file_read("/proc/swaps", text, sizeof(text)) < 0)
		return false;
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, path, length) == 0 &&
		    (line[length] == ' ' || line[length] == '\t'))
			return true;
	}
	return false;
}

int swap_file_state(const char *path, enum swap_state *ret, uint64_t *ret_bytes)
{
	struct stat st;

	if (lstat(path, &st)) {
		/* EACCES: whoever may not look into our folder has made nothing there. */
		if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
			return -errno;
		*ret = SWAP_ABSENT;
		*ret_bytes = 0;
		return 0;
	}
	*ret = swap_active(path) ? SWAP_ACTIVE : SWAP_UNUSED;
	*ret_bytes = (uint64_t)st.st_size;
	return 0;
}

/* Blocks must be there beforehand: swapon refuses holes. */
static int fill(int fd, uint64_t bytes)
{
	static char zeroes[1 << 16];

	if (fallocate(fd, 0, 0, (off_t)bytes) == 0)
		return 0;
	if (errno != EOPNOTSUPP)
		return -errno;
	for (uint64_t at = 0; at < bytes; at += sizeof(zeroes)) {
		size_t n = bytes - at < sizeof(zeroes) ? (size_t)(bytes - at) : sizeof(zeroes);
		int r = file_write(fd, zeroes, n);

		if (r)
			return r;
	}
	return 0;
}

static int write_header(int fd, uint64_t bytes)
{
	static char page[PAGE_MAX];
	size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	struct swap_header *header = (struct swap_header *)page;

	memset(page, 0, sizeof(page));
	header->version = 1;
	header->last_page = (uint32_t)(bytes / page_bytes - 1);
	memcpy(header->label, LABEL, sizeof(LABEL));
	memcpy(page + page_bytes - 10, "SWAPSPACE2", 10);
	if (pwrite(fd, page, page_bytes, 0) != (ssize_t)page_bytes)
		return errno ? -errno : -EIO;
	return fsync(fd) ? -errno : 0;
}

/* The folder of path must be root's alone; one that is missing is made. */
static int private_folder(const char *path, struct error *err)
{
	char folder[192];
	struct stat st;
	char *slash;

	snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	if (!slash || slash == folder)
		return error_set(err, -EINVAL, "%s: not a place for a swap file", path);
	*slash = '\0';
	if (mkdir(folder, 0700) && errno != EEXIST)
		return error_set_errno(err, -errno, "cannot make the folder %s", folder);
	if (lstat(folder, &st))
		return error_set_errno(err, -errno, "%s", folder);
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 022))
		return error_set(err, -EPERM, "%s must be a folder that only root can write",
				 folder);
	return 0;
}

static int check_file_system(int fd, const char *path, uint64_t bytes, struct error *err)
{
	struct statfs fs;
	char wanted[32], there[32];
	uint64_t free_bytes;

	if (fstatfs(fd, &fs))
		return error_set_errno(err, -errno, "%s", path);
	if (fs.f_type == TMPFS_MAGIC)
		return error_set(err, -EINVAL,
				 "%s is on tmpfs, which cannot hold a swap file: it is memory",
				 path);
	free_bytes = (uint64_t)fs.f_bavail * (uint64_t)fs.f_bsize;
	if (free_bytes < bytes)
		return error_set(err, -ENOSPC, "a swap file of %s does not fit: %s has %s free",
				 bytes_format(bytes, wanted, sizeof(wanted)), path,
				 bytes_format(free_bytes, there, sizeof(there)));
	return 0;
}

int swap_file_make(const char *path, uint64_t bytes, struct error *err)
{
	AUTO_CLOSE int fd = -1;
	int r = private_folder(path, err);

	if (r)
		return r;
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_set_errno(err, -errno, "cannot make the swap file %s", path);
	r = check_file_system(fd, path, bytes, err);
	if (r)
		return r;
	r = fill(fd, bytes);
	if (!r)
		r = write_header(fd, bytes);
	if (!r && swapon(path, 0))
		r = -errno;
	if (r)
		return error_set_errno(err, r, "cannot swap to the file %s", path);
	return 0;
}

int swap_file_remove(const char *path)
{
	if (swap_active(path) && swapoff(path) && errno != EINVAL)
		return -errno;
	if (unlink(path) && errno != ENOENT && errno != ENOTDIR)
		return -errno;
	return 0;
}

/* "/dev/zram3" to "/sys/devices/virtual/block/zram3/NAME": no symbolic link in it. */
static const char *zram_attribute(const char *device, const char *name, char *ret, size_t length)
{
	snprintf(ret, length, "/sys/devices/virtual/block/%s%s%s", device + strlen("/dev/"),
		 name[0] ? "/" : "", name);
	return ret;
}

int swap_zram_state(const char *device, enum swap_state *ret, uint64_t *ret_bytes)
{
	char path[128], text[64];
	uint64_t bytes = 0;
	int r = sysfile_read(NULL, zram_attribute(device, "disksize", path, sizeof(path)), text,
			     sizeof(text));

	if (r < 0 && r != -ENOENT)
		return r;
	if (r >= 0)
		bytes = strtoull(text, NULL, 10);
	*ret = bytes == 0 ? SWAP_ABSENT : swap_active(device) ? SWAP_ACTIVE : SWAP_UNUSED;
	*ret_bytes = bytes;
	return 0;
}

static unsigned int zram_number(const char *device)
{
	return (unsigned int)strtoul(device + strlen("/dev/zram"), NULL, 10);
}

/* The kernel adds the lowest free number. Another one: somebody else added a device meanwhile. */
static int zram_add(const char *device)
{
	char text[32];
	int r = sysfile_read(NULL, ZRAM_CONTROL "/hot_add", text, sizeof(text));

	if (r < 0)
		return r;
	if (strtoul(text, NULL, 10) == zram_number(device))
		return 0;
	sysfile_write(NULL, ZRAM_CONTROL "/hot_remove", text);
	return -EBUSY;
}

int swap_zram_make(const char *device, uint64_t bytes, struct error *err)
{
	AUTO_CLOSE int fd = -1;
	char path[128], text[32];
	int r = 0;

	if (!sysfile_exists(NULL, zram_attribute(device, "", path, sizeof(path))))
		r = zram_add(device);
	snprintf(text, sizeof(text), "%llu", (unsigned long long)bytes);
	if (!r)
		r = sysfile_write(NULL, zram_attribute(device, "disksize", path, sizeof(path)),
				  text);
	if (r)
		return error_set_errno(err, r, "cannot size the device %s", device);
	fd = open(device, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	r = fd < 0 ? -errno : write_header(fd, bytes);
	if (!r && swapon(device, 0))
		r = -errno;
	if (r)
		return error_set_errno(err, r, "cannot swap to the device %s", device);
	return 0;
}

/* The kernel refuses while somebody has the device open, as udev does for moments. */
static int insist(const char *path, const char *text)
{
	const struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };
	int r = sysfile_write(NULL, path, text);

	for (int tries = 0; r == -EBUSY && tries < 20; tries++) {
		nanosleep(&pause, NULL);
		r = sysfile_write(NULL, path, text);
	}
	return r;
}

int swap_zram_remove(const char *device, bool added)
{
	char path[128], text[32];
	enum swap_state state;
	uint64_t bytes;
	int r = swap_zram_state(device, &state, &bytes);

	if (r < 0)
		return r;
	if (state == SWAP_ACTIVE && swapoff(device))
		return -errno;
	if (state != SWAP_ABSENT)
		r = insist(zram_attribute(device, "reset", path, sizeof(path)), "1");
	if (r || !added || !sysfile_exists(NULL, zram_attribute(device, "", path, sizeof(path))))
		return r;
	snprintf(text, sizeof(text), "%u", zram_number(device));
	return insist(ZRAM_CONTROL "/hot_remove", text);
}

int swap_zram_find(char *ret_device, size_t length, bool *ret_added, struct error *err)
{
	char device[32], path[128];

	if (!sysfile_exists(NULL, ZRAM_CONTROL))
		return error_set(err, -ENOENT, "this kernel has no zram (try modprobe zram)");
	for (unsigned int i = 0; i < ZRAM_MAX; i++) {
		enum swap_state state;
		uint64_t bytes;

		snprintf(device, sizeof(device), "/dev/zram%u", i);
		if (swap_zram_state(device, &state, &bytes) || state != SWAP_ABSENT)
			continue;
		snprintf(ret_device, length, "%s", device);
		*ret_added = !sysfile_exists(NULL, zram_attribute(device, "", path, sizeof(path)));
		return 0;
	}
	return error_set(err, -EBUSY, "all zram devices are in use");
}

static bool labelled(const char *device)
{
	AUTO_CLOSE int fd = open(device, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct swap_header header;

	return fd >= 0 && pread(fd, &header, sizeof(header), 0) == (ssize_t)sizeof(header) &&
	       memcmp(header.label, LABEL, sizeof(LABEL)) == 0;
}

bool swap_zram_ours(char *ret_device, size_t length)
{
	char device[32];

	for (unsigned int i = 0; i < ZRAM_MAX; i++) {
		enum swap_state state;
		uint64_t bytes;

		snprintf(device, sizeof(device), "/dev/zram%u", i);
		if (swap_zram_state(device, &state, &bytes) || state != SWAP_ACTIVE ||
		    !labelled(device))
			continue;
		snprintf(ret_device, length, "%s", device);
		return true;
	}
	return false;
}
