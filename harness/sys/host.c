/* SPDX-License-Identifier: MIT */
/*
 * The machine in numbers, read from /proc and /sys. What a kernel does not have (nodes without
 * CONFIG_NUMA, pools, THP, cache folders in a guest) is left at 0; only /proc/meminfo must be
 * there.
 */
#include "sys/host.h"

#include "base/cleanup.h"
#include "base/file.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#define MEMINFO_MAX 16384
#define LIST_MAX    8192 /* "0-3,8-11": the longest list of CPUs or nodes that is read */

#define NODES "/sys/devices/system/node"
#define CPUS  "/sys/devices/system/cpu"
#define POOLS "/sys/kernel/mm/hugepages"
#define THP   "/sys/kernel/mm/transparent_hugepage"

/* A number that may be missing: 0 then. */
static uint64_t read_number(const char *format, ...) __attribute__((format(printf, 1, 2)));
static uint64_t read_number(const char *format, ...)
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

static uint64_t meminfo_bytes(const char *text, const char *key)
{
	uint64_t kib = 0;

	find_line(text, key, &kib);
	return kib * 1024;
}

/* The next range of a list such as "0-3,8"; false at its end. */
static bool list_next(const char **at, unsigned int *ret_first, unsigned int *ret_last)
{
	char *end;

	while (**at == ',' || **at == ' ')
		(*at)++;
	*ret_first = (unsigned int)strtoul(*at, &end, 10);
	if (end == *at)
		return false;
	*ret_last = *ret_first;
	if (*end == '-')
		*ret_last = (unsigned int)strtoul(end + 1, &end, 10);
	*at = end;
	return *ret_last >= *ret_first;
}

static unsigned int list_count(const char *list)
{
	unsigned int first, last, n = 0;

	while (list_next(&list, &first, &last))
		n += last - first + 1;
	return n;
}

static bool list_has(const char *list, unsigned int number)
{
	unsigned int first, last;

	while (list_next(&list, &first, &last))
		if (number >= first && number <= last)
			return true;
	return false;
}

static int read_meminfo(const char *root, struct host *h, bool *ret_huge_pages, struct error *err)
{
	char text[MEMINFO_MAX];
	uint64_t hugetlb_kib;
	int r = file_readf(text, sizeof(text), "%s/proc/meminfo", root);

	if (r < 0)
		return error_set_errno(err, r, "cannot read %s/proc/meminfo", root);
	h->ram_bytes = meminfo_bytes(text, "MemTotal:");
	h->free_bytes = meminfo_bytes(text, "MemFree:");
	h->available_bytes = meminfo_bytes(text, "MemAvailable:");
	h->swap_bytes = meminfo_bytes(text, "SwapTotal:");
	h->swap_free_bytes = meminfo_bytes(text, "SwapFree:");
	h->commit_limit_bytes = meminfo_bytes(text, "CommitLimit:");
	h->committed_bytes = meminfo_bytes(text, "Committed_AS:");
	h->hugetlb_default_bytes = meminfo_bytes(text, "Hugepagesize:");
	/* Pages of all sizes; old kernels do not say. */
	*ret_huge_pages = !find_line(text, "Hugetlb:", &hugetlb_kib) || hugetlb_kib;
	return 0;
}

static void read_vm(const char *root, struct host *h)
{
	h->overcommit = (enum overcommit_mode)read_number("%s/proc/sys/vm/overcommit_memory", root);
	h->overcommit_ratio = read_number("%s/proc/sys/vm/overcommit_ratio", root);
	h->overcommit_kbytes = read_number("%s/proc/sys/vm/overcommit_kbytes", root);
	h->admin_reserve_kbytes = read_number("%s/proc/sys/vm/admin_reserve_kbytes", root);
	h->user_reserve_kbytes = read_number("%s/proc/sys/vm/user_reserve_kbytes", root);
	h->max_map_count = read_number("%s/proc/sys/vm/max_map_count", root);
}

/* A CPU's siblings in its core; without that file the CPU is a core by itself. */
static unsigned int first_sibling(const char *root, unsigned int cpu, const char *allowed)
{
	char list[LIST_MAX];
	const char *at = list;
	unsigned int first, last;

	if (file_readf(list, sizeof(list), "%s" CPUS "/cpu%u/topology/thread_siblings_list", root,
		       cpu) < 0)
		return cpu;
	while (list_next(&at, &first, &last))
		for (unsigned int i = first; i <= last; i++)
			if (list_has(allowed, i))
				return i;
	return cpu;
}

