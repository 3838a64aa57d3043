/* SPDX-License-Identifier: MIT */
/* What all operations share: finding them by name, and arguments as plain numbers. */
#include "ops/op.h"

#include "base/cleanup.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define OPS_MAX 64

const struct op *op_find(const char *name)
{
	for (size_t i = 0; ops[i]; i++)
		if (strcmp(ops[i]->name, name) == 0)
			return ops[i];
	return NULL;
}

bool op_counts(const struct op *op, enum count count)
{
	for (const struct metric *m = op->metrics; m && m->name; m++)
		if (m->count == count && (m->kind == METRIC_RATE || m->kind == METRIC_TOTAL ||
					  m->kind == METRIC_TIME_PER))
			return true;
	return false;
}

bool op_counts_faults(const struct op *op)
{
	return op_counts(op, COUNT_FAULTS);
}

void worker_note(struct worker *w, bool short_of_it, const char *format, ...)
{
	va_list args;

	if (w->report->note[0])
		return;
	va_start(args, format);
	vsnprintf(w->report->note, sizeof(w->report->note), format, args);
	va_end(args);
	w->report->short_of_it = short_of_it;
}

void worker_note_unknown(struct worker *w, const char *what, int error)
{
	worker_note(w, false, "%s is not known: %s", what,
		    error == -ENOSYS ? "cachestat() needs Linux 6.5" : errno_name(-error));
}

void worker_went_out(struct worker *w, uint64_t nr_there, uint64_t nr_gone)
{
	w->report->count[COUNT_PAGES] += nr_gone;
	if (!nr_there)
		worker_note(w, false, "no page was there to go out");
	else if ((double)nr_gone < 0.95 * (double)nr_there)
		worker_note(w, true, "%" PRIu64 " of %" PRIu64 " pages went out", nr_gone,
			    nr_there);
}

const char *const *op_names(void)
{
	static const char *names[OPS_MAX + 1];

	for (size_t i = 0; i < OPS_MAX && ops[i]; i++)
		names[i] = ops[i]->name;
	return names;
}

/* All of a mapping is its last page too, where its length is no multiple of one. */
static uint64_t whole_bytes(const struct map_request *map, uint64_t page_bytes)
{
	uint64_t length = mapping_whole_bytes(map), rest = length % page_bytes;

	return rest && length <= UINT64_MAX - page_bytes ? length + (page_bytes - rest) : length;
}

static int resolve_bytes(const struct size *size, const struct conditions *c,
			 const struct host *host, uint64_t *ret, struct error *err)
{
	struct size_bases bases;

	host_size_bases(host, &bases);
	bases.bytes[SIZE_MAPPING] = whole_bytes(&c->map, bases.page_bytes);
	/* A share of a mapping of length 0 is 0, not "this machine has no mapping". */
	if (size->base == SIZE_MAPPING && !c->map.length_bytes && !size->subtract) {
		*ret = size->add_bytes + size->add_pages * bases.page_bytes;
		return 0;
	}
	return size_resolve(size, &bases, ret, err);
}

/* What no file can be told of: a share that is too little here, pages that are larger. */
static int resolve_size(const struct arg *arg, const struct size *size, const struct conditions *c,
			const struct host *host, uint64_t *ret, struct error *err)
{
	char text[160], size_text[96], here[32];
	int r = resolve_bytes(size, c, host, ret, err);

	if (r == -ERANGE)
		return -ENOTSUP;
	/* Nothing fits a mapping of length 0, which is a question to the kernel. */
	if (r || !c->map.length_bytes || arg->type != ARG_SIZE)
		return r;
	snprintf(text, sizeof(text), "%s (%s here)",
		 size_format(size, size_text, sizeof(size_text)),
		 bytes_format_exact(*ret, here, sizeof(here)));
	r = arg_check_size(arg, text, *ret, host->page_bytes, err);
	return r ? -ENOTSUP : 0;
}

/* A value that is a number whatever the machine is. */
static uint64_t number_of(const struct arg *arg, const struct arg_value *value)
{
	switch (arg->type) {
	case ARG_COUNT:
		return value->count;
	case ARG_CHOICE:
		return value->choice;
	case ARG_DURATION:
		return value->duration_ns;
	case ARG_SHARE:
		return value->millionths;
	case ARG_SIZE:
	case ARG_ADDRESS:
	case ARG_WORDS:
		break;
	}
	BUG("%s is no number by itself", arg->name);
}

