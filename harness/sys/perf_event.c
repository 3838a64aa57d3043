/* SPDX-License-Identifier: MIT */
#include "sys/perf_event.h"

#include "base/cleanup.h"
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <perfmon/pfmlib_perf_event.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define EVENT_MAX 128 /* bytes of a name */

/* Short words for libpfm4's names of the kernel's generic events: what these come to depends on the
 * CPU. */
static const struct word {
	const char *name, *event, *help;
} words[] = {
	{ "cycles", "perf::CYCLES", "CPU cycles" },
	{ "instructions", "perf::INSTRUCTIONS", "instructions retired" },
	{ "dtlb_load_misses", "perf::DTLB-LOAD-MISSES", "loads that missed the data TLB" },
	{ "llc_load_misses", "perf::LLC-LOAD-MISSES", "loads that missed the last-level cache" },
	{ "page_faults", "perf::PAGE-FAULTS", "page faults, each 30 ns dearer for it" },
};

static const struct word *find_word(const char *name)
{
	size_t length = strcspn(name, ":");

	for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
		if (strncmp(words[i].name, name, length) == 0 && !words[i].name[length])
			return &words[i];
	return NULL;
}

const char *perf_event_help(const char *name)
{
	const struct word *word = find_word(name);

	return word ? word->help : NULL;
}

const char *perf_event_unit(const struct perf_event_attr *attr)
{
	return attr->type == PERF_TYPE_SOFTWARE && (attr->config == PERF_COUNT_SW_CPU_CLOCK ||
						    attr->config == PERF_COUNT_SW_TASK_CLOCK)
		       ? "ns"
		       : "1";
}

/* The PMU that "PMU::…" names, where libpfm4 knows it. */
static bool find_pmu(const char *name, size_t length, pfm_pmu_info_t *ret)
{
	for (pfm_pmu_t i = PFM_PMU_NONE; i < PFM_PMU_MAX; i++) {
		*ret = (pfm_pmu_info_t){ .size = sizeof(*ret) };
		if (pfm_get_pmu_info(i, ret) == PFM_SUCCESS && strlen(ret->name) == length &&
		    strncasecmp(ret->name, name, length) == 0)
			return true;
	}
	return false;
}

/* Is it an event of a PMU that is not here? Then −ENODEV or −ENXIO. */
static int elsewhere(const char *name, struct error *err)
{
	const char *end = strstr(name, "::");
	size_t length = end ? (size_t)(end - name) : 0;
	pfm_pmu_info_t pmu;

	if (!end)
		return 0;
	if (!find_pmu(name, length, &pmu))
		return error_set(err, -ENXIO, "libpfm4 knows no CPU '%.*s' on this architecture",
				 (int)length, name);
	return pmu.is_present
		       ? 0
		       : error_set(err, -ENODEV, "it is an event of another CPU, %s", pmu.desc);
}

/* The candidates of one PMU, behind the n that there are; each to be freed. */
static size_t add_events(const pfm_pmu_info_t *pmu, char **list, size_t n)
{
	for (int i = pmu->first_event; i >= 0; i = pfm_get_event_next(i)) {
		pfm_event_info_t info = { .size = sizeof(info) };

		if (pfm_get_event_info(i, PFM_OS_PERF_EVENT, &info) == PFM_SUCCESS)
			list[n] = strdup(info.name);
		for (char *c = list[n]; c && *c; c++)
			*c = (char)tolower(*c);
		n += !!list[n];
	}
	return n;
}

static size_t count_events(void)
{
	size_t n = 0;

	for (pfm_pmu_t i = PFM_PMU_NONE; i < PFM_PMU_MAX; i++) {
		pfm_pmu_info_t info = { .size = sizeof(info) };

		if (pfm_get_pmu_info(i, &info) == PFM_SUCCESS && info.is_present)
			n += (size_t)info.nevents;
	}
	return n;
}

/* Of what this CPU has: libpfm4 minds no capitals. */
static void say_unknown(const char *name, struct error *err)
{
	size_t n = 0, room = count_events() + ARRAY_LENGTH(words) + 1;
	AUTO_FREE char **list = calloc(room, sizeof(*list));
	const char *colons = strstr(name, "::"), *nearest;
	char word[EVENT_MAX];

	if (!list)
		return;
	for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
		list[n++] = strdup(words[i].name);
	for (pfm_pmu_t i = PFM_PMU_NONE; i < PFM_PMU_MAX; i++) {
		pfm_pmu_info_t info = { .size = sizeof(info) };

		if (pfm_get_pmu_info(i, &info) == PFM_SUCCESS && info.is_present)
			n = add_events(&info, list, n);
	}
	snprintf(word, sizeof(word), "%s", colons ? colons + 2 : name);
	word[strcspn(word, ":")] = '\0';
	for (char *c = word; *c; c++)
		*c = (char)tolower(*c);
	nearest = text_nearest(word, (const char *const *)list);
	if (nearest)
		error_set(err, 0, "unknown event '%s': did you mean '%s'?", name, nearest);
	else
		error_set(err, 0,
			  "unknown event '%s': libpfm4 knows none of this name on this CPU; try "
			  "cycles, instructions or page_faults",
			  name);
	for (size_t i = 0; i < n; i++)
		free(list[i]);
}

int perf_event_encode(const char *name, struct perf_event_attr *ret, struct error *err)
{
	pfm_perf_encode_arg_t encode = { .attr = ret, .size = sizeof(encode) };
	const struct word *word = find_word(name);
	char event[EVENT_MAX];
	int r = pfm_initialize(), error;

	snprintf(event, sizeof(event), "%s%s", word ? word->event : name,
		 word ? name + strlen(word->name) : "");
	*ret = (struct perf_event_attr){ .size = sizeof(*ret) };
	if (r == PFM_SUCCESS)
		r = pfm_get_os_event_encoding(event, PFM_PLM0 | PFM_PLM3, PFM_OS_PERF_EVENT,
					      &encode);
	/* The kernel's clocks mind no modes: one figure under three names (perf_swevent_hrtimer).
	 */
	if (r == PFM_SUCCESS && strcmp(perf_event_unit(ret), "ns") == 0 &&
	    (ret->exclude_user || ret->exclude_kernel))
		return error_set(
			err, -EINVAL,
			"event '%s': the kernel's clocks count user mode and kernel alike: "
			"name it without u and k",
			name);
	if (r == PFM_SUCCESS)
		return 0;
	error = elsewhere(event, err);
	if (error)
		return error;
	if (r != PFM_ERR_NOTFOUND)
		return error_set(err, -EINVAL,
				 "event '%s': libpfm4 says %s: behind the colon stands one of its "
				 "masks, u (user mode) or k (kernel)",
				 name, pfm_strerror(r));
	say_unknown(name, err);
	return -ENOENT;
}