static unsigned int count_cores(const char *root, const char *allowed)
{
	unsigned int first, last, n = 0;
	const char *at = allowed;

	while (list_next(&at, &first, &last))
		for (unsigned int cpu = first; cpu <= last; cpu++)
			n += first_sibling(root, cpu, allowed) == cpu;
	return n;
}

/* "32768K" to bytes. */
static uint64_t cache_bytes(const char *text)
{
	char *end;
	uint64_t n = strtoull(text, &end, 10);

	return *end == 'M' ? n << 20 : *end == 'K' ? n << 10 : n;
}

static uint64_t read_llc(const char *root, unsigned int cpu)
{
	uint64_t bytes = 0, best_level = 0;
	char text[64];

	for (unsigned int i = 0; i < 16; i++) {
		uint64_t level = read_number("%s" CPUS "/cpu%u/cache/index%u/level", root, cpu, i);

		if (level <= best_level)
			continue;
		if (file_readf(text, sizeof(text), "%s" CPUS "/cpu%u/cache/index%u/size", root, cpu,
			       i) < 0)
			continue;
		best_level = level;
		bytes = cache_bytes(text);
	}
	return bytes;
}

/*
 * On x86 the CPU states how many virtual bits it decodes; half of that is the kernel's, and 57 bits
 * are used only where the flag la57 is left on.
 */
static unsigned int x86_address_bits(const char *root)
{
	AUTO_FREE char *text = malloc(MEMINFO_MAX);
	unsigned int virtual_bits = 0;
	const char *line, *flags, *end;
	char path[PATH_MAX];
	ssize_t n;

	snprintf(path, sizeof(path), "%s/proc/cpuinfo", root);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || !text)
		return 0;
	n = read(fd, text, MEMINFO_MAX - 1); /* the first CPU is enough */
	if (n <= 0)
		return 0;
	text[n] = '\0';
	line = strstr(text, "\naddress sizes");
	if (!line || sscanf(strchr(line + 1, ':') ? strchr(line + 1, ':') : "",
			    ": %*u bits physical, %u bits virtual", &virtual_bits) != 1)
		return 0;
	flags = strstr(text, "\nflags");
	end = flags ? strchr(flags + 1, '\n') : NULL;
	if (virtual_bits > 48) {
		const char *la57 = flags ? strstr(flags, " la57") : NULL;

		return la57 && end && la57 < end ? virtual_bits - 1 : 47;
	}
	return virtual_bits - 1;
}

/* Elsewhere: the main stack lies just below the top of the default window. */
static unsigned int stack_address_bits(const char *root)
{
	uint64_t top = 0;
	char path[PATH_MAX], line[512];

	snprintf(path, sizeof(path), "%s/proc/self/maps", root);
	AUTO_FCLOSE FILE *maps = fopen(path, "re");
	while (maps && fgets(line, sizeof(line), maps)) {
		uint64_t end;

		if (strstr(line, "[stack]") && sscanf(line, "%*x-%" SCNx64, &end) == 1)
			top = end - 1;
	}
	return top ? 64 - (unsigned int)__builtin_clzll(top) : 0;
}

