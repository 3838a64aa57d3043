// SPDX-License-Identifier: MIT
/* One request after the other: predicted, carried out, and what came of it left for the judge. */
#include "property_child.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

#define NO_OBJECT (-2) /* it could not be made */

struct trial {
	struct child *c;
	struct property_report *report;
	uint64_t before;
};

static sigjmp_buf touch_jump;
static volatile sig_atomic_t touch_signal;

static void trial_begin(struct child *c, struct trial *t, struct property_report *report)
{
	*t = (struct trial){ .c = c, .report = report };
	c->model.folded = child_fold(c);
	c->model.process.nr_maps = c->first.nr_maps + c->nr_pieces;
	t->before = child_committed(c);
	c->model.committed_bytes = t->before;
}

static void trial_end(struct trial *t, int error)
{
	struct property_report *r = t->report;
	struct child *c = t->c;

	r->committed_bytes = (int64_t)(child_committed(c) - t->before);
	r->error = error;
	r->signal = touch_signal;
	r->done = true;
	if (r->predicted.verdict == VERDICT_GRANTED && !error)
		model_apply(&c->model, &r->predicted);
}

static bool may_cut(const struct child *c)
{
	return c->nr_pieces + 4 <= PIECES_MAX;
}

/* ---- map ---- */

/* Where files go; one of tmpfs would be charged for each page. */
static const char *working_folder(void)
{
	return getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
}

