/* SPDX-License-Identifier: MIT */
#include "sys/settings_table.h"

#include "base/cleanup.h"
#include "base/size.h"
#include "sys/sysfile.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THP         "/sys/kernel/mm/transparent_hugepage/"
#define POOLS       "/sys/kernel/mm/hugepages/hugepages-"
#define NUMBERS_MAX 1024 /* nodes, cpufreq policies */
#define MIN_FREE    "/proc/sys/vm/min_free_kbytes"

#define PAIR(first, second)                                                                        \
	{ .name = "vm." first,                                                                     \
	  .path = "/proc/sys/vm/" first,                                                           \
	  .kind = SETTING_PAIR,                                                                    \
	  .twin = "/proc/sys/vm/" second },                                                        \
	{                                                                                          \
		.name = "vm." second, .path = "/proc/sys/vm/" first, .kind = SETTING_PAIR,         \
		.twin = "/proc/sys/vm/" second, .component = 1                                     \
	}

static const struct setting_row rows[] = {
	PAIR("overcommit_ratio", "overcommit_kbytes"),
	PAIR("dirty_ratio", "dirty_bytes"),
	PAIR("dirty_background_ratio", "dirty_background_bytes"),
	{ .name = "vm.nr_hugepages",
	  .path = "/sys/devices/system/node/node*/hugepages/hugepages-{default}kB/nr_hugepages",
	  .kind = SETTING_POOL },
	{ .name = "vm.nr_hugepages",
	  .path = POOLS "{default}kB/nr_hugepages",
	  .kind = SETTING_POOL },
	{ .name = "vm.nr_overcommit_hugepages",
	  .path = POOLS "{default}kB/nr_overcommit_hugepages" },
	{ .name = "vm.nr_hugepages_mempolicy",
	  .kind = SETTING_REFUSED,
	  .help = "set the pool of a node: hugetlb.2MiB.node0" },
	{ .name = "vm.drop_caches",
	  .kind = SETTING_REFUSED,
	  .help = "it is an action: drop_caches" },
	{ .name = "vm.compact_memory",
	  .kind = SETTING_REFUSED,
	  .help = "it is an action: compact_memory" },
	{ .name = "vm.panic_on_oom",
	  .kind = SETTING_REFUSED,
	  .help = "a kernel that panics puts nothing back" },
	{ .name = "vm.stat_refresh", .kind = SETTING_REFUSED, .help = "it holds no value" },
	{ .name = "vm.{word}", .path = "/proc/sys/vm/{word}" },
	{ .name = "kernel.numa_balancing", .path = "/proc/sys/kernel/numa_balancing" },

	{ .name = "thp.enabled", .path = THP "enabled", .moves = MIN_FREE },
	{ .name = "thp.shmem_enabled", .path = THP "shmem_enabled", .moves = MIN_FREE },
	{ .name = "thp.khugepaged.{word}", .path = THP "khugepaged/{word}" },
	{ .name = "thp.{size}.enabled",
	  .path = THP "hugepages-{size}kB/enabled",
	  .moves = MIN_FREE },
	{ .name = "thp.{size}.shmem_enabled",
	  .path = THP "hugepages-{size}kB/shmem_enabled",
	  .moves = MIN_FREE },
	{ .name = "thp.{size}.{word}", .path = THP "hugepages-{size}kB/{word}" },
	{ .name = "thp.{word}", .path = THP "{word}" },

	{ .name = "hugetlb.{size}.node{number}",
	  .path = "/sys/devices/system/node/node{number}/hugepages/hugepages-{size}kB/nr_hugepages",
	  .kind = SETTING_POOL },
	{ .name = "hugetlb.{size}.overcommit", .path = POOLS "{size}kB/nr_overcommit_hugepages" },
	{ .name = "hugetlb.{size}",
	  .path = "/sys/devices/system/node/node*/hugepages/hugepages-{size}kB/nr_hugepages",
	  .kind = SETTING_POOL },
	{ .name = "hugetlb.{size}", .path = POOLS "{size}kB/nr_hugepages", .kind = SETTING_POOL },

	{ .name = "ksm.advisor_mode",
	  .path = "/sys/kernel/mm/ksm/advisor_mode",
	  .moves = "/sys/kernel/mm/ksm/pages_to_scan" },
	{ .name = "ksm.{word}", .path = "/sys/kernel/mm/ksm/{word}" },
	{ .name = "zswap.{word}", .path = "/sys/module/zswap/parameters/{word}" },

	{ .name = "swap.file", .kind = SETTING_SWAP_FILE },
	{ .name = "swap.zram", .kind = SETTING_ZRAM },

	{ .name = "cpu.governor",
	  .path = "/sys/devices/system/cpu/cpufreq/policy*/scaling_governor" },
	{ .name = "cpu.turbo",
	  .path = "/sys/devices/system/cpu/intel_pstate/no_turbo",
	  .kind = SETTING_INVERTED },
	{ .name = "cpu.turbo", .path = "/sys/devices/system/cpu/cpufreq/boost" },

	{ .name = "drop_caches",
	  .path = "/proc/sys/vm/drop_caches",
	  .kind = SETTING_ACTION,
	  .help = "1: page cache, 2: slab, 3: both" },
	{ .name = "compact_memory",
	  .path = "/proc/sys/vm/compact_memory",
	  .kind = SETTING_ACTION,
	  .help = "1: compact all zones" },
};

