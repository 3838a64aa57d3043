/* SPDX-License-Identifier: MIT */
#include "sys/facts.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/size.h"
#include "sys/host.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define VALUE_MAX 4096
#define TEXT_MAX  16384

#define CPUS "/sys/devices/system/cpu"
#define THP  "/sys/kernel/mm/transparent_hugepage"

struct visit {
	const char *root;
	facts_fact *fact;
	void *context;
	int result; /* of the first fact that ended the visit */
};

static void tell(struct visit *v, const char *group, const char *name, const char *value)
{
	if (!v->result)
		v->result = v->fact(v->context, group, name, value);
}

static void tell_number(struct visit *v, const char *group, const char *name, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	tell(v, group, name, text);
}

/* "always [madvise] never": only the word that holds. */
static void keep_chosen(char *value)
{
	char *from = strchr(value, '['), *to = from ? strchr(from, ']') : NULL;

	if (!to || (from > value && from[-1] != ' '))
		return;
	memmove(value, from + 1, (size_t)(to - from - 1));
	value[to - from - 1] = '\0';
}

/* A file's text as one value: tabs and newlines inside it become blanks. */
static bool read_value(const struct visit *v, const char *path, char ret[VALUE_MAX])
{
	if (file_readf(ret, VALUE_MAX, "%s%s", v->root, path) < 0)
		return false;
	for (char *at = ret; *at; at++)
		if (*at == '\t' || *at == '\n')
			*at = ' ';
	for (size_t n = strlen(ret); n && ret[n - 1] == ' '; n--)
		ret[n - 1] = '\0';
	keep_chosen(ret);
	return true;
}

static void tell_file(struct visit *v, const char *group, const char *name, const char *path)
{
	char value[VALUE_MAX];

	if (read_value(v, path, value))
		tell(v, group, name, value);
}

/* Facts that are one file each. */
struct fact_file {
	const char *group, *name, *path;
};

static void tell_files(struct visit *v, const struct fact_file *files, size_t n)
{
	for (size_t i = 0; i < n; i++)
		tell_file(v, files[i].group, files[i].name, files[i].path);
}

static const struct fact_file kernel_files[] = {
	{ "kernel", "release", "/proc/sys/kernel/osrelease" },
	{ "kernel", "version", "/proc/sys/kernel/version" },
	{ "kernel", "boot_id", "/proc/sys/kernel/random/boot_id" },
	{ "kernel", "tainted", "/proc/sys/kernel/tainted" },
	{ "kernel", "randomize_va_space", "/proc/sys/kernel/randomize_va_space" },
	{ "kernel", "nmi_watchdog", "/proc/sys/kernel/nmi_watchdog" },
	{ "kernel", "numa_balancing", "/proc/sys/kernel/numa_balancing" },
	{ "kernel", "perf_event_paranoid", "/proc/sys/kernel/perf_event_paranoid" },
	{ "kernel", "threads_max", "/proc/sys/kernel/threads-max" },
	{ "kernel", "pid_max", "/proc/sys/kernel/pid_max" },
	{ "clock", "source", "/sys/devices/system/clocksource/clocksource0/current_clocksource" },
	{ "clock", "available",
	  "/sys/devices/system/clocksource/clocksource0/available_clocksource" },
};

static const struct fact_file cpu_files[] = {
	{ "cpu", "online", CPUS "/online" },
	{ "cpu", "isolated", CPUS "/isolated" },
	{ "cpu", "smt", CPUS "/smt/control" },
	{ "cpu", "governor", CPUS "/cpu0/cpufreq/scaling_governor" },
	{ "cpu", "frequency_driver", CPUS "/cpu0/cpufreq/scaling_driver" },
	{ "cpu", "frequency_max_khz", CPUS "/cpu0/cpufreq/scaling_max_freq" },
	{ "cpu", "energy_preference", CPUS "/cpu0/cpufreq/energy_performance_preference" },
	{ "cpu", "boost", CPUS "/cpufreq/boost" },
	{ "cpu", "no_turbo", CPUS "/intel_pstate/no_turbo" },
	{ "cpu", "idle_driver", CPUS "/cpuidle/current_driver" },
	{ "cpu", "idle_governor", CPUS "/cpuidle/current_governor" },
};

static const struct fact_file reclaim_files[] = {
	{ "ksm", "run", "/sys/kernel/mm/ksm/run" },
	{ "zswap", "enabled", "/sys/module/zswap/parameters/enabled" },
	{ "zswap", "compressor", "/sys/module/zswap/parameters/compressor" },
	{ "zswap", "max_pool_percent", "/sys/module/zswap/parameters/max_pool_percent" },
	{ "mglru", "enabled", "/sys/kernel/mm/lru_gen/enabled" },
	{ "mglru", "min_ttl_ms", "/sys/kernel/mm/lru_gen/min_ttl_ms" },
};

