/* SPDX-License-Identifier: MIT */
#include "run/pile.h"

#include "base/file.h"
#include "run/fresh.h"
#include "sys/process.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void take_sample(struct cumulative_sample *ret, uint64_t granted)
{
	struct process_memory process;
	char text[4096];
	const char *at;

	*ret = (struct cumulative_sample){ .granted_bytes = granted };
	if (process_memory_read(&process, PROCESS_MAPS, NULL) == 0) {
		ret->page_table_bytes = process.page_table_bytes;
		ret->resident_bytes = process.resident_bytes;
	}
	if (file_read("/proc/meminfo", text, sizeof(text)) < 0)
		return;
	at = strstr(text, "Committed_AS:");
	ret->committed_bytes = at ? strtoull(at + 13, NULL, 10) << 10 : 0;
}

static void touch_start(const struct mapping *m, uint64_t bytes)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	for (uint64_t at = 0; at < bytes && at < m->length_bytes; at += page)
		((volatile char *)m->address)[at] = 1;
}

/* When the room is full every second sample goes, and from then on fewer are taken. */
static void keep_sample(struct pile *pile, uint64_t *stride)
{
	if (pile->nr_chunks % *stride)
		return;
	if (pile->nr_samples == PILE_SAMPLES_MAX) {
		for (unsigned int i = 0; i < PILE_SAMPLES_MAX / 2; i++)
			pile->samples[i] = pile->samples[2 * i + 1];
		pile->nr_samples = PILE_SAMPLES_MAX / 2;
		*stride *= 2;
		if (pile->nr_chunks % *stride)
			return;
	}
	take_sample(&pile->samples[pile->nr_samples++], pile->last.granted_bytes);
}

/* May another chunk be touched? */
static bool may_touch(const struct pile_plan *plan, struct pile *pile)
{
	uint64_t touched = (pile->nr_chunks + 1) * plan->touch_bytes;

	if (!plan->touch_bytes)
		return true;
	if (plan->touched_max_bytes && touched > plan->touched_max_bytes)
		pile->end = PILE_BUDGET;
	else if (plan->reserve_bytes && host_usable_now() < plan->reserve_bytes + plan->touch_bytes)
		pile->end = PILE_RESERVE;
	else
		return true;
	return false;
}

static int add_chunk(const struct pile_plan *plan)
{
	struct mapping m;
	int r = mapping_open(&plan->chunk, &m);

	if (!r)
		r = mapping_map(&m);
	if (!r && plan->chunk.protection & PROT_WRITE)
		touch_start(&m, plan->touch_bytes);
	return r;
}

void pile_up(const struct pile_plan *plan, struct pile *ret)
{
	uint64_t length = plan->chunk.length_bytes, stride = 1;

	memset(ret, 0, sizeof(*ret));
	ret->end = PILE_DONE;
	while ((!plan->until_bytes || ret->last.granted_bytes < plan->until_bytes) &&
	       may_touch(plan, ret)) {
		int r = add_chunk(plan);

		if (r) {
			ret->end = PILE_REFUSED;
			ret->error = -r;
			break;
		}
		ret->nr_chunks++;
		ret->last.granted_bytes += length;
		keep_sample(ret, &stride);
	}
	take_sample(&ret->last, ret->last.granted_bytes);
	/* The last one is part of the picture. */
	if (ret->nr_samples &&
	    ret->samples[ret->nr_samples - 1].granted_bytes != ret->last.granted_bytes) {
		if (ret->nr_samples == PILE_SAMPLES_MAX)
			ret->nr_samples--;
		ret->samples[ret->nr_samples++] = ret->last;
	}
}

char *pile_end_describe(const struct pile *pile, char *ret, size_t length)
{
	static const char *const ends[] = {
		[PILE_DONE] = "as much as was asked for",
		[PILE_BUDGET] = "stopped at --max-memory",
		[PILE_RESERVE] = "stopped before the machine ran out of memory",
	};

	if (pile->end == PILE_REFUSED)
		snprintf(ret, length, "then refused: %s", errno_name(pile->error));
	else
		snprintf(ret, length, "%s", ends[pile->end]);
	return ret;
}

static int pile_in_child(const void *plan, void *ret)
{
	pile_up(plan, ret);
	return 0;
}

int pile_search(const struct conditions *c, const struct pile_plan *plan, struct pile *ret,
		struct error *err)
{
	if (plan->chunk.flags & (MAP_POPULATE | MAP_LOCKED))
		return error_set(err, -ENOTSUP,
				 "populate and locked fill each chunk at once: touch some of it "
				 "instead");
	return fresh_process(c, pile_in_child, plan, ret, sizeof(*ret), err);
}
