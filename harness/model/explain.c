/* SPDX-License-Identifier: MIT */
/* The sentences: what is or was asked for, what came of it, and by which rule. */
#include "model/explain.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

char *request_describe(const struct map_request *request, char *ret, size_t length)
{
	static const char *const backings[] = { "anonymous", "memfd", "file", "tmpfs", "hugetlb" };
	int type = request->flags & MAP_TYPE, p = request->protection;
	const char *access = p == PROT_NONE   ? "inaccessible"
			     : p & PROT_WRITE ? "writable"
			     : p & PROT_READ  ? "read-only"
					      : "execute-only";

	snprintf(ret, length, "%s %s %s%s%s%s",
		 type == MAP_PRIVATE     ? "private"
		 : type == MAP_DROPPABLE ? "droppable"
					 : "shared",
		 request->flags & MAP_HUGETLB ? "hugetlb" : backings[request->backing], access,
		 request->flags & MAP_NORESERVE ? ", noreserve" : "",
		 request->flags & MAP_LOCKED ? ", locked" : "",
		 request->flags & MAP_POPULATE ? ", populated" : "");
	return ret;
}

char *rule_versions(const struct rule *rule, char *ret, size_t length)
{
	if (rule->since)
		snprintf(ret, length, "Linux %u.%u and later", rule->since >> 16,
			 rule->since >> 8 & 0xff);
	else if (rule->until)
		snprintf(ret, length, "up to Linux %u.%u", rule->until >> 16,
			 rule->until >> 8 & 0xff);
	else
		snprintf(ret, length, "every Linux since 4.19");
	return ret;
}

/* The sizes, and the digits where the sizes read alike: "1.00 MiB" and "1 MiB". */
static void format_pair(uint64_t a, uint64_t b, char *ret_a, char *ret_b, size_t length)
{
	bytes_format(a, ret_a, length);
	bytes_format(b, ret_b, length);
	if (a != b && (a > b ? a - b : b - a) < b / 100) {
		snprintf(ret_a, length, "%" PRIu64 " B", a);
		snprintf(ret_b, length, "%" PRIu64 " B", b);
	}
}

/* The figures that belong to the rule's sentence: " (60 GiB, at most 23.5 GiB)". */
static void figures(const struct prediction *p, char *ret, size_t length)
{
	char asked[40], limit[40];

	ret[0] = '\0';
	if (p->rule == RULE_MAP_COUNT)
		snprintf(ret, length, " (%" PRIu64 ")", p->limit_bytes);
	if (!p->limit_bytes || p->rule == RULE_MAP_COUNT || p->rule == RULE_ADDRESS_TAKEN)
		return;
	if (p->verdict == VERDICT_INDETERMINATE) {
		uint64_t low = p->limit_bytes > p->band_bytes ? p->limit_bytes - p->band_bytes : 0;

		format_pair(low, p->limit_bytes + p->band_bytes, asked, limit, sizeof(asked));
		snprintf(ret, length, " (open between %s and %s)", asked, limit);
		return;
	}
	format_pair(p->asked_bytes, p->limit_bytes, asked, limit, sizeof(asked));
	snprintf(ret, length, " (%s, at most %s)", asked, limit);
}

char *prediction_sentence(const struct model *m, const struct map_request *request,
			  const struct prediction *p, char *ret, size_t length)
{
	const struct rule *rule = rule_get(p->rule);
	char size[40], words[96], more[128];

	(void)m;
	bytes_format(request->length_bytes, size, sizeof(size));
	request_describe(request, words, sizeof(words));
	figures(p, more, sizeof(more));
	switch (p->verdict) {
	case VERDICT_GRANTED:
		snprintf(ret, length, "mmap of %s, %s, is granted: %s", size, words, rule->text);
		break;
	case VERDICT_REFUSED:
		snprintf(ret, length, "mmap of %s, %s, is refused with %s: %s%s", size, words,
			 errno_name(p->error), rule->text, more);
		break;
	case VERDICT_DEFERRED:
		snprintf(ret, length, "mmap of %s, %s, is granted, but %s%s", size, words,
			 rule->text, more);
		break;
	case VERDICT_INDETERMINATE:
		snprintf(ret, length, "mmap of %s, %s, may be granted or refused: %s%s", size,
			 words, rule->text, more);
		break;
	}
	return ret;
}

/* What an operation does to memory, with the noun that follows. */
static const char *deed(const char *op)
{
	static const struct {
		const char *op, *words;
	} deeds[] = {
		{ "map", "mmap of" },       { "protect", "mprotect of" }, { "remap", "mremap of" },
		{ "lock", "mlock of" },     { "fork", "fork with" },      { "unmap", "munmap of" },
		{ "touch", "touching" },    { "fill", "filling" },        { "verify", "reading" },
		{ "advise", "madvise of" }, { "brk", "brk beside" },      { NULL, NULL },
	};

	for (size_t i = 0; deeds[i].op; i++) {
		if (strcmp(deeds[i].op, op) == 0)
			return deeds[i].words;
	}
	return NULL;
}

char *happening_sentence(const struct map_request *request, const struct prediction *p,
			 const char *op, const char *outcome, char *ret, size_t length)
{
	const char *does = deed(op), *how = "was refused with";
	char size[40], words[96], more[128], limit[40];

	bytes_format(request->length_bytes, size, sizeof(size));
	request_describe(request, words, sizeof(words));
	figures(p, more, sizeof(more));
	/* Said once: what was asked for is the mapping's own size. */
	if (p->asked_bytes == request->length_bytes && p->limit_bytes &&
	    bytes_format(p->limit_bytes, limit, sizeof(limit)) && strcmp(limit, size) != 0 &&
	    p->verdict == VERDICT_REFUSED)
		snprintf(more, sizeof(more), " (%s)", limit);
	if (strncmp(outcome, "SIG", 3) == 0)
		how = "ended in";
	else if (strcmp(outcome, "oom-killed") == 0)
		how = "ended as";
	snprintf(ret, length, "%s%s %s %s %s %s: %s%s.", does ? "" : op, does ? does : " of", size,
		 words, how, outcome, rule_get(p->rule)->text, more);
	return ret;
}