static void read_cpus(const char *root, const char *status, struct host *h)
{
	char list[LIST_MAX], allowed[LIST_MAX] = "0";
	const char *line = strstr(status, "\nCpus_allowed_list:"), *at = allowed;
	unsigned int first = 0, last;

	if (line)
		sscanf(line, "\nCpus_allowed_list: %8191[0-9,-]", allowed);
	h->nr_cpus_allowed = list_count(allowed);
	h->nr_cpus = h->nr_cpus_allowed;
	if (file_readf(list, sizeof(list), "%s" CPUS "/online", root) > 0)
		h->nr_cpus = list_count(list);
	h->nr_cpus_present = h->nr_cpus;
	if (file_readf(list, sizeof(list), "%s" CPUS "/present", root) > 0)
		h->nr_cpus_present = list_count(list);
	h->nr_cores = count_cores(root, allowed);
	list_next(&at, &first, &last);
	h->llc_bytes = read_llc(root, first);
	h->address_bits = x86_address_bits(root);
	if (!h->address_bits)
		h->address_bits = stack_address_bits(root);
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

static void read_node(const char *root, struct host *h, struct host_node *node)
{
	char text[MEMINFO_MAX], prefix[32];
	const char *at;

	if (file_readf(text, sizeof(text), "%s" NODES "/node%u/meminfo", root, node->number) > 0) {
		snprintf(prefix, sizeof(prefix), "Node %u MemTotal:", node->number);
		node->memory_bytes = meminfo_bytes(text, prefix);
		snprintf(prefix, sizeof(prefix), "Node %u MemFree:", node->number);
		node->free_bytes = meminfo_bytes(text, prefix);
	}
	if (file_readf(text, sizeof(text), "%s" NODES "/node%u/cpulist", root, node->number) > 0)
		node->nr_cpus = list_count(text);
	if (file_readf(text, sizeof(text), "%s" NODES "/node%u/distance", root, node->number) < 0)
		return;
	at = text;
	for (unsigned int i = 0; i < h->nr_nodes; i++) {
		char *end;
		unsigned long distance = strtoul(at, &end, 10);

		if (end == at)
			break;
		node->distance[i] = distance < UINT8_MAX ? (uint8_t)distance : UINT8_MAX;
		at = end;
	}
}

/* An only node has all there is: some guests count memory added at run time only in meminfo. */
static void whole_node(struct host *h)
{
	h->nodes[0].memory_bytes = h->ram_bytes;
	h->nodes[0].free_bytes = h->free_bytes;
}

/* A kernel without CONFIG_NUMA has no folder: then all is node 0. */
static void read_nodes(const char *root, struct host *h)
{
	unsigned int first, last;
	char list[LIST_MAX];
	const char *at = list;

	if (file_readf(list, sizeof(list), "%s" NODES "/online", root) <= 0) {
		h->nr_nodes = 1;
		h->nodes[0] = (struct host_node){ .memory_bytes = h->ram_bytes,
						  .free_bytes = h->free_bytes,
						  .nr_cpus = h->nr_cpus,
						  .distance = { 10 } };
		return;
	}
	h->nr_nodes = 0;
	while (list_next(&at, &first, &last))
		for (unsigned int i = first; i <= last && h->nr_nodes < HOST_NODES_MAX; i++)
			h->nodes[h->nr_nodes++] = (struct host_node){ .number = i };
	h->numa_available = true;
	for (unsigned int i = 0; i < h->nr_nodes; i++)
		read_node(root, h, &h->nodes[i]);
	if (h->nr_nodes == 1)
		whole_node(h);
}

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The sizes in bytes of the folders hugepages-*kB, ascending; at most room of them. */
static unsigned int read_page_sizes(const char *root, const char *folder, uint64_t *ret,
				    unsigned int room)
{
	struct dirent *entry;
	char path[PATH_MAX];
	unsigned int n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s%s", root, folder);
	dir = opendir(path);
	if (!dir)
		return 0;
	while (n < room && (entry = readdir(dir))) {
		uint64_t kib;

		if (sscanf(entry->d_name, "hugepages-%" SCNu64 "kB", &kib) == 1)
			ret[n++] = kib * 1024;
	}
	closedir(dir);
	qsort(ret, n, sizeof(ret[0]), compare_u64);
	return n;
}

static void read_pool(const char *root, const struct host *h, struct host_pool *pool)
{
	uint64_t kib = pool->page_bytes / 1024;
	char folder[PATH_MAX / 2];

	snprintf(folder, sizeof(folder), "%s" POOLS "/hugepages-%" PRIu64 "kB", root, kib);
	pool->total = read_number("%s/nr_hugepages", folder);
	pool->free = read_number("%s/free_hugepages", folder);
	pool->reserved = read_number("%s/resv_hugepages", folder);
	pool->surplus = read_number("%s/surplus_hugepages", folder);
	pool->overcommit = read_number("%s/nr_overcommit_hugepages", folder);
	for (unsigned int i = 0; i < h->nr_nodes; i++) {
		snprintf(folder, sizeof(folder),
			 "%s" NODES "/node%u/hugepages/hugepages-%" PRIu64 "kB", root,
			 h->nodes[i].number, kib);
		pool->node_total[i] = read_number("%s/nr_hugepages", folder);
		pool->node_free[i] = read_number("%s/free_hugepages", folder);
	}
	if (h->nr_nodes == 1 && !pool->node_total[0]) { /* a kernel without nodes */
		pool->node_total[0] = pool->total;
		pool->node_free[0] = pool->free;
	}
}

/*
 * Some twenty files a time are too many where nothing has changed: as long as the kernel counts no
 * huge page of any size, only the number that it may make is read.
 */
static void refresh_pools(const char *root, struct host *h, bool any_pages)
{
	for (unsigned int i = 0; i < h->nr_pools; i++) {
		struct host_pool *pool = &h->pools[i];

		if (any_pages || pool->total) {
			read_pool(root, h, pool);
			continue;
		}
		pool->overcommit = read_number("%s" POOLS "/hugepages-%" PRIu64
					       "kB/nr_overcommit_hugepages",
					       root, pool->page_bytes / 1024);
	}
}

static void read_pools(const char *root, struct host *h)
{
	uint64_t sizes[HOST_POOLS_MAX];

	h->nr_pools = read_page_sizes(root, POOLS, sizes, HOST_POOLS_MAX);
	for (unsigned int i = 0; i < h->nr_pools; i++) {
		h->pools[i].page_bytes = sizes[i];
		read_pool(root, h, &h->pools[i]);
		h->pools[i].start_total = h->pools[i].total;
		memcpy(h->pools[i].start_node_total, h->pools[i].node_total,
		       sizeof(h->pools[i].node_total));
	}
}

/* "always [madvise] never": the word in brackets is the one that holds. */
static void bracketed_word(const char *text, char ret[16])
{
	const char *bracket = strchr(text, '[');

	if (bracket)
		sscanf(bracket, "[%15[a-z_]", ret);
}

/* A size that has no `enabled` is for shared memory only. */
static void read_thp(const char *root, struct host *h)
{
	uint64_t sizes[HOST_THP_SIZES_MAX];
	unsigned int n;
	char text[256];

	if (file_readf(text, sizeof(text), "%s" THP "/enabled", root) < 0)
		return;
	h->thp_available = true;
	bracketed_word(text, h->thp_enabled);
	if (file_readf(text, sizeof(text), "%s" THP "/shmem_enabled", root) > 0)
		bracketed_word(text, h->thp_shmem_enabled);
	h->thp_pmd_bytes = read_number("%s" THP "/hpage_pmd_size", root);
	n = read_page_sizes(root, THP, sizes, HOST_THP_SIZES_MAX);
	for (unsigned int i = 0; i < n; i++)
		if (file_readf(text, sizeof(text), "%s" THP "/hugepages-%" PRIu64 "kB/enabled",
			       root, sizes[i] / 1024) > 0)
			h->thp_sizes[h->nr_thp_sizes++] = sizes[i];
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
	read_cpus(root, status, h);
	read_capabilities(root, status, h);
	read_limits(root, h);
	read_nodes(root, h);
	read_pools(root, h);
	read_thp(root, h);
	read_kernel(root, h);
	*ret = *h;
	return 0;
}

int host_read(struct host *ret, struct error *err)
{
	return host_read_at("", ret, err);
}

static void refresh_node(const char *root, struct host_node *node)
{
	char text[MEMINFO_MAX], prefix[32];

	if (file_readf(text, sizeof(text), "%s" NODES "/node%u/meminfo", root, node->number) <= 0)
		return;
	snprintf(prefix, sizeof(prefix), "Node %u MemFree:", node->number);
	node->free_bytes = meminfo_bytes(text, prefix);
}

int host_refresh_at(const char *root, struct host *host, struct error *err)
{
	bool huge_pages;
	int r = read_meminfo(root, host, &huge_pages, err);

	if (r)
		return r;
	read_vm(root, host);
	for (unsigned int i = 0; host->nr_nodes > 1 && i < host->nr_nodes; i++)
		refresh_node(root, &host->nodes[i]);
	if (host->nr_nodes == 1)
		whole_node(host);
	refresh_pools(root, host, huge_pages);
	return 0;
}

int host_refresh(struct host *host, struct error *err)
{
	return host_refresh_at("", host, err);
}

uint64_t host_available_bytes(void)
{
	char text[MEMINFO_MAX];

	if (file_read("/proc/meminfo", text, sizeof(text)) < 0)
		return 0;
	return meminfo_bytes(text, "MemAvailable:");
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
	bases.bytes[SIZE_AVAILABLE] = host->available_bytes;
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
