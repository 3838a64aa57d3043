/* SPDX-License-Identifier: MIT */
#include "scenario/find.h"

const char *const find_words[] = { "ceiling", "resident", "cumulative", NULL };

#define VALUE(name, unit, better, slot, text)                                                      \
	{                                                                                          \
		name, unit, better, METRIC_VALUE, COUNT_CALLS, slot, text                          \
	}

static const struct metric ceiling_metrics[] = {
	VALUE("bytes", "B", BETTER_HIGHER, FOUND_BYTES, "largest mapping that was granted"),
	VALUE("predicted_bytes", "B", BETTER_NEITHER, FOUND_PREDICTED,
	      "the same by the kernel's rules"),
	VALUE("calls", "1", BETTER_NEITHER, FOUND_CALLS, "mmap() calls that the search took"),
	{ "time", "ns", BETTER_LOWER, METRIC_TIME, .help = "the whole search" },
	{ NULL },
};

static const struct metric resident_metrics[] = {
	VALUE("bytes", "B", BETTER_HIGHER, FOUND_BYTES, "how much of the mapping could be touched"),
	VALUE("predicted_bytes", "B", BETTER_NEITHER, FOUND_PREDICTED,
	      "the same by the kernel's rules, where they say"),
	{ "time", "ns", BETTER_LOWER, METRIC_TIME, .help = "mapping and touching" },
	{ NULL },
};

static const struct metric cumulative_metrics[] = {
	VALUE("granted_bytes", "B", BETTER_HIGHER, FOUND_BYTES, "granted in all"),
	VALUE("predicted_bytes", "B", BETTER_NEITHER, FOUND_PREDICTED,
	      "the same by the kernel's rules"),
	VALUE("chunks", "1", BETTER_NEITHER, FOUND_CALLS, "chunks that were granted"),
	VALUE("committed_bytes", "B", BETTER_NEITHER, FOUND_COMMITTED,
	      "Committed_AS of the machine at the end"),
	VALUE("page_table_bytes", "B", BETTER_LOWER, FOUND_TABLES, "page tables at the end"),
	VALUE("resident_bytes", "B", BETTER_NEITHER, FOUND_TOUCHED, "resident at the end"),
	{ "time", "ns", BETTER_LOWER, METRIC_TIME, .help = "all of it, samples included" },
	{ NULL },
};

static const struct arg cumulative_args[] = {
	[FIND_CHUNK] = { .name = "chunk",
			 .type = ARG_SIZE,
			 .initial = "1GiB",
			 .help = "mapped at a time" },
	[FIND_UNTIL] = { .name = "until",
			 .type = ARG_SIZE,
			 .initial = "0",
			 .help = "granted in all when it ends; 0: when one is refused" },
	[FIND_TOUCHED] = { .name = "touched",
			   .type = ARG_SIZE,
			   .initial = "0",
			   .help = "how much of each chunk is written to" },
	{ NULL },
};

static int one_worker(const char *name, const struct conditions *c, struct error *err)
{
	if (c->nr_workers == 1)
		return 0;
	return error_set(err, -ENOTSUP, "find: %s is one process' search: leave out threads", name);
}

static int ceiling_supported(const struct op_call *call, const struct conditions *c,
			     const struct host *host, struct error *err)
{
	(void)call;
	(void)host;
	if (c->map.flags & (MAP_POPULATE | MAP_LOCKED))
		return error_set(err, -ENOTSUP,
				 "populate and locked fill a mapping at once: the search for their "
				 "ceiling would fill the memory");
	return one_worker("ceiling", c, err);
}

static int resident_supported(const struct op_call *call, const struct conditions *c,
			      const struct host *host, struct error *err)
{
	(void)call;
	(void)host;
	return one_worker("resident", c, err);
}

static int cumulative_supported(const struct op_call *call, const struct conditions *c,
				const struct host *host, struct error *err)
{
	if (call->args[FIND_CHUNK] < host->page_bytes)
		return error_set(err, -EINVAL, "chunk is less than a page: try 1GiB");
	if (call->args[FIND_TOUCHED] > call->args[FIND_CHUNK])
		return error_set(err, -EINVAL, "touched is more than a chunk has");
	if (c->map.flags & (MAP_POPULATE | MAP_LOCKED))
		return error_set(
			err, -ENOTSUP,
			"populate and locked fill each chunk at once: say touched instead");
	return one_worker("cumulative", c, err);
}

static uint64_t whole_mapping(const struct op_call *call, const struct conditions *c,
			      const struct host *host)
{
	(void)call;
	(void)host;
	return written_bytes(c, c->map.length_bytes);
}

/* Without an end as much is touched as there are chunks: nobody knows how many. */
static uint64_t touched_in_all(const struct op_call *call, const struct conditions *c,
			       const struct host *host)
{
	uint64_t chunk = call->args[FIND_CHUNK], touched = call->args[FIND_TOUCHED], bytes;

	(void)host;
	if (!touched || !chunk)
		return 0;
	if (!call->args[FIND_UNTIL] ||
	    __builtin_mul_overflow((call->args[FIND_UNTIL] + chunk - 1) / chunk,
				   touched < chunk ? touched : chunk, &bytes))
		return UINT64_MAX / 4;
	return written_bytes(c, bytes);
}

static const struct op rows[] = {
	[FIND_CEILING] = { .name = "ceiling",
			   .help = "search for the largest mapping that is granted",
			   .metrics = ceiling_metrics,
			   .supported = ceiling_supported },
	[FIND_RESIDENT] = { .name = "resident",
			    .help = "touch a mapping until it cannot be touched any more",
			    .metrics = resident_metrics,
			    .supported = resident_supported,
			    .resident_bytes = whole_mapping },
	[FIND_CUMULATIVE] = { .name = "cumulative",
			      .help = "map chunks until one is refused",
			      .args = cumulative_args,
			      .metrics = cumulative_metrics,
			      .supported = cumulative_supported,
			      .resident_bytes = touched_in_all },
};

const struct op *find_op(enum find_kind kind)
{
	return kind == FIND_NOTHING ? NULL : &rows[kind];
}

enum find_kind find_kind_of(const struct op *op)
{
	for (enum find_kind kind = FIND_CEILING; kind <= FIND_CUMULATIVE; kind++)
		if (&rows[kind] == op)
			return kind;
	return FIND_NOTHING;
}
