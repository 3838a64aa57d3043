/* SPDX-License-Identifier: MIT */
/*
 * Any bytes at all must read as a result, a journal or samples, or end in a message: `make fuzz`
 * (libFuzzer, clang). What reads is whole: nothing in it points outside.
 */
#include "base/cleanup.h"
#include "base/file.h"
#include "result/read.h"
#include "result/samples.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
	if (!holds)
		abort();
}

static void check_result(const struct result *r)
{
	for (uint32_t i = 0; i < r->nr_repetitions; i++) {
		const struct result_repetition *rep = &r->repetitions[i];

		demand(rep->cell < r->nr_cells && rep->outcome);
		for (unsigned int k = 0; k < r->nr_metrics; k++)
			demand(!isinf(result_values(r, i)[k]));
		for (uint32_t k = 0; k < rep->nr_steps; k++)
			for (unsigned int b = 0; b < rep->steps[k].times.nr_buckets; b++)
				demand(rep->steps[k].times.buckets[b].index < HIST_BUCKETS);
	}
	for (uint32_t i = 0; i < r->nr_cells; i++)
		demand(result_cell_index(r, r->cells[i].number) == i);
}

static void read_result(const uint8_t *data, size_t size, unsigned int flags)
{
	AUTO_CLOSE int fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct error err = { "" };
	struct result *r = NULL;
	char path[64];

	if (fd < 0 || file_write(fd, data, size))
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (result_read(&r, path, flags, &err)) {
		demand(!r && err.text[0]);
		return;
	}
	check_result(r);
	result_free(r);
}

static void read_samples(const uint8_t *data, size_t size)
{
	AUTO_FREE char *text = malloc(size + 1);
	struct samples s = { .nr_sets = 0 };
	struct error err = { "" };

	if (!text)
		return;
	memcpy(text, data, size);
	text[size] = '\0';
	if (samples_parse(text, size, "fuzz", &s, &err)) {
		demand(!s.nr_sets && err.text[0]);
		return;
	}
	demand(s.nr_sets);
	for (size_t i = 0; i < s.nr_sets; i++)
		demand(s.sets[i].name && s.sets[i].n && s.sets[i].n <= s.sets[i].room);
	samples_free(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_samples(data, size);
	read_result(data, size, 0);
	read_result(data, size, RESULT_STEPS);
	return 0;
}