static const char *const kind_names[SETTING_KINDS] = {
	[SETTING_PLAIN] = "plain",
	[SETTING_INVERTED] = "inverted",
	[SETTING_PAIR] = "pair",
	[SETTING_POOL] = "pool",
	[SETTING_SWAP_FILE] = "swap-file",
	[SETTING_ZRAM] = "zram",
	[SETTING_ZRAM_ADDED] = "zram-added",
	[SETTING_ACTION] = "action",
	[SETTING_REFUSED] = "refused",
};

const char *setting_kind_name(enum setting_kind kind)
{
	return kind_names[kind];
}

int setting_kind_find(const char *name)
{
	for (int kind = 0; kind < SETTING_KINDS; kind++) {
		if (strcmp(kind_names[kind], name) == 0)
			return kind;
	}
	return -EINVAL;
}

const char *setting_pair_twin(const char *path)
{
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		if (rows[i].kind == SETTING_PAIR && strcmp(rows[i].path, path) == 0)
			return rows[i].twin;
	}
	return NULL;
}

/* What the placeholders of a row's name stood for, as its path needs them. */
struct captures {
	char size[24], word[SETTINGS_NAME_MAX], number[24];
};

/* "2MiB", or "64kB" as the kernel names its folders, to KiB in decimal. */
static bool capture_size(const char *text, size_t length, char *ret, size_t room)
{
	char copy[24];
	struct size size;
	uint64_t kib;

	if (length == 0 || length >= sizeof(copy))
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	if (length > 2 && strcmp(copy + length - 2, "kB") == 0) {
		copy[length - 2] = '\0';
		if (count_parse(copy, &kib, NULL))
			return false;
	} else {
		if (size_parse(copy, &size, NULL) || size.base != SIZE_ABSOLUTE || size.add_pages)
			return false;
		kib = size.add_bytes / 1024;
	}
	snprintf(ret, room, "%llu", (unsigned long long)kib);
	return kib > 0;
}

static bool capture_chars(const char *text, size_t length, bool digits, char *ret, size_t room)
{
	if (length == 0 || length >= room)
		return false;
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (digits ? !isdigit(c) : !isalnum(c) && c != '_' && c != '-')
			return false;
	}
	memcpy(ret, text, length);
	ret[length] = '\0';
	return true;
}

/* One placeholder takes all up to the next '.', none of which is ever part of a value. */
static bool capture(const char *key, const char *text, size_t length, struct captures *c)
{
	if (strncmp(key, "{size}", 6) == 0)
		return capture_size(text, length, c->size, sizeof(c->size));
	if (strncmp(key, "{word}", 6) == 0)
		return capture_chars(text, length, false, c->word, sizeof(c->word));
	return capture_chars(text, length, true, c->number, sizeof(c->number));
}

static bool match(const char *pattern, const char *name, struct captures *ret)
{
	while (*pattern && *name) {
		if (*pattern == '{') {
			size_t length = strcspn(name, ".");

			if (!capture(pattern, name, length, ret))
				return false;
			pattern = strchr(pattern, '}') + 1;
			name += length;
		} else if (*pattern++ != *name++) {
			return false;
		}
	}
	return !*pattern && !*name;
}

/* KiB of the default huge page size, from /proc/meminfo; "0" where there is none. */
static void default_size(const char *root, char *ret, size_t length)
{
	char text[8192];
	const char *line = NULL;

	if (sysfile_read(root, "/proc/meminfo", text, sizeof(text)) > 0)
		line = strstr(text, "Hugepagesize: ");
	snprintf(ret, length, "%lu", line ? strtoul(line + 14, NULL, 10) : 0ul);
}

static void append(char *to, size_t length, const char *text, size_t n)
{
	size_t used = strlen(to);

	snprintf(to + used, length - used, "%.*s", (int)n, text);
}

