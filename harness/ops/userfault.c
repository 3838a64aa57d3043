/* SPDX-License-Identifier: MIT */
/*
 * Missing pages served by user space: each touch of the range stops, a handler thread is told by
 * userfaultfd and puts a page there. What virtual machines and garbage collectors pay for a page.
 */
#include "ops/op.h"

#include "base/cleanup.h"
#include "ops/events.h"

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1 /* Linux 5.11, include/uapi/linux/userfaultfd.h */
#endif

enum { USERFAULT_AMOUNT, USERFAULT_SERVE, USERFAULT_ACCESS, USERFAULT_HANDLER };
enum { SERVE_COPY, SERVE_ZERO };
enum { ACCESS_READ, ACCESS_WRITE };
enum { HANDLER_ANYWHERE, HANDLER_SAME_CPU, HANDLER_OTHER_CPU };

static const char *const serves[] = { "copy", "zeropage", NULL };
static const char *const accesses[] = { "read", "write", NULL };
static const char *const handlers[] = { "anywhere", "same-cpu", "other-cpu", NULL };

static const struct arg userfault_args[] = {
	[USERFAULT_AMOUNT] = { .name = "amount",
			       .type = ARG_SIZE,
			       .initial = "100% mapping",
			       .minimum = 1,
			       .help = "how much of the mapping is touched, from its start" },
	[USERFAULT_SERVE] = { .name = "serve",
			      .type = ARG_CHOICE,
			      .initial = "copy",
			      .choices = serves,
			      .help = "with UFFDIO_COPY or with UFFDIO_ZEROPAGE" },
	[USERFAULT_ACCESS] = { .name = "access",
			       .type = ARG_CHOICE,
			       .initial = "read",
			       .choices = accesses,
			       .help = "load from each page, or store to it: a zero page is then "
				       "copied besides" },
	[USERFAULT_HANDLER] = { .name = "handler",
				.type = ARG_CHOICE,
				.initial = "anywhere",
				.choices = handlers,
				.help = "it runs where the worker may (with a placement: there), "
					"on "
					"its CPU, or on another" },
	{ NULL },
};

static const struct metric userfault_metrics[] = {
	{ "time_per_page", "ns", BETTER_LOWER, METRIC_TIME_PER, COUNT_PAGES,
	  .help = "from the touch to the next" },
	{ "rate", "1/s", BETTER_HIGHER, METRIC_RATE, COUNT_PAGES, .help = "pages a second" },
	{ NULL },
};

struct userfault_state {
	int fd, stop[2];
	pthread_t handler;
	bool running;
	bool zero;
	bool placed;
	cpu_set_t cpus; /* where it runs, if placed */
	int error;      /* of the handler; positive */
	uint64_t page_bytes;
	struct uffdio_range range; /* that is registered */
	void *source;              /* the page that is copied */
};

static int open_userfaultfd(void)
{
	int flags = O_CLOEXEC | O_NONBLOCK;
	int fd = (int)syscall(SYS_userfaultfd, flags);

	/* Without privilege only faults of user mode may be served: here all are. */
	if (fd < 0 && errno == EPERM)
		fd = (int)syscall(SYS_userfaultfd, flags | UFFD_USER_MODE_ONLY);
	return fd < 0 ? -errno : fd;
}

static int userfault_supported(const struct op_call *call, const struct conditions *c,
			       const struct host *host, struct error *err)
{
	struct uffdio_api api = { .api = UFFD_API };
	int fd = open_userfaultfd();

	if (fd < 0)
		return error_set_errno(err, -ENOTSUP, "userfault: userfaultfd (%s)",
				       errno_name(-fd));
	if (ioctl(fd, UFFDIO_API, &api)) {
		close(fd);
		return error_set(err, -ENOTSUP,
				 "userfault: this kernel's interface is another one");
	}
	close(fd);
	if (call->args[USERFAULT_HANDLER] == HANDLER_OTHER_CPU && host->nr_cpus_allowed < 2)
		return error_set(err, -ENOTSUP, "userfault: there is no other CPU for its handler");
	if (c->map.backing != BACKING_ANONYMOUS || c->map.flags & MAP_SHARED)
		return error_set(err, -ENOTSUP, "userfault needs private anonymous memory");
	return 0;
}

static uint64_t userfault_resident_bytes(const struct op_call *call, const struct conditions *c,
					 const struct host *host)
{
	uint64_t amount = call->args[USERFAULT_AMOUNT];

	(void)host;
	return amount < c->map.length_bytes ? amount : c->map.length_bytes;
}

static int serve(const struct userfault_state *s, uint64_t address)
{
	struct uffdio_copy copy = { .dst = address,
				    .src = (uint64_t)(uintptr_t)s->source,
				    .len = s->page_bytes };
	struct uffdio_zeropage zero = { .range = { address, s->page_bytes } };

	return s->zero ? ioctl(s->fd, UFFDIO_ZEROPAGE, &zero) : ioctl(s->fd, UFFDIO_COPY, &copy);
}

/*
 * Nobody serves any more: faults that wait, and those to come, are the kernel's own again. close()
 * does so too, unless another worker has just forked and its child has a copy of the descriptor.
 */
static void give_up(const struct userfault_state *s)
{
	struct uffdio_range range = s->range;

	if (s->fd >= 0)
		ioctl(s->fd, UFFDIO_UNREGISTER, &range);
}