static const struct fact_file firmware_files[] = {
	{ "virtualisation", "hypervisor", "/sys/hypervisor/type" },
	{ "hardware", "vendor", "/sys/class/dmi/id/sys_vendor" },
	{ "hardware", "product", "/sys/class/dmi/id/product_name" },
	{ "hardware", "board", "/sys/class/dmi/id/board_name" },
	{ "hardware", "firmware", "/sys/class/dmi/id/bios_version" },
	{ "hardware", "model", "/proc/device-tree/model" },
};

/* Parameters whose values say where a machine is or whose it is, by how their names begin. */
static const char *const private_parameters[] = {
	"ip=",   "BOOTIF=",     "nfsroot=", "nfsaddrs=",   "root=",    "ks=",      "url=",
	"inst.", "autoinstall", "cloud-",   "ds=",         "rd.",      "systemd.", "luks",
	"crypt", "iscsi",       "ifname=",  "nameserver=", "bootdev=", "resume=",  "hostname=",
	"init=", "rdinit=",     "initrd=",  NULL,
};

static bool is_private(const char *word)
{
	for (size_t i = 0; private_parameters[i]; i++)
		if (strncmp(word, private_parameters[i], strlen(private_parameters[i])) == 0)
			return true;
	return false;
}

/* The kernel's own parameters; what follows "--" belongs to the first process. */
static void visit_command_line(struct visit *v)
{
	char text[VALUE_MAX], kept[VALUE_MAX];
	size_t used = 0;
	char *rest, *word;

	if (!read_value(v, "/proc/cmdline", text))
		return;
	kept[0] = '\0';
	for (word = strtok_r(text, " ", &rest); word && strcmp(word, "--") != 0;
	     word = strtok_r(NULL, " ", &rest)) {
		size_t length = is_private(word) ? strcspn(word, "=") : strlen(word);

		used += (size_t)snprintf(kept + used, sizeof(kept) - used, "%s%.*s%s",
					 used ? " " : "", (int)length, word,
					 word[length] ? "=…" : "");
		if (used >= sizeof(kept))
			break;
	}
	tell(v, "kernel", "command_line", kept);
}

/* The value of a line "key<blanks>: value" of /proc/cpuinfo, of the first CPU. */
static bool cpuinfo_value(const char *text, const char *key, char *ret, size_t length)
{
	size_t n = strlen(key);

	for (const char *line = text; *line; line += *line == '\n') {
		const char *after = line + n;

		if (strncmp(line, key, n) == 0) {
			after += strspn(after, " \t");
			if (*after == ':') {
				after += 1 + strspn(after + 1, " \t");
				snprintf(ret, length, "%.*s", (int)strcspn(after, "\n"), after);
				return true;
			}
		}
		line += strcspn(line, "\n");
	}
	return false;
}

