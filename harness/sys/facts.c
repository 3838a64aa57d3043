/* SPDX-License-Identifier: MIT */
#include "sys/facts.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/size.h"
#include "sys/facts_parts.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define THP "/sys/kernel/mm/transparent_hugepage"

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
static void visit_command_line(struct facts_visit *v)
{
	char text[FACTS_VALUE_MAX], kept[FACTS_VALUE_MAX];
	size_t used = 0;
	char *rest, *word;

	if (!facts_read_value(v, "/proc/cmdline", text))
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
	facts_tell(v, "kernel", "command_line", kept);
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
static void visit_folder(struct facts_visit *v, const char *group, const char *prefix,
			 const char *folder)
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
			facts_tell_file(v, group, name, path + strlen(v->root));
		}
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

static void visit_thp(struct facts_visit *v, const struct host *host)
{
	char folder[PATH_MAX], name[64];

	visit_folder(v, "thp", "", THP);
	visit_folder(v, "thp", "khugepaged.", THP "/khugepaged");
	for (unsigned int i = 0; i < host->nr_thp_sizes; i++) {
		uint64_t kib = host->thp_sizes[i] / 1024;

		snprintf(folder, sizeof(folder), THP "/hugepages-%" PRIu64 "kB/enabled", kib);
		snprintf(name, sizeof(name), "%" PRIu64 "kB.enabled", kib);
		facts_tell_file(v, "thp", name, folder);
	}
}

static void visit_pools(struct facts_visit *v, const struct host *host)
{
	for (unsigned int i = 0; i < host->nr_pools; i++) {
		const struct host_pool *pool = &host->pools[i];
		char size[32], name[64];

		bytes_format_exact(pool->page_bytes, size, sizeof(size));
		snprintf(name, sizeof(name), "%s.total", size);
		facts_tell_number(v, "hugetlb", name, pool->total);
		snprintf(name, sizeof(name), "%s.free", size);
		facts_tell_number(v, "hugetlb", name, pool->free);
		snprintf(name, sizeof(name), "%s.overcommit", size);
		facts_tell_number(v, "hugetlb", name, pool->overcommit);
	}
}

static void visit_topology(struct facts_visit *v, const struct host *host)
{
	facts_tell_number(v, "topology", "cpus_online", host->nr_cpus);
	facts_tell_number(v, "topology", "cpus_allowed", host->nr_cpus_allowed);
	facts_tell_number(v, "topology", "cores_allowed", host->nr_cores);
	facts_tell_number(v, "topology", "nodes", host->nr_nodes);
	for (unsigned int i = 0; i < host->nr_nodes; i++) {
		const struct host_node *node = &host->nodes[i];
		char name[64], path[128];

		snprintf(name, sizeof(name), "node%u.memory_bytes", node->number);
		facts_tell_number(v, "topology", name, node->memory_bytes);
		snprintf(name, sizeof(name), "node%u.cpus", node->number);
		snprintf(path, sizeof(path), "/sys/devices/system/node/node%u/cpulist",
			 node->number);
		facts_tell_file(v, "topology", name, path);
		snprintf(name, sizeof(name), "node%u.distances", node->number);
		snprintf(path, sizeof(path), "/sys/devices/system/node/node%u/distance",
			 node->number);
		facts_tell_file(v, "topology", name, path);
	}
}

static void visit_memory(struct facts_visit *v, const struct host *host)
{
	facts_tell_number(v, "memory", "page_bytes", host->page_bytes);
	facts_tell_number(v, "memory", "ram_bytes", host->ram_bytes);
	facts_tell_number(v, "memory", "free_bytes", host->free_bytes);
	facts_tell_number(v, "memory", "available_bytes", host->available_bytes);
	facts_tell_number(v, "memory", "swap_bytes", host->swap_bytes);
	facts_tell_number(v, "memory", "swap_free_bytes", host->swap_free_bytes);
	facts_tell_number(v, "memory", "commit_limit_bytes", host->commit_limit_bytes);
	facts_tell_number(v, "memory", "committed_bytes", host->committed_bytes);
	facts_tell_number(v, "memory", "llc_bytes", host->llc_bytes);
	facts_tell_number(v, "memory", "address_bits", host->address_bits);
}

/* One fact a swap area: its kind, size and priority; the path of a swap file is nobody's matter. */
static void visit_swap(struct facts_visit *v)
{
	char text[FACTS_TEXT_MAX], *rest, *line;
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
		facts_tell(v, "swap", name, value);
	}
}

static void visit_all(struct facts_visit *v, const struct host *host)
{
	facts_tell(v, "kernel", "machine", host->machine);
	facts_tell_files(v, kernel_files, ARRAY_LENGTH(kernel_files));
	visit_command_line(v);
	facts_visit_cpu(v);
	visit_topology(v, host);
	visit_memory(v, host);
	visit_swap(v);
	visit_folder(v, "vm", "", "/proc/sys/vm");
	visit_thp(v, host);
	visit_pools(v, host);
	facts_tell_files(v, reclaim_files, ARRAY_LENGTH(reclaim_files));
	facts_visit_limits(v, host);
	facts_tell_files(v, firmware_files, ARRAY_LENGTH(firmware_files));
	visit_folder(v, "mitigations", "", FACTS_CPUS "/vulnerabilities");
}

int facts_visit_at(const char *root, facts_fact *fact, void *context)
{
	struct facts_visit v = { .root = root, .fact = fact, .context = context };
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
