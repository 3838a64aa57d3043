/* SPDX-License-Identifier: MIT */
/*
 * Read or write one byte in each page: the first time the cost is the page fault, later the cost of
 * the access. Touches, faults and bytes are different numbers: with huge pages they differ by 512.
 */
#include "ops/op.h"

#include "ops/touch_walks.h"

#include <string.h>
#include <sys/mman.h>

enum { TOUCH_ACCESS, TOUCH_ORDER, TOUCH_AMOUNT, TOUCH_STRIDE, TOUCH_METHOD };
enum { ACCESS_WRITE, ACCESS_READ };
enum { ORDER_SEQUENTIAL, ORDER_RANDOM };
enum { METHOD_LOOP, METHOD_POPULATE };

static const char *const touch_access[] = { "write", "read", NULL };
static const char *const touch_order[] = { "sequential", "random", NULL };
static const char *const touch_method[] = { "loop", "populate", NULL };

static const struct arg touch_args[] = {
	[TOUCH_ACCESS] = { .name = "access",
			   .type = ARG_CHOICE,
			   .initial = "write",
			   .choices = touch_access,
			   .help = "store to each page, or load from it" },
	[TOUCH_ORDER] = { .name = "order",
			  .type = ARG_CHOICE,
			  .initial = "sequential",
			  .choices = touch_order,
			  .help = "ascending, or every place once in a scattered order" },
	[TOUCH_AMOUNT] = { .name = "amount",
			   .type = ARG_SIZE,
			   .initial = "100% mapping",
			   .minimum = 1,
			   .help = "how much of the mapping, from its start; never more than all" },
	[TOUCH_STRIDE] = { .name = "stride",
			   .type = ARG_SIZE,
			   .initial = "1 page",
			   .minimum = 1,
			   .help = "distance between touches" },
	[TOUCH_METHOD] = { .name = "method",
			   .type = ARG_CHOICE,
			   .initial = "loop",
			   .choices = touch_method,
			   .help = "a loop of accesses, or one "
				   "madvise(MADV_POPULATE_READ/_WRITE)" },
	{ NULL },
};

static const struct metric touch_metrics[] = {
	{ "time_per_touch", "ns", BETTER_LOWER, METRIC_TIME_PER, COUNT_TOUCHES,
	  .help = "elapsed time over touches" },
	{ "rate", "1/s", BETTER_HIGHER, METRIC_RATE, COUNT_TOUCHES, .help = "touches a second" },
	{ "fault_rate", "1/s", BETTER_HIGHER, METRIC_RATE, COUNT_FAULTS,
	  .help = "page faults a second" },
	{ "faults", "1", BETTER_NEITHER, METRIC_TOTAL, COUNT_FAULTS, .help = "page faults" },
	{ "time", "ns", BETTER_LOWER, METRIC_TIME, .help = "the whole step" },
	{ NULL },
};

/* The most that one touch makes resident: a huge page where the kernel may give one. */
static uint64_t unit_bytes(const struct conditions *c, const struct host *host)
{
	const char *shared = host->thp_shmem_enabled;
	bool anonymous = (c->map.flags & MAP_TYPE) == MAP_PRIVATE &&
			 c->map.backing == BACKING_ANONYMOUS;
	uint64_t unit = host->thp_pmd_bytes;

	if (c->map.huge_page_bytes)
		return c->map.huge_page_bytes;
	if (c->map.thp == THP_AS_SET && anonymous)
		unit = host->thp_unasked_bytes;
	if (c->map.thp == THP_AS_SET && !anonymous &&
	    (!*shared || strcmp(shared, "never") == 0 || strcmp(shared, "advise") == 0))
		unit = 0;
	if (c->map.thp == THP_NEVER || c->thp_process_never)
		unit = 0;
	return unit > host->page_bytes ? unit : host->page_bytes;
}

/* Places a stride apart, each with a page, and with page tables where they share none. */
static uint64_t scattered_bytes(uint64_t amount, uint64_t stride, const struct conditions *c,
				const struct host *host)
{
	uint64_t places = amount / stride + 1, unit = unit_bytes(c, host);

	if (stride >= host->page_bytes * (host->page_bytes / sizeof(uint64_t)))
		unit += host->page_bytes;
	return places < amount / unit ? places * unit : amount;
}

