/* SPDX-License-Identifier: MIT */
/*
 * The model's word is only where the search begins: what is granted and what is refused one page
 * further is always the kernel's own answer. Where the model is wrong, steps of 64 times the size
 * bracket the border and halving closes in, within CEILING_CALLS_MAX calls.
 */
#include "run/ceiling.h"

#include "base/clock.h"
#include "base/file.h"
#include "model/outcome.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define STRIDE_BITS 6
#define UNITS_BITS  57 /* no address space has more bytes */

struct search {
	struct map_request request;
	uint64_t unit, most_units;
	struct ceiling_found *found;
};

/* Does the kernel grant so many units? Mapped and unmapped at once. */
static bool grants(struct search *s, uint64_t units)
{
	struct mapping m;
	int r;

	if (units == 0)
		return true;
	if (s->found->nr_calls >= CEILING_CALLS_MAX)
		return false;
	s->found->nr_calls++;
	s->request.length_bytes = units * s->unit;
	r = mapping_open(&s->request, &m);
	if (!r) {
		r = mapping_map(&m);
		if (!r)
			mapping_unmap(&m);
		mapping_close(&m);
	}
	if (r)
		s->found->error = -r;
	return r == 0;
}

/* Between what is granted and what is not. Returns the largest that is granted. */
static uint64_t halve(struct search *s, uint64_t granted, uint64_t refused)
{
	while (refused - granted > 1 && s->found->nr_calls < CEILING_CALLS_MAX) {
		uint64_t middle = granted + (refused - granted) / 2;

		if (grants(s, middle))
			granted = middle;
		else
			refused = middle;
	}
	return granted;
}

static uint64_t search_up(struct search *s, uint64_t granted)
{
	uint64_t step = 1ull << STRIDE_BITS;

	while (granted < s->most_units) {
		uint64_t next = s->most_units - granted > step ? granted + step : s->most_units;

		if (!grants(s, next))
			return halve(s, granted, next);
		granted = next;
		step = step > s->most_units ? step : step << STRIDE_BITS;
	}
	return granted;
}

static uint64_t search_down(struct search *s, uint64_t refused)
{
	uint64_t step = 1ull << STRIDE_BITS;

	for (;;) {
		uint64_t next = refused > step ? refused - step : 0;

		if (grants(s, next))
			return halve(s, next, refused);
		refused = next;
		step = step > s->most_units ? step : step << STRIDE_BITS;
	}
}

static uint64_t search_from(struct search *s, uint64_t guess)
{
	if (guess > s->most_units)
		guess = s->most_units;
	if (!grants(s, guess))
		return search_down(s, guess);
	if (guess < s->most_units && !grants(s, guess + 1))
		return guess;
	return search_up(s, guess);
}

static void enter_child(const struct conditions *c)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	struct error err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (fd >= 0) {
		file_write(fd, "1000", 4);
		close(fd);
	}
	if (conditions_enter(c, &err))
		_exit(1);
}

int ceiling_predict(const struct map_request *request, const struct host *host,
		    struct ceiling_found *ret)
{
	struct process_memory process;
	struct model model;
	int r = process_memory_read(&process, PROCESS_MAPS, NULL);

	/* Once for what reading allocates, once for what then is there. */
	if (!r)
		r = process_memory_read(&process, PROCESS_MAPS, NULL);
	if (r)
		return r;
	*ret = (struct ceiling_found){ 0 };
	model_init(&model, host, &process);
	model_ceiling(&model, request, &ret->predicted);
	return 0;
}

void ceiling_find(const struct map_request *request, const struct host *host,
		  struct ceiling_found *found)
{
	struct search s = { .request = *request, .found = found };
	uint64_t begun = clock_now_ns();

	s.unit = s.request.huge_page_bytes ? s.request.huge_page_bytes : host->page_bytes;
	s.most_units = (1ull << UNITS_BITS) / s.unit;
	found->bytes = search_from(&s, found->predicted.bytes / s.unit) * s.unit;
	found->elapsed_ns = clock_now_ns() - begun;
}

static void search_child(const struct conditions *c, const struct host *host,
			 struct ceiling_found *found)
{
	struct host *under = malloc(sizeof(*under));

	enter_child(c);
	if (!under)
		_exit(1);
	model_host_under(host, c, under);
	if (ceiling_predict(&c->map, under, found))
		_exit(1);
	ceiling_find(&c->map, under, found);
	_exit(0);
}

static void *shared_room(size_t bytes)
{
	void *room = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return room == MAP_FAILED ? NULL : room;
}

static int wait_for(pid_t pid, struct error *err)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return error_set_errno(err, -errno, "waitpid");
	}
	if (WIFSIGNALED(status))
		return error_set(err, -EIO, "the process that maps was ended by %s",
				 signal_name(WTERMSIG(status)));
	return WEXITSTATUS(status) ? error_set(err, -EIO, "the process that maps failed") : 0;
}

int ceiling_search(const struct conditions *c, const struct host *host, struct ceiling_found *ret,
		   struct error *err)
{
	struct ceiling_found *found;
	pid_t pid;
	int r;

	if (c->map.flags & (MAP_POPULATE | MAP_LOCKED))
		return error_set(err, -ENOTSUP,
				 "populate and locked fill a mapping at once: the search for their "
				 "ceiling would fill the memory");
	found = shared_room(sizeof(*found));
	if (!found)
		return error_set_errno(err, -errno, "mmap of the shared area");
	pid = fork();
	if (pid == 0)
		search_child(c, host, found);
	r = pid < 0 ? error_set_errno(err, -errno, "fork") : wait_for(pid, err);
	if (!r)
		*ret = *found;
	munmap(found, sizeof(*found));
	return r;
}

/* ---- Chunk after chunk ---- */

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
	else if (plan->reserve_bytes &&
		 host_available_bytes() < plan->reserve_bytes + plan->touch_bytes)
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

static void pile_child(const struct conditions *c, uint64_t touch_bytes, unsigned int max,
		       struct pile *pile)
{
	struct pile_plan plan = { .chunk = c->map, .touch_bytes = touch_bytes };

	enter_child(c);
	if (__builtin_mul_overflow(c->map.length_bytes, max, &plan.until_bytes))
		plan.until_bytes = 0;
	pile_up(&plan, pile);
	_exit(0);
}

int cumulative_map(const struct conditions *c, uint64_t touch_bytes, unsigned int max,
		   struct cumulative_sample *ret, unsigned int *ret_n, int *ret_error,
		   struct error *err)
{
	struct pile *pile = shared_room(sizeof(*pile));
	pid_t pid;
	int r;

	if (!pile)
		return error_set_errno(err, -errno, "mmap of the shared area");
	pid = fork();
	if (pid == 0)
		pile_child(c, touch_bytes, max, pile);
	r = pid < 0 ? error_set_errno(err, -errno, "fork") : wait_for(pid, err);
	if (!r) {
		*ret_n = pile->nr_samples < max ? pile->nr_samples : max;
		memcpy(ret, pile->samples, *ret_n * sizeof(*ret));
		*ret_error = pile->error;
	}
	munmap(pile, sizeof(*pile));
	return r;
}
