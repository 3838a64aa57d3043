/* SPDX-License-Identifier: MIT */
/*
 * The machine in numbers, read from /proc and /sys. What a kernel does not have (pools, THP, cache
 * folders in a guest) is left at 0; only /proc/meminfo must be there.
 */
#include "sys/host.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "sys/group_memory.h"
#include "sys/host_parts.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

uint64_t host_file_number(const char *format, ...)
{
	char path[PATH_MAX];
	uint64_t value;
	va_list args;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	return file_read_u64(path, &value) ? 0 : value;
}

/* The number after "key" at a line's start, in the unit of the file; false: no such line. */
static bool find_line(const char *text, const char *key, uint64_t *ret)
{
	size_t length = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, length) == 0) {
			*ret = strtoull(line + length, NULL, 10);
			return true;
		}
	}
	return false;
}

uint64_t host_meminfo_bytes(const char *text, const char *key)
{
	uint64_t kib = 0;

	find_line(text, key, &kib);
	return kib * 1024;
}

static int read_meminfo(const char *root, struct host *h, bool *ret_huge_pages, struct error *err)
{
	char text[HOST_MEMINFO_MAX];
	uint64_t hugetlb_kib;
	int r = file_readf(text, sizeof(text), "%s/proc/meminfo", root);

	if (r < 0)
		return error_set_errno(err, r, "cannot read %s/proc/meminfo", root);
	h->ram_bytes = host_meminfo_bytes(text, "MemTotal:");
	h->free_bytes = host_meminfo_bytes(text, "MemFree:");
	h->available_bytes = host_meminfo_bytes(text, "MemAvailable:");
	h->swap_bytes = host_meminfo_bytes(text, "SwapTotal:");
	h->swap_free_bytes = host_meminfo_bytes(text, "SwapFree:");
	h->commit_limit_bytes = host_meminfo_bytes(text, "CommitLimit:");
	h->committed_bytes = host_meminfo_bytes(text, "Committed_AS:");
	h->hugetlb_default_bytes = host_meminfo_bytes(text, "Hugepagesize:");
	/* Pages of all sizes; old kernels do not say. */
	*ret_huge_pages = !find_line(text, "Hugetlb:", &hugetlb_kib) || hugetlb_kib;
	return 0;
}

static void read_groups(const char *root, struct host *h)
{
	struct group_memory group;

	group_memory_read(root, &group);
	h->group_limit_bytes = group.limit_bytes == UINT64_MAX ? 0 : group.limit_bytes;
	h->group_room_bytes = h->group_limit_bytes ? group.room_bytes : 0;
	h->group_swap_withheld_bytes = h->swap_free_bytes > group.swap_room_bytes
					       ? h->swap_free_bytes - group.swap_room_bytes
					       : 0;
}

static void read_vm(const char *root, struct host *h)
{
	h->overcommit = (enum overcommit_mode)host_file_number("%s/proc/sys/vm/overcommit_memory",
							       root);
	h->overcommit_ratio = host_file_number("%s/proc/sys/vm/overcommit_ratio", root);
	h->overcommit_kbytes = host_file_number("%s/proc/sys/vm/overcommit_kbytes", root);
	h->admin_reserve_kbytes = host_file_number("%s/proc/sys/vm/admin_reserve_kbytes", root);
	h->user_reserve_kbytes = host_file_number("%s/proc/sys/vm/user_reserve_kbytes", root);
	h->max_map_count = host_file_number("%s/proc/sys/vm/max_map_count", root);
}

/* A user namespace other than the first does not map every user to itself. */
static bool initial_user_namespace(const char *root)
{
	unsigned int inside, outside, count;
	char map[4096];

	if (file_readf(map, sizeof(map), "%s/proc/self/uid_map", root) < 0)
		return true; /* a kernel without user namespaces */
	return sscanf(map, "%u %u %u", &inside, &outside, &count) == 3 && !inside && !outside &&
	       count == UINT32_MAX;
}

static void read_capabilities(const char *root, const char *status, struct host *h)
{
	const char *line = strstr(status, "\nCapEff:");
	uint64_t effective = line ? strtoull(line + strlen("\nCapEff:"), NULL, 16) : 0;

	if (!initial_user_namespace(root))
		effective = 0;
	h->cap_sys_admin = effective >> CAP_SYS_ADMIN & 1;
	h->cap_sys_resource = effective >> CAP_SYS_RESOURCE & 1;
	h->cap_ipc_lock = effective >> CAP_IPC_LOCK & 1;
	h->cap_sys_nice = effective >> CAP_SYS_NICE & 1;
	h->cap_sys_rawio = effective >> CAP_SYS_RAWIO & 1;
}

/* The soft limit on a line of /proc/self/limits, in bytes. */
static uint64_t limit_bytes(const char *text, const char *name)
{
	const char *line = strstr(text, name);

	if (!line)
		return HOST_UNLIMITED;
	line += strlen(name);
	line += strspn(line, " ");
	return *line == 'u' ? HOST_UNLIMITED : strtoull(line, NULL, 10);
}

static void read_limits(const char *root, struct host *h)
{
	char text[4096] = "";

	file_readf(text, sizeof(text), "%s/proc/self/limits", root);
	h->limit_as = limit_bytes(text, "Max address space");
	h->limit_data = limit_bytes(text, "Max data size");
	h->limit_memlock = limit_bytes(text, "Max locked memory");
	h->limit_stack = limit_bytes(text, "Max stack size");
}

