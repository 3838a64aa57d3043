/* SPDX-License-Identifier: MIT */
/*
 * Read or write one byte in each page: the first time the cost is the page fault, later the cost of
 * the access. Touches, faults and bytes are different numbers: with huge pages they differ by 512.
 */
#include "ops/op.h"

#include "ops/events.h"
#include "ops/scatter.h"

#include <string.h>
#include <sys/mman.h>

enum { TOUCH_ACCESS, TOUCH_ORDER, TOUCH_AMOUNT, TOUCH_STRIDE, TOUCH_METHOD };
enum { ACCESS_WRITE, ACCESS_READ };
enum { ORDER_SEQUENTIAL, ORDER_RANDOM };
enum { METHOD_LOOP, METHOD_POPULATE };

#define BLOCK_PAGES 512 /* progress is published this often */
#define LINE_BYTES  64

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

/*
 * Spread the offset inside the page over its cache lines: an exact page stride would use one set of
 * the first-level cache.
 */
static inline uint64_t line_offset(uint64_t i, uint64_t mask)
{
	return (i * LINE_BYTES) & mask;
}

static inline void touch_one(volatile unsigned char *at, bool write)
{
	/* Store only: a load first would map the zero page, and the store would fault again. */
	if (write)
		*at = 1;
	else
		(void)*at;
}

struct walk {
	unsigned char *base;
	uint64_t n; /* places */
	uint64_t stride, line_mask;
	struct scatter scatter;
	struct step_report *report;
	struct events *events; /* begun where each is timed */
};

static inline __attribute__((always_inline)) unsigned char *place(const struct walk *k, uint64_t i)
{
	return k->base + i * k->stride + line_offset(i, k->line_mask);
}

static inline __attribute__((always_inline)) void walk_whole(const struct walk *k, bool write)
{
	uint64_t before = k->report->count[COUNT_TOUCHES], i = 0;

	while (i < k->n) {
		uint64_t end = k->n - i > BLOCK_PAGES ? i + BLOCK_PAGES : k->n;

#pragma GCC unroll 8
		for (; i < end; i++)
			touch_one(place(k, i), write);
		*(volatile uint64_t *)&k->report->count[COUNT_TOUCHES] = before + i;
	}
}

static inline __attribute__((always_inline)) void walk_scattered(const struct walk *k, bool write)
{
	uint64_t before = k->report->count[COUNT_TOUCHES];

	for (uint64_t i = 0; i < k->n; i++) {
		touch_one(place(k, scatter_place(&k->scatter, i, SCATTER_CHEAP)), write);
		if (i % BLOCK_PAGES == 0)
			*(volatile uint64_t *)&k->report->count[COUNT_TOUCHES] = before + i;
	}
	k->report->count[COUNT_TOUCHES] = before + k->n;
}

static inline __attribute__((always_inline)) void walk_each(const struct walk *k, bool write,
							    bool scattered)
{
	uint64_t before = k->report->count[COUNT_TOUCHES], i = 0;
	struct events *e = k->events;

	while (i < k->n) {
		unsigned int n = k->n - i > EVENTS_BLOCK ? EVENTS_BLOCK : (unsigned int)(k->n - i);

		for (unsigned int at = 0; at < n; at++, i++) {
			uint64_t j = scattered ? scatter_place(&k->scatter, i, SCATTER_CHEAP) : i;

			touch_one(place(k, j), write);
			e->stamp[at + 1] = clock_next(e->clock);
		}
		events_record(e, n);
		*(volatile uint64_t *)&k->report->count[COUNT_TOUCHES] = before + i;
	}
}

/* One function a combination, so that nothing is chosen inside the loop. */
static void write_sequential(const struct walk *k)
{
	walk_whole(k, true);
}
static void read_sequential(const struct walk *k)
{
	walk_whole(k, false);
}
static void write_scattered(const struct walk *k)
{
	walk_scattered(k, true);
}
static void read_scattered(const struct walk *k)
{
	walk_scattered(k, false);
}
static void write_sequential_each(const struct walk *k)
{
	walk_each(k, true, false);
}
static void read_sequential_each(const struct walk *k)
{
	walk_each(k, false, false);
}
static void write_scattered_each(const struct walk *k)
{
	walk_each(k, true, true);
}
static void read_scattered_each(const struct walk *k)
{
	walk_each(k, false, true);
}

static void (*const walks[2][2][2])(const struct walk *) = {
	{ { write_sequential, read_sequential }, { write_scattered, read_scattered } },
	{ { write_sequential_each, read_sequential_each },
	  { write_scattered_each, read_scattered_each } },
};

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
	struct walk k = {
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
	walks[call->each_event][call->args[TOUCH_ORDER]][call->args[TOUCH_ACCESS]](&k);
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