static bool is_size(const struct arg *arg)
{
	return arg->type == ARG_SIZE || arg->type == ARG_ADDRESS;
}

int op_call_resolve(const struct op *op, const struct arg_value *values, const struct conditions *c,
		    const struct host *host, struct op_call *ret, struct error *err)
{
	struct op_call call = { .op = op };
	int r;

	for (unsigned int i = 0; op->args && op->args[i].name; i++) {
		const struct arg *arg = &op->args[i];

		if (!is_size(arg)) {
			call.args[i] = number_of(arg, &values[i]);
			continue;
		}
		r = resolve_size(arg, &values[i].size, c, host, &call.args[i], err);
		if (r)
			return error_prefix(err, r, "%s %s", op->name, arg->name);
	}
	if (op->check && op->check(&call, host->page_bytes, err))
		return error_prefix(err, -ENOTSUP, "%s", op->name);
	*ret = call;
	return 0;
}

int op_check(const struct op *op, const struct arg_value *values, struct error *err)
{
	struct op_call call = { .op = op };

	for (unsigned int i = 0; op->args && op->args[i].name; i++) {
		if (!is_size(&op->args[i]))
			call.args[i] = number_of(&op->args[i], &values[i]);
		else if (!size_fixed(&values[i].size, PAGE_BYTES_LEAST, &call.args[i]))
			call.open |= 1u << i;
	}
	return op->check ? op->check(&call, PAGE_BYTES_LEAST, err) : 0;
}

int op_follow(const struct op_call *call, const struct conditions *c, const struct host *host,
	      struct conditions *now, struct error *err)
{
	const struct op *op = call->op;
	uint64_t *length = &now->map.length_bytes;
	int r = 0;

	if (op->traits & OP_NEEDS_MAPPING && !*length && c->map.length_bytes)
		return error_set(err, -ENOTSUP, "%s: nothing of the mapping is left by then",
				 op->name);
	if (op->traits & OP_MAPS)
		*length = c->map.length_bytes;
	if (op->supported)
		r = op->supported(call, now, host, err);
	if (!r && op->leaves_bytes)
		*length = op->leaves_bytes(call, c, *length);
	return r;
}

/* mm/mprotect.c and mm/mmap.c round the length up to base pages; hugetlb takes whole ones. */
int op_part_supported(uint64_t from, uint64_t amount, const struct conditions *c, struct error *err)
{
	uint64_t huge = c->map.huge_page_bytes;
	char text[32];

	if (from >= c->map.length_bytes)
		return error_set(err, -ENOTSUP, "nothing of the mapping lies there");
	if (!huge)
		return 0;
	bytes_format_exact(huge, text, sizeof(text));
	if (from % huge)
		return error_set(err, -ENOTSUP, "from is not a whole number of pages of %s", text);
	if (amount % huge && amount < c->map.length_bytes - from)
		return error_set(err, -ENOTSUP, "amount is not a whole number of pages of %s",
				 text);
	return 0;
}

static uint64_t size_argument(const struct op_call *call, const char *name, uint64_t initial)
{
	for (unsigned int i = 0; call->op->args && call->op->args[i].name; i++)
		if (call->op->args[i].type == ARG_SIZE && strcmp(call->op->args[i].name, name) == 0)
			return call->args[i];
	return initial;
}

bool op_idle(const struct op_call *call, const struct worker *w)
{
	uint64_t from = size_argument(call, "from", 0),
		 amount = size_argument(call, "amount", UINT64_MAX), offset;

	return op_in_parts(call->op) && !worker_part(w, from, amount, &offset);
}

const char *count_name(enum count count)
{
	static const char *const names[COUNTS] = {
		[COUNT_CALLS] = "calls", [COUNT_TOUCHES] = "touches", [COUNT_PAGES] = "pages",
		[COUNT_BYTES] = "bytes", [COUNT_FAULTS] = "faults",
	};

	return names[count];
}

const char *better_name(enum better better)
{
	static const char *const names[] = {
		[BETTER_LOWER] = "lower",
		[BETTER_HIGHER] = "higher",
		[BETTER_NEITHER] = "neither",
	};

	return names[better];
}
