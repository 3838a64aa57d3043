/* SPDX-License-Identifier: MIT */
/* Axis `overcommit`: how the kernel accounts for memory that is mapped but not there yet. */
#include "axes/overcommit.h"

#include "axes/rows.h"
#include "axes/words.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RATIO_MAX 1000000u /* per cent; the kernel's int and its product must not overflow */

enum mode { MODE_AS_SET, MODE_HEURISTIC, MODE_ALWAYS, MODE_NEVER };

static const char *const mode_names[] = { "as-set", "heuristic", "always", "never", NULL };

struct value {
	enum mode mode;
	bool ratio_given, kbytes_given;
	uint64_t ratio; /* per cent */
	struct size kbytes;
};

static const struct arg field_rows[] = {
	{ .name = "mode",
	  .type = ARG_CHOICE,
	  .choices = mode_names,
	  .help = "vm.overcommit_memory" },
	{ .name = "ratio",
	  .type = ARG_COUNT,
	  .initial = "",
	  .maximum = RATIO_MAX,
	  .help = "vm.overcommit_ratio in per cent, with mode never" },
	{ .name = "kbytes",
	  .type = ARG_SIZE,
	  .initial = "",
	  .help = "vm.overcommit_kbytes as a size, with mode never" },
	{ 0 },
};

static int parse_mapping(const struct field *fields, size_t n, struct value *v, size_t *ret_bad,
			 struct error *err)
{
	for (size_t i = 0; i < n; i++) {
		const struct arg *arg = arg_find(field_rows, fields[i].key);
		struct arg_value parsed;
		int r = arg_parse(arg, fields[i].text, &parsed, err);

		*ret_bad = i;
		if (r)
			return -EINVAL;
		if (arg == &field_rows[0]) {
			v->mode = (enum mode)parsed.choice;
		} else if (arg == &field_rows[1]) {
			v->ratio_given = true;
			v->ratio = parsed.count;
		} else {
			v->kbytes_given = true;
			v->kbytes = parsed.size;
		}
	}
	return 0;
}

/* "never", "never ratio 80", "never kbytes 50% ram": what format() writes. */
static int parse_scalar(const char *text, struct value *v, size_t *ret_bad, struct error *err)
{
	struct field fields[2] = { { .key = "mode" } };
	struct words words;
	int r = words_split(text, &words, err);
	char key[16];

	if (r)
		return r;
	fields[0].text = words.word[0];
	if (words.n > 2 && snprintf(key, sizeof(key), "%s", words.word[1]) < (int)sizeof(key) &&
	    (strcmp(key, "ratio") == 0 || strcmp(key, "kbytes") == 0)) {
		fields[1].key = key;
		fields[1].text = strstr(text, key) + strlen(key) + 1;
		return parse_mapping(fields, 2, v, ret_bad, err);
	}
	r = word_index(text, "overcommit mode", mode_names, err);
	if (r < 0)
		return r;
	v->mode = (enum mode)r;
	return 0;
}

static int parse(const struct field *fields, size_t n, void *value, size_t *ret_bad,
		 struct error *err)
{
	struct value *v = value;
	int r;

	*ret_bad = 0;
	if (fields[0].key)
		r = parse_mapping(fields, n, v, ret_bad, err);
	else
		r = parse_scalar(fields[0].text, v, ret_bad, err);
	if (r)
		return r;
	*ret_bad = n - 1;
	if (v->ratio_given && v->kbytes_given)
		return error_set(err, -EINVAL,
				 "ratio and kbytes exclude each other: the kernel zeroes the one "
				 "when the other is written");
	if ((v->ratio_given || v->kbytes_given) && v->mode != MODE_NEVER)
		return error_set(err, -EINVAL, "%s matters only with mode never",
				 v->ratio_given ? "ratio" : "kbytes");
	*ret_bad = 0;
	return 0;
}

static void format(const void *value, char *ret, size_t length)
{
	const struct value *v = value;
	char size[96];

	if (v->ratio_given)
		snprintf(ret, length, "never ratio %" PRIu64, v->ratio);
	else if (v->kbytes_given)
		snprintf(ret, length, "never kbytes %s",
			 size_format(&v->kbytes, size, sizeof(size)));
	else
		snprintf(ret, length, "%s", mode_names[v->mode]);
}

static int want_number(struct conditions *c, const char *name, uint64_t number, struct error *err)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	return conditions_want(c, name, text, err);
}

static int resolve(const void *value, const struct host *host, struct conditions *c,
		   struct error *err)
{
	const struct value *v = value;
	struct size_bases bases;
	uint64_t bytes;
	int r;

	if (v->mode == MODE_AS_SET)
		return 0;
	r = want_number(c, "vm.overcommit_memory", v->mode - MODE_HEURISTIC, err);
	if (!r && v->ratio_given)
		r = want_number(c, "vm.overcommit_ratio", v->ratio, err);
	if (r || !v->kbytes_given)
		return r;
	host_size_bases(host, &bases);
	r = size_resolve(&v->kbytes, &bases, &bytes, err);
	if (r)
		return r == -ENODATA ? -ENOTSUP : r;
	if (bytes < 1024)
		return error_set(err, -EINVAL, "kbytes below 1 KiB would mean: use the ratio");
	return want_number(c, "vm.overcommit_kbytes", bytes / 1024, err);
}

uint64_t overcommit_limit_bytes(const struct conditions *c, const struct host *host)
{
	const char *kbytes = conditions_wanted(c, "vm.overcommit_kbytes");
	const char *ratio = conditions_wanted(c, "vm.overcommit_ratio");
	uint64_t pages, huge_bytes = 0;

	/* Kernel arithmetic is in whole pages. */
	if (kbytes && strtoull(kbytes, NULL, 10)) {
		pages = strtoull(kbytes, NULL, 10) * 1024 / host->page_bytes;
	} else if (ratio) {
		for (unsigned int i = 0; i < host->nr_pools; i++)
			huge_bytes += host->pools[i].total * host->pools[i].page_bytes;
		pages = (host->ram_bytes - huge_bytes) / host->page_bytes *
			strtoull(ratio, NULL, 10) / 100;
	} else {
		return host->commit_limit_bytes;
	}
	return pages * host->page_bytes + host->swap_bytes;
}

const struct axis axis_overcommit = {
	.name = "overcommit",
	.help = "vm.overcommit_memory: whether mappings are refused for lack of memory",
	.forms = "as-set: whatever the system says\n"
		 "heuristic, always, never: written for the cell, restored after\n"
		 "{mode: never, ratio: 80}, {mode: never, kbytes: 4GiB}\n"
		 "never ratio 80, never kbytes 50% ram: the same in words",
	.fields = field_rows,
	.words = mode_names,
	.pattern = "^never +(ratio +[0-9]+|kbytes +.+)$",
	.initial = "as-set",
	.system_wide = true,
	.value_bytes = sizeof(struct value),
	.parse = parse,
	.format = format,
	.resolve = resolve,
};