static bool touch_spreads(const struct op_call *call, const struct host *host)
{
	return call->args[TOUCH_STRIDE] > host->page_bytes;
}

static uint64_t touch_resident_bytes(const struct op_call *call, const struct conditions *c,
				     const struct host *host)
{
	uint64_t amount = call->args[TOUCH_AMOUNT], stride = call->args[TOUCH_STRIDE];
	/* MAP_SHARED_VALIDATE has both bits. */
	bool private = (c->map.flags & MAP_TYPE) == MAP_PRIVATE;

	if (amount > c->map.length_bytes)
		amount = c->map.length_bytes;
	/* Reading private anonymous memory maps the zero page. */
	if (call->args[TOUCH_ACCESS] == ACCESS_READ && private &&
	    c->map.backing == BACKING_ANONYMOUS)
		return 0;
	/* A file's readahead fills the gaps that a stride leaves. */
	if (touch_spreads(call, host) && c->map.backing != BACKING_FILE)
		amount = scattered_bytes(amount, stride, c, host);
	return call->args[TOUCH_ACCESS] == ACCESS_WRITE ? written_bytes(c, amount) : amount;
}

static int touch_check(const struct op_call *call, uint64_t page_bytes, struct error *err)
{
	bool strides = !(call->open & 1u << TOUCH_STRIDE) && call->args[TOUCH_STRIDE] != page_bytes;

	if (call->args[TOUCH_METHOD] != METHOD_POPULATE)
		return 0;
	if (call->args[TOUCH_ORDER] != ORDER_SEQUENTIAL || strides)
		return error_set(err, -EINVAL,
				 "method populate takes every page in its own order: leave order "
				 "and stride out");
	return 0;
}

static int touch_supported(const struct op_call *call, const struct conditions *c,
			   const struct host *host, struct error *err)
{
	if (call->args[TOUCH_METHOD] == METHOD_POPULATE && host->kernel_version < 0x050e00)
		return error_set(err, -ENOTSUP, "touch populate: MADV_POPULATE_* needs Linux 5.14");
	(void)c;
	return 0;
}

static int populate(const struct worker *w, const struct op_call *call, uint64_t bytes)
{
	int advice = call->args[TOUCH_ACCESS] == ACCESS_WRITE ? MADV_POPULATE_WRITE
							      : MADV_POPULATE_READ;
	uint64_t page = w->host->page_bytes;

	if (madvise((char *)w->mapping->address + w->slice_offset, bytes, advice))
		return -errno;
	w->report->count[COUNT_TOUCHES] += (bytes + page - 1) / page;
	w->report->count[COUNT_BYTES] += bytes;
	w->report->count[COUNT_CALLS]++;
	return 0;
}

static int touch_step(struct worker *w, const struct op_call *call)
{
	uint64_t bytes = worker_share(w, call->args[TOUCH_AMOUNT]),
		 stride = call->args[TOUCH_STRIDE];
	struct events events;
	struct touch_walk k = {
		.base = (unsigned char *)w->mapping->address + w->slice_offset,
		.stride = stride,
		/* The last place must stay inside the range whatever its line offset. */
		.line_mask = stride % w->host->page_bytes ? 0 : w->host->page_bytes - 1,
		.report = w->report,
		.events = &events,
	};

	if (!bytes)
		return 0;
	if (call->args[TOUCH_ACCESS] == ACCESS_WRITE)
		w->holds = NULL;
	if (call->args[TOUCH_METHOD] == METHOD_POPULATE)
		return populate(w, call, bytes);
	k.n = (bytes - 1) / stride + 1;
	k.scatter = scatter_begin(k.n, w->index + 1);
	events_begin(&events, w, call);
	touch_walks[call->each_event][call->args[TOUCH_ORDER]][call->args[TOUCH_ACCESS]](&k);
	w->report->count[COUNT_BYTES] += bytes;
	return 0;
}

const struct op op_touch = {
	.name = "touch",
	.help = "read or write one byte in each page",
	.args = touch_args,
	.metrics = touch_metrics,
	.traits = OP_NEEDS_MAPPING,
	.event = "touch",
	.check = touch_check,
	.supported = touch_supported,
	.resident_bytes = touch_resident_bytes,
	.spreads = touch_spreads,
	.step = touch_step,
};