static void *handle(void *argument)
{
	struct userfault_state *s = argument;
	struct pollfd fds[] = { { .fd = s->fd, .events = POLLIN },
				{ .fd = s->stop[0], .events = POLLIN } };

	if (s->placed && sched_setaffinity(0, sizeof(s->cpus), &s->cpus)) {
		s->error = errno;
		give_up(s);
		return NULL;
	}
	while (poll(fds, 2, -1) > 0 && !fds[1].revents) {
		struct uffd_msg message;

		if (read(s->fd, &message, sizeof(message)) != sizeof(message))
			continue;
		if (message.event != UFFD_EVENT_PAGEFAULT)
			continue;
		if (serve(s, message.arg.pagefault.address & ~(s->page_bytes - 1)) &&
		    errno != EEXIST) {
			s->error = errno;
			give_up(s);
		}
	}
	return NULL;
}

static int userfault_prepare(struct worker *w, const struct op_call *call)
{
	struct userfault_state *s = calloc(1, sizeof(*s));

	w->state[w->step] = s;
	if (!s)
		return -ENOMEM;
	s->fd = s->stop[0] = s->stop[1] = -1;
	s->page_bytes = w->host->page_bytes;
	s->zero = call->args[USERFAULT_SERVE] == SERVE_ZERO;
	if (posix_memalign(&s->source, s->page_bytes, s->page_bytes))
		return -ENOMEM;
	memset(s->source, 1, s->page_bytes);
	return 0;
}

static int register_range(struct worker *w, struct userfault_state *s)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = {
		.range = { (uint64_t)(uintptr_t)w->mapping->address + w->slice_offset,
			   worker_pages(w, w->slice_bytes) * w->host->page_bytes },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	if (ioctl(s->fd, UFFDIO_API, &api) || ioctl(s->fd, UFFDIO_REGISTER, &range))
		return -errno;
	s->range = range.range;
	return 0;
}

/* Beside the worker, wherever that is now, or away from it. */
static void choose_place(const struct worker *w, const struct op_call *call,
			 struct userfault_state *s)
{
	int here = sched_getcpu();

	s->placed = call->args[USERFAULT_HANDLER] != HANDLER_ANYWHERE && here >= 0;
	if (!s->placed)
		return;
	if (call->args[USERFAULT_HANDLER] == HANDLER_OTHER_CPU) {
		s->cpus = w->host->cpus_allowed;
		CPU_CLR((unsigned int)here, &s->cpus);
	} else {
		CPU_ZERO(&s->cpus);
		CPU_SET((unsigned int)here, &s->cpus);
	}
}

/* Each execution finds the range missing again, whoever touched it before. */
static int userfault_before(struct worker *w, const struct op_call *call)
{
	struct userfault_state *s = w->state[w->step];
	int r;

	choose_place(w, call, s);
	if (madvise((char *)w->mapping->address + w->slice_offset, w->slice_bytes, MADV_DONTNEED))
		return -errno;
	s->fd = open_userfaultfd();
	if (s->fd < 0)
		return s->fd;
	r = register_range(w, s);
	if (!r && pipe2(s->stop, O_CLOEXEC))
		r = -errno;
	if (!r)
		r = -pthread_create(&s->handler, NULL, handle, s);
	s->running = !r;
	return r;
}

static int userfault_step(struct worker *w, const struct op_call *call)
{
	volatile char *start = (char *)w->mapping->address + w->slice_offset;
	uint64_t bytes = worker_share(w, call->args[USERFAULT_AMOUNT]);
	bool write = call->args[USERFAULT_ACCESS] == ACCESS_WRITE;
	struct events events;

	events_begin(&events, w, call);
	for (uint64_t at = 0; at < bytes; at += w->host->page_bytes) {
		if (write)
			start[at] = 1;
		else
			(void)start[at];
		events_next(&events);
	}
	events_end(&events);
	w->report->count[COUNT_PAGES] += worker_pages(w, bytes);
	return 0;
}

static void close_all(struct userfault_state *s)
{
	int *fds[] = { &s->fd, &s->stop[0], &s->stop[1] };

	give_up(s);
	for (size_t i = 0; i < ARRAY_LENGTH(fds); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

static int userfault_after(struct worker *w, const struct op_call *call)
{
	struct userfault_state *s = w->state[w->step];

	(void)call;
	if (s->running && write(s->stop[1], "", 1) == 1)
		pthread_join(s->handler, NULL);
	s->running = false;
	close_all(s);
	return s->error ? error_set_errno(&w->error, -s->error, "userfault: a page was not served")
			: 0;
}

static void userfault_finish(struct worker *w, const struct op_call *call)
{
	struct userfault_state *s = w->state[w->step];

	if (!s)
		return;
	if (s->running)
		userfault_after(w, call);
	close_all(s);
	free(s->source);
	free(s);
}
const struct op op_userfault = {
	.name = "userfault",
	.help = "touch missing pages that a handler thread serves through userfaultfd",
	.args = userfault_args,
	.metrics = userfault_metrics,
	.traits = OP_NEEDS_MAPPING | OP_OVERWRITES,
	.event = "page",
	.supported = userfault_supported,
	.resident_bytes = userfault_resident_bytes,
	.prepare = userfault_prepare,
	.before = userfault_before,
	.step = userfault_step,
	.after = userfault_after,
	.finish = userfault_finish,
};