static void fill_path(const char *root, const char *pattern, const struct captures *c, char *ret,
		      size_t length)
{
	char kib[24];

	ret[0] = '\0';
	while (*pattern) {
		size_t n = strcspn(pattern, "{");

		append(ret, length, pattern, n);
		pattern += n;
		if (!*pattern)
			break;
		if (strncmp(pattern, "{size}", 6) == 0) {
			append(ret, length, c->size, sizeof(c->size));
		} else if (strncmp(pattern, "{word}", 6) == 0) {
			append(ret, length, c->word, sizeof(c->word));
		} else if (strncmp(pattern, "{number}", 8) == 0) {
			append(ret, length, c->number, sizeof(c->number));
		} else {
			default_size(root, kib, sizeof(kib));
			append(ret, length, kib, sizeof(kib));
		}
		pattern = strchr(pattern, '}') + 1;
	}
}

/* The numbers N of a folder's entries named prefixN, ascending; not by opendir(), which allocates.
 */
static unsigned int list_numbers(const char *root, const char *folder, const char *prefix,
				 unsigned int *ret, unsigned int max)
{
	_Alignas(struct dirent64) char buffer[4096];
	AUTO_CLOSE int fd = sysfile_open(root, folder, O_RDONLY | O_DIRECTORY);
	unsigned int n = 0;
	ssize_t length;

	while (fd >= 0 && (length = getdents64(fd, buffer, sizeof(buffer))) > 0) {
		for (ssize_t at = 0; at < length && n < max;) {
			const struct dirent64 *entry = (const struct dirent64 *)(buffer + at);
			const char *digits = entry->d_name + strlen(prefix);

			if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0 &&
			    isdigit((unsigned char)*digits))
				ret[n++] = (unsigned int)strtoul(digits, NULL, 10);
			at += entry->d_reclen;
		}
	}
	for (unsigned int i = 1; i < n; i++) {
		for (unsigned int k = i; k > 0 && ret[k] < ret[k - 1]; k--) {
			unsigned int swapped = ret[k];

			ret[k] = ret[k - 1];
			ret[k - 1] = swapped;
		}
	}
	return n;
}

/* pattern itself, or one place for each number that '*' can be; more than max: too many. */
static unsigned int expand(const char *root, const char *pattern, const struct setting_place *like,
			   struct setting_place *ret, unsigned int max)
{
	const char *star = strchr(pattern, '*');
	char folder[SETTING_PATH_MAX], *slash;
	unsigned int numbers[NUMBERS_MAX], n = 0, nr_numbers;
	struct setting_place place = *like;

	snprintf(folder, sizeof(folder), "%.*s", star ? (int)(star - pattern) : 0, pattern);
	slash = strrchr(folder, '/');
	if (!slash) {
		snprintf(place.path, sizeof(place.path), "%s", pattern);
		ret[0] = place;
		return sysfile_exists(root, place.path);
	}
	*slash = '\0';
	nr_numbers = list_numbers(root, folder, slash + 1, numbers, NUMBERS_MAX);
	for (unsigned int i = 0; i < nr_numbers && n <= max; i++) {
		snprintf(place.path, sizeof(place.path), "%.*s%u%s", (int)(star - pattern), pattern,
			 numbers[i], star + 1);
		if (!sysfile_exists(root, place.path))
			continue;
		if (n < max)
			ret[n] = place;
		n++;
	}
	return n;
}

static int unknown_name(const char *name, struct error *err)
{
	return error_set(err, -EINVAL,
			 "no such setting: %s (names are vm.NAME, kernel.numa_balancing, thp.NAME, "
			 "hugetlb.SIZE, ksm.NAME, zswap.NAME, swap.file, swap.zram, cpu.governor, "
			 "cpu.turbo, drop_caches and compact_memory)",
			 name);
}

int setting_places(const char *root, const char *name, struct setting_place *ret, unsigned int max,
		   struct error *err)
{
	char pattern[SETTING_PATH_MAX] = "";

	if (strlen(name) >= SETTINGS_NAME_MAX)
		return unknown_name(name, err);
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		const struct setting_row *row = &rows[i];
		struct setting_place like = { .kind = row->kind,
					      .twin = row->twin,
					      .moves = row->moves,
					      .component = row->component };
		struct captures c = { 0 };
		unsigned int n;

		if (!match(row->name, name, &c))
			continue;
		if (row->kind == SETTING_REFUSED)
			return error_set(err, -EINVAL, "%s: cannot be set: %s", name, row->help);
		snprintf(like.name, sizeof(like.name), "%s", name);
		if (!row->path) {
			ret[0] = like;
			return 1;
		}
		fill_path(root, row->path, &c, pattern, sizeof(pattern));
		n = expand(root, pattern, &like, ret, max);
		if (n > max)
			return error_set(err, -E2BIG, "%s: more than %u files on this machine",
					 name, max);
		if (n)
			return (int)n;
	}
	if (!pattern[0])
		return unknown_name(name, err);
	return error_set(err, -ENOENT, "%s: this kernel has no %s", name, pattern);
}