static bool has_flag(const char *text, const char *flag)
{
	char flags[VALUE_MAX];
	size_t n = strlen(flag);

	if (!cpuinfo_value(text, "flags", flags, sizeof(flags)))
		return false;
	for (const char *at = flags; (at = strstr(at, flag)); at += n)
		if ((at == flags || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
			return true;
	return false;
}

static void visit_cpuinfo(struct visit *v)
{
	static const struct {
		const char *key, *name;
	} keys[] = {
		{ "vendor_id", "vendor" },
		{ "model name", "model" },
		{ "cpu family", "family" },
		{ "model", "model_number" },
		{ "stepping", "stepping" },
		{ "microcode", "microcode" },
		{ "address sizes", "address_sizes" },
		{ "TLB size", "tlb_size" },
		{ "CPU implementer", "implementer" },
		{ "CPU part", "part" },
		{ "CPU variant", "variant" },
		{ "CPU revision", "revision" },
	};
	char path[PATH_MAX], text[TEXT_MAX], value[VALUE_MAX];
	size_t n;

	snprintf(path, sizeof(path), "%s/proc/cpuinfo", v->root);
	AUTO_FCLOSE FILE *file = fopen(path, "re");
	if (!file)
		return;
	n = fread(text, 1, sizeof(text) - 1, file); /* the first CPU is enough */
	text[n] = '\0';
	for (size_t i = 0; i < ARRAY_LENGTH(keys); i++)
		if (cpuinfo_value(text, keys[i].key, value, sizeof(value)))
			tell(v, "cpu", keys[i].name, value);
	if (cpuinfo_value(text, "flags", value, sizeof(value)))
		tell(v, "virtualisation", "guest", has_flag(text, "hypervisor") ? "yes" : "no");
}

/* "l2_unified": "1024K", of the first CPU. */
static void visit_caches(struct visit *v)
{
	for (unsigned int i = 0; i < 16; i++) {
		char folder[128], path[192], level[VALUE_MAX], type[VALUE_MAX], name[64];

		snprintf(folder, sizeof(folder), CPUS "/cpu0/cache/index%u", i);
		snprintf(path, sizeof(path), "%s/level", folder);
		if (!read_value(v, path, level))
			return;
		snprintf(path, sizeof(path), "%s/type", folder);
		if (!read_value(v, path, type))
			continue;
		type[0] = (char)tolower((unsigned char)type[0]);
		snprintf(name, sizeof(name), "l%.8s_%.32s", level, type);
		snprintf(path, sizeof(path), "%s/size", folder);
		tell_file(v, "caches", name, path);
	}
}

static int keep_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Reading these does something, or says something else each time. */
static bool is_action(const char *name)
{
	static const char *const actions[] = { "stat_refresh", "compact_memory", "drop_caches",
					       "defrag_now", NULL };

	for (size_t i = 0; actions[i]; i++)
		if (strcmp(name, actions[i]) == 0)
			return true;
	return false;
}

/* All files of a folder that may be read, by name; prefix goes before the names. */
static void visit_folder(struct visit *v, const char *group, const char *prefix, const char *folder)
{
	char path[PATH_MAX], name[NAME_MAX + 64];
	struct dirent **entries;
	struct stat st;
	int n;

	snprintf(path, sizeof(path), "%s%s", v->root, folder);
	n = scandir(path, &entries, keep_visible, alphasort);
	for (int i = 0; i < n; i++) {
		const char *file = entries[i]->d_name;

		snprintf(path, sizeof(path), "%s%s/%s", v->root, folder, file);
		if (!is_action(file) && !stat(path, &st) && S_ISREG(st.st_mode) &&
		    st.st_mode & S_IRUSR) {
			snprintf(name, sizeof(name), "%s%s", prefix, file);
			tell_file(v, group, name, path + strlen(v->root));
		}
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

static void visit_thp(struct visit *v, const struct host *host)
{
	char folder[PATH_MAX], name[64];

	visit_folder(v, "thp", "", THP);
	visit_folder(v, "thp", "khugepaged.", THP "/khugepaged");
	for (unsigned int i = 0; i < host->nr_thp_sizes; i++) {
		uint64_t kib = host->thp_sizes[i] / 1024;

		snprintf(folder, sizeof(folder), THP "/hugepages-%" PRIu64 "kB/enabled", kib);
		snprintf(name, sizeof(name), "%" PRIu64 "kB.enabled", kib);
		tell_file(v, "thp", name, folder);
	}
}

static void visit_pools(struct visit *v, const struct host *host)
{
	for (unsigned int i = 0; i < host->nr_pools; i++) {
		const struct host_pool *pool = &host->pools[i];
		char size[32], name[64];

		bytes_format_exact(pool->page_bytes, size, sizeof(size));
		snprintf(name, sizeof(name), "%s.total", size);
		tell_number(v, "hugetlb", name, pool->total);
		snprintf(name, sizeof(name), "%s.free", size);
		tell_number(v, "hugetlb", name, pool->free);
		snprintf(name, sizeof(name), "%s.overcommit", size);
		tell_number(v, "hugetlb", name, pool->overcommit);
	}
}

static void visit_topology(struct visit *v, const struct host *host)
{
	tell_number(v, "topology", "cpus_online", host->nr_cpus);
	tell_number(v, "topology", "cpus_allowed", host->nr_cpus_allowed);
	tell_number(v, "topology", "cores_allowed", host->nr_cores);
	tell_number(v, "topology", "nodes", host->nr_nodes);
	for (unsigned int i = 0; i < host->nr_nodes; i++) {
		const struct host_node *node = &host->nodes[i];
		char name[64], path[128];

		snprintf(name, sizeof(name), "node%u.memory_bytes", node->number);
		tell_number(v, "topology", name, node->memory_bytes);
		snprintf(name, sizeof(name), "node%u.cpus", node->number);
		snprintf(path, sizeof(path), "/sys/devices/system/node/node%u/cpulist",
			 node->number);
		tell_file(v, "topology", name, path);
		snprintf(name, sizeof(name), "node%u.distances", node->number);
		snprintf(path, sizeof(path), "/sys/devices/system/node/node%u/distance",
			 node->number);
		tell_file(v, "topology", name, path);
	}
}

static void visit_memory(struct visit *v, const struct host *host)
{
	tell_number(v, "memory", "page_bytes", host->page_bytes);
	tell_number(v, "memory", "ram_bytes", host->ram_bytes);
	tell_number(v, "memory", "free_bytes", host->free_bytes);
	tell_number(v, "memory", "available_bytes", host->available_bytes);
	tell_number(v, "memory", "swap_bytes", host->swap_bytes);
	tell_number(v, "memory", "swap_free_bytes", host->swap_free_bytes);
	tell_number(v, "memory", "commit_limit_bytes", host->commit_limit_bytes);
	tell_number(v, "memory", "committed_bytes", host->committed_bytes);
	tell_number(v, "memory", "llc_bytes", host->llc_bytes);
	tell_number(v, "memory", "address_bits", host->address_bits);
}

/* One fact a swap area: its kind, size and priority; the path of a swap file is nobody's matter. */
static void visit_swap(struct visit *v)
{
	char text[TEXT_MAX], *rest, *line;
	unsigned int n = 0;

	if (file_readf(text, sizeof(text), "%s/proc/swaps", v->root) < 0)
		return;
	line = strtok_r(text, "\n", &rest); /* the head of the table */
	while (line && (line = strtok_r(NULL, "\n", &rest))) {
		char where[256], kind[32], name[32], value[512];
		uint64_t kib;
		int priority;

		if (sscanf(line, "%255s %31s %" SCNu64 " %*u %d", where, kind, &kib, &priority) !=
		    4)
			continue;
		snprintf(name, sizeof(name), "area%u", n++);
		snprintf(value, sizeof(value), "%s %" PRIu64 " bytes, priority %d",
			 strncmp(where, "/dev/", 5) == 0 ? where : kind, kib * 1024, priority);
		tell(v, "swap", name, value);
	}
}

/* The group of this process in a hierarchy: "0::/a/b" (v2), "4:memory:/a/b" (v1). */
static bool own_group(const struct visit *v, const char *controller, char ret[PATH_MAX])
{
	char text[TEXT_MAX], *rest, *line;

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
static void visit_limit(struct visit *v, const char *mount, const char *group, const char *file)
{
	char path[PATH_MAX], value[VALUE_MAX], folder[PATH_MAX];
	uint64_t least = UINT64_MAX, limit;
	bool known = false;

	snprintf(folder, sizeof(folder), "%s", group);
	for (;;) {
		char *slash;

		if ((size_t)snprintf(path, sizeof(path), "%s%s/%s", mount, folder, file) <
			    sizeof(path) &&
		    read_value(v, path, value)) {
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
		tell(v, "cgroup", file, "max");
	else if (known)
		tell_number(v, "cgroup", file, least);
}

static void visit_cgroup(struct visit *v)
{
	static const char *const v2[] = { "memory.max", "memory.high", "memory.swap.max",
					  "pids.max" };
	static const char *const v1[] = { "memory.limit_in_bytes", "memory.memsw.limit_in_bytes" };
	char group[PATH_MAX], controllers[VALUE_MAX];

	if (own_group(v, "", group) &&
	    read_value(v, "/sys/fs/cgroup/cgroup.controllers", controllers)) {
		tell(v, "cgroup", "version", "2");
		tell(v, "cgroup", "controllers", controllers);
		for (size_t i = 0; i < ARRAY_LENGTH(v2); i++)
			visit_limit(v, "/sys/fs/cgroup", group, v2[i]);
	} else if (own_group(v, "memory", group)) {
		tell(v, "cgroup", "version", "1");
		for (size_t i = 0; i < ARRAY_LENGTH(v1); i++)
			visit_limit(v, "/sys/fs/cgroup/memory", group, v1[i]);
	}
}

static void visit_process_limits(struct visit *v, const struct host *host)
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
			tell(v, "limits", limits[i].name, "unlimited");
		else
			tell_number(v, "limits", limits[i].name, bytes);
	}
}

static void visit_all(struct visit *v, const struct host *host)
{
	tell(v, "kernel", "machine", host->machine);
	tell_files(v, kernel_files, ARRAY_LENGTH(kernel_files));
	visit_command_line(v);
	visit_cpuinfo(v);
	tell_files(v, cpu_files, ARRAY_LENGTH(cpu_files));
	visit_caches(v);
	visit_topology(v, host);
	visit_memory(v, host);
	visit_swap(v);
	visit_folder(v, "vm", "", "/proc/sys/vm");
	visit_thp(v, host);
	visit_pools(v, host);
	tell_files(v, reclaim_files, ARRAY_LENGTH(reclaim_files));
	visit_cgroup(v);
	visit_process_limits(v, host);
	tell_files(v, firmware_files, ARRAY_LENGTH(firmware_files));
	visit_folder(v, "mitigations", "", CPUS "/vulnerabilities");
}

int facts_visit_at(const char *root, facts_fact *fact, void *context)
{
	struct visit v = { .root = root, .fact = fact, .context = context };
	AUTO_FREE struct host *host = calloc(1, sizeof(*host));
	int r;

	if (!host)
		return -ENOMEM;
	r = host_read_at(root, host, NULL);
	if (r)
		return r;
	visit_all(&v, host);
	return v.result;
}

int facts_visit(facts_fact *fact, void *context)
{
	return facts_visit_at("", fact, context);
}