static void read_kernel(const char *root, struct host *h)
{
	unsigned int major = 0, minor = 0, patch = 0;
	struct utsname name;

	uname(&name);
	if (file_readf(h->kernel_release, sizeof(h->kernel_release), "%s/proc/sys/kernel/osrelease",
		       root) < 0)
		snprintf(h->kernel_release, sizeof(h->kernel_release), "%s", name.release);
	/* The file is there since 6.1. */
	if (file_readf(h->machine, sizeof(h->machine), "%s/proc/sys/kernel/arch", root) < 0)
		snprintf(h->machine, sizeof(h->machine), "%.31s", name.machine);
	sscanf(h->kernel_release, "%u.%u.%u", &major, &minor, &patch);
	h->kernel_version = major << 16 | minor << 8 | (patch < 255 ? patch : 255);
}

/* The kernel hands the base page size to every program in its auxiliary vector. */
static uint64_t read_page_bytes(const char *root)
{
	Elf64_auxv_t vector[64];
	char path[PATH_MAX];
	ssize_t n = -1;

	snprintf(path, sizeof(path), "%s/proc/self/auxv", root);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		n = read(fd, vector, sizeof(vector));
	for (size_t i = 0; n > 0 && i < (size_t)n / sizeof(vector[0]); i++)
		if (vector[i].a_type == AT_PAGESZ)
			return vector[i].a_un.a_val;
	return (uint64_t)sysconf(_SC_PAGESIZE);
}

int host_read_at(const char *root, struct host *ret, struct error *err)
{
	AUTO_FREE struct host *h = calloc(1, sizeof(*h));
	char status[8192] = "";
	bool huge_pages;
	int r;

	if (!h)
		return error_set(err, -ENOMEM, "out of memory");
	r = read_meminfo(root, h, &huge_pages, err);
	if (r)
		return r;
	file_readf(status, sizeof(status), "%s/proc/self/status", root);
	h->page_bytes = read_page_bytes(root);
	read_vm(root, h);
	read_groups(root, h);
	host_read_cpus(root, status, h);
	read_capabilities(root, status, h);
	read_limits(root, h);
	host_read_nodes(root, h);
	host_read_pools(root, h);
	host_read_thp(root, h);
	read_kernel(root, h);
	*ret = *h;
	return 0;
}

int host_read(struct host *ret, struct error *err)
{
	return host_read_at("", ret, err);
}

int host_refresh_at(const char *root, struct host *host, struct error *err)
{
	bool huge_pages;
	int r = read_meminfo(root, host, &huge_pages, err);

	if (r)
		return r;
	read_vm(root, host);
	read_groups(root, host);
	host_refresh_nodes(root, host);
	host_refresh_pools(root, host, huge_pages);
	return 0;
}

int host_refresh(struct host *host, struct error *err)
{
	return host_refresh_at("", host, err);
}

uint64_t host_usable_bytes(const struct host *host)
{
	if (host->group_limit_bytes && host->group_room_bytes < host->available_bytes)
		return host->group_room_bytes;
	return host->available_bytes;
}

/* MemAvailable; 0 where it cannot be read. */
static uint64_t available_at(const char *root)
{
	char text[HOST_MEMINFO_MAX];

	if (file_readf(text, sizeof(text), "%s/proc/meminfo", root) < 0)
		return 0;
	return host_meminfo_bytes(text, "MemAvailable:");
}

uint64_t host_usable_now_at(const char *root)
{
	struct host now = { .available_bytes = available_at(root) };

	if (!now.available_bytes)
		return 0;
	read_groups(root, &now);
	return host_usable_bytes(&now);
}

uint64_t host_usable_now(void)
{
	return host_usable_now_at("");
}

uint64_t host_available_bytes(void)
{
	return available_at("");
}

void host_size_bases(const struct host *host, struct size_bases *ret)
{
	struct size_bases bases = { .page_bytes = host->page_bytes };
	uint64_t smallest = UINT64_MAX;

	for (unsigned int i = 0; i < host->nr_nodes; i++)
		if (host->nodes[i].memory_bytes && host->nodes[i].memory_bytes < smallest)
			smallest = host->nodes[i].memory_bytes;
	bases.bytes[SIZE_RAM] = host->ram_bytes;
	bases.bytes[SIZE_SWAP] = host->swap_bytes;
	bases.bytes[SIZE_RAM_SWAP] = host->ram_bytes + host->swap_bytes;
	bases.bytes[SIZE_AVAILABLE] = host_usable_bytes(host);
	bases.bytes[SIZE_COMMIT_LIMIT] = host->commit_limit_bytes;
	bases.bytes[SIZE_NODE] = smallest == UINT64_MAX ? 0 : smallest;
	bases.bytes[SIZE_LLC] = host->llc_bytes;
	*ret = bases;
}

const struct host_pool *host_pool(const struct host *host, uint64_t page_bytes)
{
	for (unsigned int i = 0; i < host->nr_pools; i++)
		if (host->pools[i].page_bytes == page_bytes)
			return &host->pools[i];
	return NULL;
}

int host_node_index(const struct host *host, unsigned int number)
{
	for (unsigned int i = 0; i < host->nr_nodes; i++)
		if (host->nodes[i].number == number)
			return (int)i;
	return -ENOENT;
}

int host_parse_size(const char *text, uint64_t *ret_bytes, struct error *err)
{
	struct size_bases bases;
	struct size size;
	struct host host;
	int r = size_parse(text, &size, err);

	if (!r)
		r = host_read(&host, err);
	if (r)
		return r;
	host_size_bases(&host, &bases);
	return size_resolve(&size, &bases, ret_bytes, err);
}
