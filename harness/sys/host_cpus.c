/* SPDX-License-Identifier: MIT */
#include "sys/host_parts.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "sys/id_list.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CPUINFO_MAX 16384 /* bytes: the first CPU of /proc/cpuinfo is enough */

/* A CPU's siblings in its core; without that file the CPU is a core by itself. */
static unsigned int first_sibling(const char *root, unsigned int cpu, const char *allowed)
{
	char list[ID_LIST_MAX];
	const char *at = list;
	unsigned int first, last;

	if (file_readf(list, sizeof(list), "%s" HOST_CPUS "/cpu%u/topology/thread_siblings_list",
		       root, cpu) < 0)
		return cpu;
	while (id_list_next(&at, &first, &last))
		for (unsigned int i = first; i <= last; i++)
			if (id_list_has(allowed, i))
				return i;
	return cpu;
}

static unsigned int count_cores(const char *root, const char *allowed)
{
	unsigned int first, last, n = 0;
	const char *at = allowed;

	while (id_list_next(&at, &first, &last))
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
		uint64_t level = host_file_number("%s" HOST_CPUS "/cpu%u/cache/index%u/level", root,
						  cpu, i);

		if (level <= best_level)
			continue;
		if (file_readf(text, sizeof(text), "%s" HOST_CPUS "/cpu%u/cache/index%u/size", root,
			       cpu, i) < 0)
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
	AUTO_FREE char *text = malloc(CPUINFO_MAX);
	unsigned int virtual_bits = 0;
	const char *line, *flags, *end;
	char path[PATH_MAX];
	ssize_t n;

	snprintf(path, sizeof(path), "%s/proc/cpuinfo", root);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || !text)
		return 0;
	n = read(fd, text, CPUINFO_MAX - 1); /* the first CPU is enough */
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

void host_read_cpus(const char *root, const char *status, struct host *h)
{
	char list[ID_LIST_MAX], allowed[ID_LIST_MAX] = "0";
	const char *line = strstr(status, "\nCpus_allowed_list:"), *at = allowed;
	unsigned int first = 0, last;

	if (line)
		sscanf(line, "\nCpus_allowed_list: %8191[0-9,-]", allowed);
	h->nr_cpus_allowed = id_list_count(allowed);
	for (unsigned int i = 0; i < CPU_SETSIZE; i++)
		if (id_list_has(allowed, i))
			CPU_SET(i, &h->cpus_allowed);
	h->nr_cpus = h->nr_cpus_allowed;
	if (file_readf(list, sizeof(list), "%s" HOST_CPUS "/online", root) > 0)
		h->nr_cpus = id_list_count(list);
	h->nr_cpus_present = h->nr_cpus;
	if (file_readf(list, sizeof(list), "%s" HOST_CPUS "/present", root) > 0)
		h->nr_cpus_present = id_list_count(list);
	h->nr_cores = count_cores(root, allowed);
	id_list_next(&at, &first, &last);
	h->llc_bytes = read_llc(root, first);
	h->address_bits = x86_address_bits(root);
	if (!h->address_bits)
		h->address_bits = stack_address_bits(root);
}
