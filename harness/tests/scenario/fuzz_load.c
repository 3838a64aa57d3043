/* SPDX-License-Identifier: MIT */
/* Any bytes at all must load as a scenario or end in messages: `make fuzz` (libFuzzer, clang). */
#include "scenario/scenario.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What loads is walked too: the first cells, with the rules that speak of them. */
static void walk(const struct scenario *s)
{
	static struct host host = { .page_bytes = 4096, .ram_bytes = 1 << 30, .nr_cpus = 2 };
	uint64_t n = matrix_numbers(&s->matrix);
	struct cell cell;
	char text[256];

	for (uint64_t i = 0; i < n && i < 100; i++) {
		if (!matrix_cell(&s->matrix, &host, i, &cell))
			continue;
		cell_format(&s->matrix, &cell, text, sizeof(text));
		cell_block(&s->matrix, &cell);
		scenario_expect(s, &cell, &host);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scenario *s = NULL;
	struct load_report report;
	char *messages = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&messages, &length);

	if (!out)
		return 0;
	if (scenario_load_text((const char *)data, size, "fuzz", out, &s, &report) == 0) {
		if (report.nr_errors)
			abort();
		walk(s);
		scenario_free(s);
	} else if (!report.nr_errors) {
		abort();
	}
	fclose(out);
	free(messages);
	return 0;
}