static int open_object(const struct map_request *r)
{
	int fd;

	switch (r->backing) {
	case BACKING_MEMFD:
		fd = (int)syscall(SYS_memfd_create, "property", 1u);
		break;
	case BACKING_FILE:
		fd = open(working_folder(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
		break;
	case BACKING_TMPFS:
		fd = open("/dev/shm", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
		break;
	default:
		return -1;
	}
	if (fd >= 0 && (r->length_bytes > INT64_MAX || ftruncate(fd, (off_t)r->length_bytes))) {
		close(fd);
		return NO_OBJECT;
	}
	return fd < 0 ? NO_OBJECT : fd;
}

static void request_of(struct child *c, const struct property_op *op, struct map_request *ret)
{
	*ret = (struct map_request){
		.length_bytes = child_bytes(c, op),
		.protection = op->protection,
		.flags = op->flags,
		.backing = op->backing,
		.huge_page_bytes = op->flags & MAP_HUGETLB ? 2u << 20 : 0,
	};
	if (ret->length_bytes > PROPERTY_FILLED_MAX)
		ret->flags &= ~(MAP_LOCKED | MAP_POPULATE);
	if (op->placed && ret->length_bytes <= PLACED_MAX) {
		ret->address = SLOT_BASE + op->slot * SLOT_STEP;
		ret->flags |= MAP_FIXED_NOREPLACE;
	}
}

/* What the whole slack of the counter would have let the model say. */
static struct prediction cautious(const struct child *c, const struct map_request *request)
{
	struct model m = c->model;
	struct prediction p;

	m.folded = false;
	model_map(&m, request, &p);
	return p;
}

/* It lies in the way of the slots, or nothing is known of it. */
static void map_undo(struct child *c, const struct map_request *request, void *address,
		     const struct prediction *p)
{
	munmap(address,
	       p->verdict == VERDICT_GRANTED ? p->mapping.length_bytes : request->length_bytes);
	child_read_space(c);
	child_keep_first_holes(c);
	if (p->pool >= 0)
		c->model.pool_reserved_pages[p->pool] -= (uint64_t)p->pool_reserved_pages;
}

static void map_keep(struct child *c, unsigned int slot, const struct map_request *request,
		     void *address, struct property_report *report)
{
	const struct prediction *p = &report->predicted;
	struct piece piece = { .slot = slot,
			       .object = c->nr_objects++,
			       .address = (uintptr_t)address,
			       .mapping = p->mapping };

	report->object = (int)piece.object;
	c->objects[piece.object] = (struct object){
		.charge_bytes = p->mapping.object_charge_bytes,
		.touched_pages = request->flags & (MAP_POPULATE | MAP_LOCKED) ? UINT64_MAX : 0,
		.slot = slot,
		.start = piece.address,
		.end = piece.address + p->mapping.length_bytes,
	};
	piece_insert(c, &piece);
}

static void do_map(struct child *c, const struct property_op *op, struct property_report *report)
{
	bool over = !slot_is_free(c, op->slot); /* what is there refuses it, if anything does */
	struct map_request request;
	struct trial t;
	void *address;
	int error, fd;

	if (!may_cut(c) || (over && !op->placed))
		return;
	if (!op->placed || over)
		child_read_space(c);
	c->model.committed_bytes = child_committed(c);
	request_of(c, op, &request);
	report->object = -1;
	fd = open_object(&request);
	if (fd == NO_OBJECT) {
		child_keep_first_holes(c);
		return;
	}
	trial_begin(c, &t, report);
	if (op->near == NEAR_COMMIT) /* to the page: again, with the counter just read */
		request.length_bytes = child_bytes(c, op);
	report->asked_bytes = request.length_bytes;
	model_map(&c->model, &request, &report->predicted);
	report->cautious = cautious(c, &request);
	if (!over || report->predicted.verdict == VERDICT_REFUSED) {
		address = mmap((void *)(uintptr_t)request.address, request.length_bytes,
			       request.protection, request.flags, fd, 0);
		error = address == MAP_FAILED ? errno : 0;
		trial_end(&t, error);
		if (!error && (report->predicted.verdict != VERDICT_GRANTED || over ||
			       !(request.flags & MAP_FIXED_NOREPLACE)))
			map_undo(c, &request, address, &report->predicted);
		else if (!error)
			map_keep(c, op->slot, &request, address, report);
	}
	if (!op->placed || over)
		child_keep_first_holes(c);
	/* A file of a piece stays open: its pages would leave Committed_AS at another time. */
	if (fd >= 0 && (!report->done || report->error))
		close(fd);
}

/* ---- protect, unmap ---- */

static void do_protect(struct child *c, const struct property_op *op,
		       struct property_report *report)
{
	int i = piece_find(c, op);
	uint64_t start, bytes;
	unsigned int splits;
	struct trial t;
	int error;

	if (i < 0 || !may_cut(c))
		return;
	splits = piece_part(c, &c->pieces[i], op->part, &start, &bytes);
	trial_begin(c, &t, report);
	report->asked_bytes = bytes;
	piece_tell(c, (unsigned int)i, start, bytes, report);
	model_protect(&c->model, &c->pieces[i].mapping, bytes, splits, op->protection,
		      &report->predicted);
	report->cautious = report->predicted;
	error = mprotect((void *)(uintptr_t)start, bytes, op->protection) ? errno : 0;
	trial_end(&t, error);
	/* One end may have been split off before the other could not be. */
	c->maps_open |= error && splits == 2;
	if (error || report->predicted.verdict != VERDICT_GRANTED ||
	    op->protection == c->pieces[i].mapping.protection)
		return;
	i = (int)piece_cut(c, (unsigned int)i, start, bytes);
	c->pieces[i].mapping.protection = op->protection;
	c->pieces[i].mapping.traits = report->predicted.mapping.traits;
	pieces_merge(c);
}

/* Huge pages that were taken without a reservation: which part has them is not followed. */
static bool holds_unreserved_pages(const struct piece *piece)
{
	return piece->mapping.pool_pages != 0;
}

/* As an operation does (ops/unmap.c): an end that is cut off is gone, a hole stays inside. */
static void object_shorten(struct object *object, uint64_t start, uint64_t bytes)
{
	if (start == object->start)
		object->start += bytes;
	else if (start + bytes == object->end)
		object->end = start;
}

static void do_unmap(struct child *c, const struct property_op *op, struct property_report *report)
{
	int i = piece_find(c, op);
	uint64_t start, bytes;
	unsigned int splits;
	bool last;
	struct piece *piece;
	struct trial t;
	int error;

	if (i < 0 || !may_cut(c))
		return;
	piece = &c->pieces[i];
	splits = piece_part(c, piece, op->part, &start, &bytes);
	if (splits && holds_unreserved_pages(piece))
		return;
	last = splits == 0 && piece_is_last(c, (unsigned int)i);
	piece->mapping.object_charge_bytes = c->objects[piece->object].charge_bytes;
	trial_begin(c, &t, report);
	report->asked_bytes = bytes;
	piece_tell(c, (unsigned int)i, start, bytes, report);
	model_unmap(&c->model, &piece->mapping, bytes, splits, last, &report->predicted);
	report->cautious = report->predicted;
	error = munmap((void *)(uintptr_t)start, bytes) ? errno : 0;
	trial_end(&t, error);
	if (error)
		return;
	object_shorten(&c->objects[piece->object], start, bytes);
	i = (int)piece_cut(c, (unsigned int)i, start, bytes);
	piece_remove(c, (unsigned int)i);
}

/* ---- remap ---- */

static int free_slot(const struct child *c)
{
	for (unsigned int s = 0; s < PROPERTY_SLOTS; s++) {
		if (slot_is_free(c, s))
			return (int)s;
	}
	return -1;
}

static uint64_t remap_new_bytes(const struct child *c, const struct property_op *op,
				const struct piece *piece, uint64_t old_bytes)
{
	uint64_t page = c->host.page_bytes, bytes = child_bytes(c, op);
	bool dontunmap = op->flags & MREMAP_DONTUNMAP, fixed = op->flags & MREMAP_FIXED;

	if (bytes > PLACED_MAX || bytes < page)
		bytes = old_bytes + page;
	/* Now and then another length, which is not permitted. */
	if (dontunmap && !op->odd_bytes)
		bytes = old_bytes;
	/* A locked mapping fills what it grows by. */
	if ((piece->mapping.traits & MAPPED_LOCKED) && bytes > PROPERTY_FILLED_MAX)
		bytes = old_bytes;
	/* Never here: what such a move charges stays charged for good. */
	if (fixed && bytes < old_bytes && (piece->mapping.traits & MAPPED_ACCOUNT) &&
	    host_loses_shrinking_move(&c->host))
		bytes = old_bytes;
	return bytes ? bytes : page;
}

/* What the sequence wants, as far as the test can follow it. false: it cannot. */
static bool remap_plan(const struct child *c, const struct property_op *op, unsigned int i,
		       struct remap_request *ret, uint64_t *ret_start)
{
	const struct piece *piece = &c->pieces[i];
	bool anonymous = piece->mapping.traits & MAPPED_ANONYMOUS;
	/*
	 * Which part stays locked is each version's own, and up to 5.10 the neighbour is taken for
	 * charged, so that Committed_AS ends below 0.
	 */
	bool whole_only = (op->flags & MREMAP_DONTUNMAP) &&
			  ((piece->mapping.traits & MAPPED_LOCKED) ||
			   !host_kernel_is(&c->host, 5, 11));
	/* Parts of objects have a place in them to keep, and the kernel's places are not followed.
	 */
	bool may_part = anonymous && !whole_only && op->flags != MREMAP_MAYMOVE;
	enum property_part part = may_part ? op->part : PART_WHOLE;
	uint64_t end = piece->address + piece->mapping.length_bytes;

	*ret = (struct remap_request){ .flags = op->flags };
	ret->nr_splits = piece_part(c, piece, part, ret_start, &ret->old_bytes);
	ret->to_end = *ret_start + ret->old_bytes == end;
	ret->room_bytes = ret->to_end ? piece_room(c, i) : 0;
	ret->new_bytes = remap_new_bytes(c, op, piece, ret->old_bytes);
	if (op->duplicates && !(op->flags & MREMAP_DONTUNMAP) && op->flags) {
		*ret_start = piece->address;
		ret->old_bytes = ret->nr_splits = 0;
		if (!(op->flags & MREMAP_FIXED))
			return false;
	}
	if (holds_unreserved_pages(piece) ||
	    ((op->flags & MREMAP_DONTUNMAP) && host_loses_dontunmap(&c->host)))
		return false;
	return op->flags != MREMAP_MAYMOVE || ret->room_bytes >= ret->new_bytes;
}

/* A piece moved, grew, shrank, or is there twice. */
static void remap_follow(struct child *c, unsigned int i, const struct remap_request *r,
			 uint64_t start, uint64_t address, unsigned int slot,
			 const struct prediction *p)
{
	struct object *object = &c->objects[c->pieces[i].object];
	struct piece moved;

	if (start == object->start && start + r->old_bytes == object->end) {
		object->slot = slot;
		object->start = address;
		object->end = address + p->mapping.length_bytes;
	}
	if (r->old_bytes && !(r->flags & MREMAP_DONTUNMAP))
		i = piece_cut(c, i, start, r->old_bytes);
	moved = c->pieces[i];
	moved.address = address;
	moved.mapping = p->mapping;
	moved.mapping.object_bytes = c->pieces[i].mapping.object_bytes;
	moved.slot = slot;
	if (r->flags & MREMAP_DONTUNMAP) {
		/* Of all that it was a part of; the anon_vma goes with a whole one's pages. */
		c->pieces[i].mapping.traits &= ~(unsigned int)MAPPED_LOCKED;
		if (!r->nr_splits)
			c->pieces[i].mapping.traits &= ~(unsigned int)MAPPED_TOUCHED;
	} else if (r->old_bytes) {
		piece_remove(c, i);
	}
	piece_insert(c, &moved);
	pieces_merge(c);
}

static void do_remap(struct child *c, const struct property_op *op, struct property_report *report)
{
	int i = piece_find(c, op), to = free_slot(c), error;
	bool moves = op->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP);
	struct remap_request r;
	struct trial t;
	uint64_t start, target = 0;
	void *address;

	if (i < 0 || to < 0 || !may_cut(c) || !remap_plan(c, op, (unsigned int)i, &r, &start))
		return;
	if (moves)
		target = SLOT_BASE + (unsigned int)to * SLOT_STEP;
	trial_begin(c, &t, report);
	report->asked_bytes = r.new_bytes;
	piece_tell(c, (unsigned int)i, start, r.old_bytes, report);
	model_remap(&c->model, &c->pieces[i].mapping, &r, &report->predicted);
	report->cautious = report->predicted;
	address = mremap((void *)(uintptr_t)start, r.old_bytes, r.new_bytes, r.flags,
			 (void *)(uintptr_t)target);
	error = address == MAP_FAILED ? errno : 0;
	trial_end(&t, error);
	if (!error && report->predicted.verdict == VERDICT_GRANTED)
		remap_follow(c, (unsigned int)i, &r, start, (uintptr_t)address,
			     moves ? (unsigned int)to : c->pieces[i].slot, &report->predicted);
}

/* ---- touch ---- */

static void touch_handler(int number)
{
	touch_signal = number;
	siglongjmp(touch_jump, 1);
}

static __attribute__((noinline)) void touch_all(volatile char *at, uint64_t pages, uint64_t stride,
						bool write)
{
	for (; pages; pages--, at += stride) {
		if (write)
			*at = 1;
		else
			(void)*at;
	}
}

static void touch_pages(uint64_t address, uint64_t pages, uint64_t stride, bool write)
{
	struct sigaction action = { .sa_handler = touch_handler }, old[2];

	sigaction(SIGBUS, &action, &old[0]);
	sigaction(SIGSEGV, &action, &old[1]);
	if (sigsetjmp(touch_jump, 1) == 0)
		touch_all((volatile char *)(uintptr_t)address, pages, stride, write);
	sigaction(SIGBUS, &old[0], NULL);
	sigaction(SIGSEGV, &old[1], NULL);
}

/* Followed page by page: what is whole and was not touched before. */
static bool can_follow_touch(const struct child *c, unsigned int i)
{
	const struct piece *piece = &c->pieces[i];
	bool huge = piece->mapping.traits & MAPPED_HUGETLB;

	if ((piece->mapping.traits & (MAPPED_STACK | MAPPED_DROPPABLE)) ||
	    c->objects[piece->object].touched_pages || !piece_is_last(c, i))
		return false;
	/* Huge pages in a large memfd are another matter. */
	return huge || !piece->mapping.object_bytes || piece->mapping.length_bytes <= 1ull << 30;
}

static void do_touch(struct child *c, const struct property_op *op, struct property_report *report)
{
	int i = piece_find(c, op);
	struct piece *piece;
	struct object *object;
	uint64_t pages = 1 + op->piece % 16, unit, room;
	bool write = op->part != PART_START;
	struct trial t;

	if (i < 0 || !can_follow_touch(c, (unsigned int)i))
		return;
	piece = &c->pieces[i];
	object = &c->objects[piece->object];
	unit = piece->mapping.huge_page_bytes ? piece->mapping.huge_page_bytes : c->host.page_bytes;
	room = piece->mapping.length_bytes / unit;
	pages = pages < room ? pages : room;
	piece->mapping.object_charge_bytes = object->charge_bytes;
	trial_begin(c, &t, report);
	report->asked_bytes = pages * unit;
	piece_tell(c, (unsigned int)i, piece->address, report->asked_bytes, report);
	model_touch(&c->model, &piece->mapping, report->asked_bytes, write, &report->predicted);
	report->cautious = report->predicted;
	touch_signal = 0;
	touch_pages(piece->address, pages, unit, write);
	trial_end(&t, 0);
	touch_signal = 0;
	if (piece->mapping.object_bytes)
		object->touched_pages = pages;
	if (report->predicted.verdict != VERDICT_GRANTED)
		return;
	piece->mapping.traits = report->predicted.mapping.traits;
	piece->mapping.pool_pages = report->predicted.mapping.pool_pages;
	object->charge_bytes = report->predicted.mapping.object_charge_bytes;
}

/* ---- fork ---- */

static void do_fork(struct child *c, struct property_report *report)
{
	int gate[2], error = 0;
	uint64_t largest_run;
	struct trial t;
	char byte;
	pid_t pid;

	if (pipe2(gate, O_CLOEXEC))
		return;
	trial_begin(c, &t, report);
	child_count_accounts(c, &largest_run);
	model_fork(&c->model, &report->predicted);
	report->asked_bytes = report->predicted.asked_bytes;
	if (c->host.overcommit == OVERCOMMIT_HEURISTIC &&
	    largest_run > model_heuristic_limit(&c->host) &&
	    report->predicted.verdict == VERDICT_GRANTED)
		report->predicted.verdict = VERDICT_INDETERMINATE; /* merged or not? */
	report->cautious = report->predicted;
	pid = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
	if (pid == 0) {
		close(gate[1]);
		if (read(gate[0], &byte, 1) < 0)
			_exit(1);
		_exit(0);
	}
	error = pid < 0 ? errno : 0;
	/* The copy lives until the figure is taken, and is not part of the model's process. */
	trial_end(&t, error);
	if (!error && report->predicted.verdict == VERDICT_GRANTED)
		c->model.committed_bytes -= (uint64_t)report->predicted.committed_bytes;
	close(gate[0]);
	close(gate[1]);
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

/* ---- All of them ---- */

static void carry_out(struct child *c)
{
	for (unsigned int i = 0; i < c->sequence->nr_ops; i++) {
		const struct property_op *op = &c->sequence->ops[i];
		struct property_report *report = &c->shared->reports[i];

		switch (op->kind) {
		case OP_MAP:
			do_map(c, op, report);
			break;
		case OP_PROTECT:
			do_protect(c, op, report);
			break;
		case OP_REMAP:
			do_remap(c, op, report);
			break;
		case OP_UNMAP:
			do_unmap(c, op, report);
			break;
		case OP_TOUCH:
			do_touch(c, op, report);
			break;
		case OP_FORK:
			do_fork(c, report);
			break;
		}
		if (report->done &&
		    (report->error != 0) != (report->predicted.verdict == VERDICT_REFUSED))
			return; /* from here on the two know different things */
		if (report->done && property_is_open(&report->predicted))
			return;
	}
}

void property_run(const struct property_sequence *s, const struct host *host,
		  struct property_shared *shared)
{
	static struct child c;

	c = (struct child){ .sequence = s, .shared = shared, .host = *host };
	child_prepare(&c);
	carry_out(&c);
	child_compare(&c);
	_exit(0);
}
