/* SPDX-License-Identifier: MIT */
/* Facts about the CPU: what it is, how it is clocked, its idle states and caches. */
#include "sys/facts_parts.h"

#include "base/cleanup.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static const struct fact_file cpu_files[] = {
	{ "cpu", "online", FACTS_CPUS "/online" },
	{ "cpu", "isolated", FACTS_CPUS "/isolated" },
	{ "cpu", "smt", FACTS_CPUS "/smt/control" },
	{ "cpu", "governor", FACTS_CPUS "/cpu0/cpufreq/scaling_governor" },
	{ "cpu", "frequency_driver", FACTS_CPUS "/cpu0/cpufreq/scaling_driver" },
	{ "cpu", "frequency_max_khz", FACTS_CPUS "/cpu0/cpufreq/scaling_max_freq" },
	{ "cpu", "energy_preference", FACTS_CPUS "/cpu0/cpufreq/energy_performance_preference" },
	{ "cpu", "boost", FACTS_CPUS "/cpufreq/boost" },
	{ "cpu", "no_turbo", FACTS_CPUS "/intel_pstate/no_turbo" },
	{ "cpu", "idle_driver", FACTS_CPUS "/cpuidle/current_driver" },
	{ "cpu", "idle_governor", FACTS_CPUS "/cpuidle/current_governor" },
};

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
	char flags[FACTS_VALUE_MAX];
	size_t n = strlen(flag);

	if (!cpuinfo_value(text, "flags", flags, sizeof(flags)))
		return false;
	for (const char *at = flags; (at = strstr(at, flag)); at += n)
		if ((at == flags || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
			return true;
	return false;
}

static void visit_cpuinfo(struct facts_visit *v)
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
	char path[PATH_MAX], text[FACTS_TEXT_MAX], value[FACTS_VALUE_MAX];
	size_t n;

	snprintf(path, sizeof(path), "%s/proc/cpuinfo", v->root);
	AUTO_FCLOSE FILE *file = fopen(path, "re");
	if (!file)
		return;
	n = fread(text, 1, sizeof(text) - 1, file); /* the first CPU is enough */
	text[n] = '\0';
	for (size_t i = 0; i < ARRAY_LENGTH(keys); i++)
		if (cpuinfo_value(text, keys[i].key, value, sizeof(value)))
			facts_tell(v, "cpu", keys[i].name, value);
	if (cpuinfo_value(text, "flags", value, sizeof(value)))
		facts_tell(v, "virtualisation", "guest",
			   has_flag(text, "hypervisor") ? "yes" : "no");
}

/* "l2_unified": "1024K", of the first CPU. */
static void visit_caches(struct facts_visit *v)
{
	for (unsigned int i = 0; i < 16; i++) {
		char folder[128], path[192], level[FACTS_VALUE_MAX], type[FACTS_VALUE_MAX],
			name[64];

		snprintf(folder, sizeof(folder), FACTS_CPUS "/cpu0/cache/index%u", i);
		snprintf(path, sizeof(path), "%s/level", folder);
		if (!facts_read_value(v, path, level))
			return;
		snprintf(path, sizeof(path), "%s/type", folder);
		if (!facts_read_value(v, path, type))
			continue;
		type[0] = (char)tolower((unsigned char)type[0]);
		snprintf(name, sizeof(name), "l%.8s_%.32s", level, type);
		snprintf(path, sizeof(path), "%s/size", folder);
		facts_tell_file(v, "caches", name, path);
	}
}

void facts_visit_cpu(struct facts_visit *v)
{
	visit_cpuinfo(v);
	facts_tell_files(v, cpu_files, ARRAY_LENGTH(cpu_files));
	visit_caches(v);
}
