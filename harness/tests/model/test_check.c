// SPDX-License-Identifier: MIT
/*
 * The property test. The kernel is the judge: random sequences of map, protect, remap, unmap, touch
 * and fork, with sizes around every threshold, are carried out on this machine, and every outcome
 * and every change of Committed_AS is compared with what the model says beforehand.
 *
 * OVERMAP_PROPERTY_REQUESTS  requests in each overcommit mode (2000; 10000 where OVERMAP_STRESS is
 * set) OVERMAP_PROPERTY_SEED      seed, to repeat a run
 *
 * The overcommit settings are changed where that is permitted, and put back by the parent process,
 * which does nothing else. Committed_AS belongs to the whole machine: a sequence whose figures do
 * not fit is carried out again, and only what comes out the same way every time is a disagreement.
 */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "base/size.h"
#include "model/model.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <malloc.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cmocka.h>

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

#define OPS_MAX      12
#define SLOTS        6
#define PIECES_MAX   48
#define TRIES        48            /* before figures that never fit count as disturbed */
#define ALIKE        8             /* runs in a row that differ alike make a disagreement */
#define SLOT_BASE    (16ull << 40) /* where slot 0 lies: the middle of the large hole */
#define SLOT_STEP    (4ull << 40)  /* to the next slot */
#define SLOT_SPARE   (2ull << 40)  /* where a moved mapping goes, inside the slot */
#define PLACED_MAX   (1ull << 40)  /* larger mappings are placed by the kernel */
#define FILLED_MAX   (4ull << 20)  /* populated or locked at once at most */
#define FILLER_BYTES (32ull << 30) /* PROT_NONE: lets the user reserve bind, see below */
#define LEAK_MAX     (2ull << 30)  /* of Committed_AS: the kernel loses count, so stop */
#define RESERVE_KIB  (512u << 10)  /* user_reserve in mode never: what others keep */

enum op_kind { OP_MAP, OP_PROTECT, OP_REMAP, OP_UNMAP, OP_TOUCH, OP_FORK, OP_KINDS };

/* What a size lies next to; resolved at the time of the call. */
enum near {
	NEAR_SMALL,
	NEAR_HEURISTIC,
	NEAR_COMMIT,
	NEAR_AS,
	NEAR_DATA,
	NEAR_MEMLOCK,
	NEAR_HOLE,
	NEAR_WINDOW,
	NEAR_POOL,
	NEAR_LARGE,
	NEAR_NOTHING,
	NEAR_END,
	NEARS,
};

static const char *const near_names[NEARS] = {
	"small", "ram+swap", "commit", "RLIMIT_AS", "RLIMIT_DATA", "RLIMIT_MEMLOCK",
	"hole",  "window",   "pool",   "large",     "zero",        "2^64",
};

struct op {
	enum op_kind kind;
	unsigned int slot, piece; /* piece: modulo how many there are */
	enum near near;
	int64_t offset_pages; /* from what it lies next to; NEAR_SMALL: the size itself */
	unsigned int odd_bytes;
	int protection, flags;
	enum backing backing;
	unsigned int part; /* 0: whole, 1: start, 2: end, 3: middle */
	bool placed;
};

struct sequence {
	uint64_t as_pages, data_pages; /* room above what is used; UINT64_MAX: no limit */
	uint64_t memlock_pages;
	bool drop_admin, drop_lock;
	unsigned int nr_ops;
	struct op ops[OPS_MAX];
};

/* One mapping as the test follows it. */
struct piece {
	unsigned int slot;
	uint64_t address;
	struct model_mapping mapping;
	int fd;
	uint64_t touched_pages; /* of the object, from its start */
};

/* What a child leaves of one request. */
struct report {
	bool done;
	struct prediction predicted, cautious; /* cautious: with the counter's whole slack */
	int error, signal;
	int64_t committed_bytes;
	uint64_t asked_bytes;
	uint64_t cost_ns;
};

struct shared {
	struct report reports[OPS_MAX];
	int64_t end_total, end_data, end_locked; /* model less kernel, at the end */
	bool ended;
	char complaint[200];
};

struct child {
	const struct sequence *sequence;
	struct shared *shared;
	struct host host;
	struct model model;
	struct process_memory first; /* before the first operation */
	struct piece pieces[PIECES_MAX];
	unsigned int nr_pieces;
	uint64_t base_accounted, base_largest;
	int meminfo, policy; /* fds */
};

struct tally {
	uint64_t requests, granted, refused, deferred, indeterminate, cautious_open;
	uint64_t repeated, disturbed, disagreed, rules[RULES];
};

static struct host host_now; /* of the mode under test, read once in the tested process */
static struct tally tally;

/* ---- The machine's settings ---- */

static int write_number(const char *path, uint64_t value)
{
	char text[32];
	int fd = open(path, O_WRONLY | O_CLOEXEC), length, r;

	if (fd < 0)
		return -errno;
	length = snprintf(text, sizeof(text), "%" PRIu64 "\n", value);
	r = write(fd, text, (size_t)length) == length ? 0 : -errno;
	close(fd);
	return r;
}

#define VM   "/proc/sys/vm/"
#define POOL "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"

static const char *const saved_paths[] = {
	VM "overcommit_memory",
	VM "user_reserve_kbytes",
	VM "overcommit_ratio",
	VM "overcommit_kbytes",
	POOL,
};

static uint64_t saved[ARRAY_LENGTH(saved_paths)];
static bool saved_known[ARRAY_LENGTH(saved_paths)];

static void save_settings(void)
{
	for (size_t i = 0; i < ARRAY_LENGTH(saved_paths); i++)
		saved_known[i] = file_read_u64(saved_paths[i], &saved[i]) == 0;
}

/* Ratio and kbytes zero each other: only the one that was not 0 is written. */
static void restore_settings(void)
{
	for (size_t i = 0; i < ARRAY_LENGTH(saved_paths); i++) {
		bool exclusive = strstr(saved_paths[i], "overcommit_ratio") ||
				 strstr(saved_paths[i], "overcommit_kbytes");
		uint64_t now;

		if (!saved_known[i] || (exclusive && saved[i] == 0))
			continue;
		if (file_read_u64(saved_paths[i], &now) == 0 && now != saved[i])
			write_number(saved_paths[i], saved[i]);
	}
}

/* ---- Random sequences ---- */

static bool one_in(struct random *r, unsigned int n)
{
	return random_below(r, n) == 0;
}

static int random_protection(struct random *r)
{
	static const int protections[] = {
		PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE, PROT_READ, PROT_NONE, PROT_WRITE,
		PROT_READ | PROT_EXEC
	};

	return protections[random_below(r, ARRAY_LENGTH(protections))];
}

static enum near random_near(struct random *r, const struct sequence *s)
{
	enum near near = one_in(r, 3) ? NEAR_SMALL : (enum near)random_below(r, NEARS);

	if (near == NEAR_AS && s->as_pages == UINT64_MAX)
		return NEAR_HEURISTIC;
	if (near == NEAR_DATA && s->data_pages == UINT64_MAX)
		return NEAR_COMMIT;
	if (near >= NEAR_NOTHING && !one_in(r, 4))
		return one_in(r, 2) ? NEAR_COMMIT : NEAR_HEURISTIC;
	return near;
}

static void random_backing(struct random *r, struct op *op)
{
	static const int types[] = { MAP_PRIVATE, MAP_PRIVATE,   MAP_PRIVATE,
				     MAP_SHARED,  MAP_DROPPABLE, MAP_SHARED_VALIDATE };

	op->flags = one_in(r, 3) ? types[random_below(r, ARRAY_LENGTH(types))] : MAP_PRIVATE;
	if (!one_in(r, 4))
		op->backing = BACKING_ANONYMOUS;
	else
		op->backing = (enum backing)random_below(r, BACKING_HUGETLB + 1);
	if (op->backing == BACKING_ANONYMOUS || op->backing == BACKING_HUGETLB)
		op->flags |= MAP_ANONYMOUS;
	if (op->backing == BACKING_HUGETLB)
		op->flags |= MAP_HUGETLB | (21 << 26);
	if (one_in(r, 3))
		op->flags |= MAP_NORESERVE;
	if (one_in(r, 12))
		op->flags |= MAP_GROWSDOWN;
}

static void random_op(struct random *r, const struct sequence *s, struct op *op)
{
	static const enum op_kind kinds[] = { OP_MAP,     OP_MAP,     OP_MAP,   OP_MAP,
					      OP_PROTECT, OP_PROTECT, OP_REMAP, OP_REMAP,
					      OP_UNMAP,   OP_TOUCH,   OP_FORK };

	memset(op, 0, sizeof(*op));
	op->kind = kinds[random_below(r, ARRAY_LENGTH(kinds))];
	op->slot = (unsigned int)random_below(r, SLOTS);
	op->piece = (unsigned int)random_below(r, 64);
	op->near = random_near(r, s);
	op->offset_pages = op->near == NEAR_SMALL ? 1 + (int64_t)random_below(r, 512)
						  : (int64_t)random_below(r, 7) - 3;
	op->odd_bytes = one_in(r, 4) ? (unsigned int)random_below(r, 4096) : 0;
	op->protection = random_protection(r);
	op->part = one_in(r, 2) ? 0 : (unsigned int)random_below(r, 4);
	op->placed = op->near != NEAR_HOLE && op->near != NEAR_WINDOW;
	random_backing(r, op);
	if (op->near == NEAR_MEMLOCK || (op->near == NEAR_SMALL && one_in(r, 8)))
		op->flags |= MAP_LOCKED;
	if (op->near == NEAR_SMALL && one_in(r, 8))
		op->flags |= MAP_POPULATE;
	if (op->kind == OP_REMAP) {
		static const int flags[] = { 0, MREMAP_MAYMOVE | MREMAP_FIXED,
					     MREMAP_MAYMOVE | MREMAP_DONTUNMAP };
		op->flags = flags[random_below(r, ARRAY_LENGTH(flags))];
	}
}

static void random_sequence(struct random *r, struct sequence *s)
{
	memset(s, 0, sizeof(*s));
	s->as_pages = one_in(r, 3) ? 1 + random_below(r, 1u << 22) : UINT64_MAX;
	s->data_pages = one_in(r, 3) ? 1 + random_below(r, 1u << 22) : UINT64_MAX;
	s->memlock_pages = one_in(r, 4) ? 0 : random_below(r, 256);
	s->drop_admin = one_in(r, 2);
	s->drop_lock = one_in(r, 2);
	s->nr_ops = 2 + (unsigned int)random_below(r, OPS_MAX - 1);
	for (unsigned int i = 0; i < s->nr_ops; i++)
		random_op(r, s, &s->ops[i]);
}

/* ---- A child carries a sequence out ---- */

static sigjmp_buf touch_jump;
static volatile sig_atomic_t touch_signal;

static void touch_handler(int number)
{
	touch_signal = number;
	siglongjmp(touch_jump, 1);
}

static uint64_t committed_now(const struct child *c)
{
	char text[4096];
	ssize_t length = pread(c->meminfo, text, sizeof(text) - 1, 0);
	const char *at;
	uint64_t kib = 0;

	text[length > 0 ? length : 0] = '\0';
	at = strstr(text, "Committed_AS:");
	if (at)
		kib = strtoull(at + 13, NULL, 10);
	return kib << 10;
}

/* Writing the mode folds every CPU's part of the counter (mm/util.c overcommit_policy_handler). */
static void fold_counter(const struct child *c)
{
	char digit = (char)('0' + c->host.overcommit);

	if (c->policy >= 0 && pwrite(c->policy, &digit, 1, 0) != 1)
		return;
}

static bool counter_folds(const struct child *c)
{
	return c->policy >= 0 && c->host.kernel_version >= KERNEL(5, 9);
}

static int drop_capabilities(bool admin, bool lock)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		return -errno;
	if (admin)
		data[0].effective &= ~(1u << CAP_SYS_ADMIN);
	if (lock)
		data[0].effective &= ~(1u << CAP_IPC_LOCK);
	return syscall(SYS_capset, &header, data) ? -errno : 0;
}

static void set_limit(int resource, uint64_t bytes)
{
	struct rlimit limit;

	getrlimit(resource, &limit);
	limit.rlim_cur = bytes;
	if (limit.rlim_cur > limit.rlim_max)
		limit.rlim_cur = limit.rlim_max;
	setrlimit(resource, &limit);
}

static uint64_t page_size(const struct child *c)
{
	return c->host.page_bytes;
}

/* Forks charge pieces one by one: the largest run that the kernel may have merged into one. */
static void count_accounts(struct child *c, uint64_t *ret_largest_run)
{
	struct process_memory *p = &c->model.process;
	uint64_t run = 0, end = 0;

	p->accounted_bytes = c->base_accounted;
	p->largest_accounted_bytes = c->base_largest;
	*ret_largest_run = c->base_largest;
	for (unsigned int i = 0; i < c->nr_pieces; i++) {
		const struct piece *piece = &c->pieces[i];
		uint64_t length = piece->mapping.length_bytes;

		if (!(piece->mapping.traits & MAPPED_ACCOUNT))
			continue;
		p->accounted_bytes += length;
		if (length > p->largest_accounted_bytes)
			p->largest_accounted_bytes = length;
		run = piece->address == end ? run + length : length;
		end = piece->address + length;
		if (run > *ret_largest_run)
			*ret_largest_run = run;
	}
}

/* Read the address space again: what the sizes around holes need. */
static void read_space(struct child *c)
{
	struct process_memory now;

	if (process_memory_read(&now, PROCESS_MAPS, NULL) == 0) {
		now.accounts_known = c->model.process.accounts_known;
		now.accounted_bytes = c->model.process.accounted_bytes;
		now.largest_accounted_bytes = c->model.process.largest_accounted_bytes;
		c->model.process = now;
	}
}

/* Slots are followed by themselves: the holes that count for them are those of the beginning. */
static void keep_first_holes(struct child *c)
{
	memcpy(c->model.process.holes, c->first.holes, sizeof(c->first.holes));
	c->model.process.nr_holes = c->first.nr_holes;
}

static uint64_t room(uint64_t limit, uint64_t used)
{
	return limit > used && limit != HOST_UNLIMITED ? limit - used : 0;
}

static uint64_t near_bytes(struct child *c, const struct op *op)
{
	struct model *m = &c->model;
	struct commit_terms terms;

	switch (op->near) {
	case NEAR_HEURISTIC:
		return model_heuristic_limit(&c->host);
	case NEAR_COMMIT:
		model_commit_terms(m, &terms);
		return room((uint64_t)terms.allowed_bytes, m->committed_bytes);
	case NEAR_AS:
		return room(c->host.limit_as, m->process.total_vm_bytes);
	case NEAR_DATA:
		return room(c->host.limit_data, m->process.data_vm_bytes);
	case NEAR_MEMLOCK:
		return room(c->host.limit_memlock, m->process.locked_vm_bytes);
	case NEAR_HOLE:
		return process_largest_hole(&m->process);
	case NEAR_WINDOW:
		return m->process.highest_address;
	case NEAR_POOL:
		return 8ull * (2u << 20);
	case NEAR_LARGE:
		return PLACED_MAX;
	case NEAR_END:
		return (uint64_t)0 - 4 * page_size(c);
	default:
		return 0;
	}
}

static uint64_t op_bytes(struct child *c, const struct op *op)
{
	uint64_t page = page_size(c);

	if (op->near == NEAR_NOTHING)
		return op->offset_pages > 2 ? op->odd_bytes : 0;
	return near_bytes(c, op) + (uint64_t)op->offset_pages * page - op->odd_bytes;
}

static void insert_piece(struct child *c, const struct piece *piece)
{
	unsigned int i = c->nr_pieces++;

	for (; i > 0 && c->pieces[i - 1].address > piece->address; i--)
		c->pieces[i] = c->pieces[i - 1];
	c->pieces[i] = *piece;
}

static void remove_piece(struct child *c, unsigned int i)
{
	memmove(&c->pieces[i], &c->pieces[i + 1], (--c->nr_pieces - i) * sizeof(c->pieces[0]));
}

/* The kernel merges neighbours whose flags are equal (mm/vma.c can_vma_merge_before/after). */
static void merge_pieces(struct child *c)
{
	for (unsigned int i = 0; i + 1 < c->nr_pieces;) {
		struct piece *a = &c->pieces[i], *b = a + 1;
		unsigned int different = a->mapping.traits ^ b->mapping.traits;

		if (a->address + a->mapping.length_bytes != b->address || a->slot != b->slot ||
		    a->fd != b->fd || a->mapping.protection != b->mapping.protection ||
		    (different & ~(unsigned int)MAPPED_TOUCHED) ||
		    (a->mapping.traits & MAPPED_HUGETLB)) {
			i++;
			continue;
		}
		a->mapping.length_bytes += b->mapping.length_bytes;
		a->mapping.traits |= b->mapping.traits;
		remove_piece(c, i + 1);
	}
}

static int find_piece(const struct child *c, const struct op *op)
{
	int found[PIECES_MAX];
	unsigned int n = 0;

	for (unsigned int i = 0; i < c->nr_pieces; i++) {
		if (c->pieces[i].slot == op->slot)
			found[n++] = (int)i;
	}
	return n ? found[op->piece % n] : -1;
}

/* The part of a piece that an operation works on. Returns how many ends lie inside. */
static unsigned int choose_part(const struct child *c, const struct piece *piece, unsigned int part,
				uint64_t *ret_start, uint64_t *ret_bytes)
{
	uint64_t unit = piece->mapping.huge_page_bytes ? piece->mapping.huge_page_bytes
						       : page_size(c);
	uint64_t n = piece->mapping.length_bytes / unit, third = n / 3;

	*ret_start = piece->address;
	*ret_bytes = piece->mapping.length_bytes;
	if (part == 0 || third == 0)
		return 0;
	*ret_bytes = third * unit;
	if (part == 2)
		*ret_start += (n - third) * unit;
	if (part == 3)
		*ret_start += third * unit;
	return part == 3 ? 2 : 1;
}

/* Cut a piece so that [start, start + bytes) is one of its own. Returns its index. */
static unsigned int cut_piece(struct child *c, unsigned int i, uint64_t start, uint64_t bytes)
{
	struct piece whole = c->pieces[i], rest = whole;
	uint64_t end = whole.address + whole.mapping.length_bytes;

	if (start > whole.address) {
		c->pieces[i].mapping.length_bytes = start - whole.address;
		rest.address = start;
		rest.mapping.length_bytes = end - start;
		insert_piece(c, &rest);
		i++;
	}
	if (start + bytes < end) {
		c->pieces[i].mapping.length_bytes = bytes;
		rest.address = start + bytes;
		rest.mapping.length_bytes = end - rest.address;
		insert_piece(c, &rest);
	}
	return i;
}

/* One request: predicted, carried out, compared later. */
struct trial {
	struct child *c;
	struct report *report;
	uint64_t before;
	uint64_t started_ns;
};

static void trial_begin(struct child *c, struct trial *t, struct report *report)
{
	*t = (struct trial){ .c = c, .report = report };
	if (counter_folds(c) && c->host.overcommit == OVERCOMMIT_NEVER) {
		fold_counter(c);
		c->model.folded = true;
	}
	t->before = committed_now(c);
	c->model.committed_bytes = t->before;
}

static void trial_end(struct trial *t, int error)
{
	struct report *r = t->report;
	struct child *c = t->c;

	r->committed_bytes = (int64_t)(committed_now(c) - t->before);
	r->error = error;
	r->signal = touch_signal;
	r->done = true;
	if (r->predicted.verdict == VERDICT_GRANTED && !error)
		model_apply(&c->model, &r->predicted);
}

static int open_object(const struct child *c, const struct map_request *r)
{
	int fd;

	(void)c;
	switch (r->backing) {
	case BACKING_MEMFD:
		fd = (int)syscall(SYS_memfd_create, "property", 1u);
		break;
	case BACKING_FILE:
		fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
		break;
	case BACKING_TMPFS:
		fd = open("/dev/shm", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
		break;
	default:
		return -1;
	}
	if (fd >= 0 && (r->length_bytes > INT64_MAX || ftruncate(fd, (off_t)r->length_bytes))) {
		close(fd);
		return -2;
	}
	return fd < 0 ? -2 : fd;
}

static void request_of(struct child *c, const struct op *op, struct map_request *ret)
{
	*ret = (struct map_request){
		.length_bytes = op_bytes(c, op),
		.protection = op->protection,
		.flags = op->flags,
		.backing = op->backing,
		.huge_page_bytes = op->flags & MAP_HUGETLB ? 2u << 20 : 0,
	};
	if (ret->length_bytes > FILLED_MAX)
		ret->flags &= ~(MAP_LOCKED | MAP_POPULATE);
	if (op->placed && ret->length_bytes <= PLACED_MAX) {
		ret->address = SLOT_BASE + op->slot * SLOT_STEP;
		ret->flags |= MAP_FIXED_NOREPLACE;
	}
}

static bool slot_is_free(const struct child *c, unsigned int slot)
{
	for (unsigned int i = 0; i < c->nr_pieces; i++) {
		if (c->pieces[i].slot == slot)
			return false;
	}
	return true;
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

static void do_map(struct child *c, const struct op *op, struct report *report)
{
	struct map_request request;
	struct trial t;
	struct piece piece = { .slot = op->slot, .fd = -1 };
	void *address;
	int error;

	if (!slot_is_free(c, op->slot) || c->nr_pieces + 4 > PIECES_MAX)
		return;
	if (op->near == NEAR_HOLE)
		read_space(c);
	c->model.committed_bytes = committed_now(c);
	request_of(c, op, &request);
	piece.fd = open_object(c, &request);
	if (piece.fd == -2) {
		keep_first_holes(c);
		return;
	}
	trial_begin(c, &t, report);
	if (op->near == NEAR_COMMIT) /* to the page: again, with the counter just read */
		request.length_bytes = op_bytes(c, op);
	report->asked_bytes = request.length_bytes;
	model_map(&c->model, &request, &report->predicted);
	report->cautious = cautious(c, &request);
	address = mmap((void *)(uintptr_t)request.address, request.length_bytes, request.protection,
		       request.flags, piece.fd, 0);
	error = address == MAP_FAILED ? errno : 0;
	trial_end(&t, error);
	if (op->near == NEAR_HOLE)
		keep_first_holes(c);
	if (error) {
		if (piece.fd >= 0)
			close(piece.fd);
		return;
	}
	piece.address = (uintptr_t)address;
	piece.mapping = report->predicted.mapping;
	if (report->predicted.verdict != VERDICT_GRANTED ||
	    !(request.flags & MAP_FIXED_NOREPLACE)) {
		/* It lies in the way of the slots, or nothing is known of it. */
		munmap(address, request.length_bytes);
		read_space(c);
		keep_first_holes(c);
		if (report->predicted.pool >= 0)
			c->model.pool_reserved_pages[report->predicted.pool] -=
				(uint64_t)report->predicted.pool_reserved_pages;
		if (piece.fd >= 0)
			close(piece.fd);
		return;
	}
	if (request.flags & (MAP_POPULATE | MAP_LOCKED))
		piece.touched_pages = UINT64_MAX;
	insert_piece(c, &piece);
}

static void do_protect(struct child *c, const struct op *op, struct report *report)
{
	int i = find_piece(c, op);
	uint64_t start, bytes;
	unsigned int splits;
	struct trial t;
	int error;

	if (i < 0 || c->nr_pieces + 4 > PIECES_MAX)
		return;
	splits = choose_part(c, &c->pieces[i], op->part, &start, &bytes);
	trial_begin(c, &t, report);
	report->asked_bytes = bytes;
	model_protect(&c->model, &c->pieces[i].mapping, bytes, splits, op->protection,
		      &report->predicted);
	report->cautious = report->predicted;
	error = mprotect((void *)(uintptr_t)start, bytes, op->protection) ? errno : 0;
	trial_end(&t, error);
	if (error || report->predicted.verdict != VERDICT_GRANTED)
		return;
	i = (int)cut_piece(c, (unsigned int)i, start, bytes);
	c->pieces[i].mapping.protection = op->protection;
	c->pieces[i].mapping.traits = report->predicted.mapping.traits;
	merge_pieces(c);
}

/* The last piece of its object, so that unmapping it lets the object go. */
static bool last_of_object(const struct child *c, unsigned int except)
{
	for (unsigned int i = 0; i < c->nr_pieces; i++) {
		if (i != except && c->pieces[i].slot == c->pieces[except].slot)
			return false;
	}
	return true;
}

static void do_unmap(struct child *c, const struct op *op, struct report *report)
{
	int i = find_piece(c, op);
	uint64_t start, bytes;
	unsigned int splits;
	bool last;
	struct trial t;
	int error;

	if (i < 0 || c->nr_pieces + 4 > PIECES_MAX)
		return;
	splits = choose_part(c, &c->pieces[i], op->part, &start, &bytes);
	last = splits == 0 && last_of_object(c, (unsigned int)i);
	trial_begin(c, &t, report);
	report->asked_bytes = bytes;
	model_unmap(&c->model, &c->pieces[i].mapping, bytes, splits, last, &report->predicted);
	report->cautious = report->predicted;
	error = munmap((void *)(uintptr_t)start, bytes) ? errno : 0;
	trial_end(&t, error);
	if (error)
		return;
	i = (int)cut_piece(c, (unsigned int)i, start, bytes);
	remove_piece(c, (unsigned int)i);
	/* Its file stays open until the end: its pages would leave Committed_AS later. */
}

static int free_slot(const struct child *c)
{
	for (unsigned int s = 0; s < SLOTS; s++) {
		if (slot_is_free(c, s))
			return (int)s;
	}
	return -1;
}

/* Grow or shrink in place, or move into the slot's spare half, or leave a copy of the range. */
static void do_remap(struct child *c, const struct op *op, struct report *report)
{
	int i = find_piece(c, op), to = free_slot(c), error;
	struct remap_request r;
	struct piece *piece, moved;
	struct trial t;
	uint64_t target;
	void *address;

	if (i < 0 || to < 0 || c->nr_pieces + 4 > PIECES_MAX)
		return;
	piece = &c->pieces[i];
	if (!last_of_object(c, (unsigned int)i))
		return; /* what lies behind it would have to be followed */
	trial_begin(c, &t, report);
	r = (struct remap_request){
		.old_bytes = piece->mapping.length_bytes,
		.new_bytes = op->flags & MREMAP_DONTUNMAP ? piece->mapping.length_bytes
							  : op_bytes(c, op),
		.flags = op->flags,
		.room_bytes = SLOT_STEP - SLOT_SPARE,
		.to_end = true,
	};
	if (r.new_bytes > PLACED_MAX || r.new_bytes < page_size(c))
		r.new_bytes = r.old_bytes + page_size(c);
	if (op->flags & MREMAP_DONTUNMAP)
		r.new_bytes = r.old_bytes;
	/* A locked mapping fills what it grows by. */
	if ((piece->mapping.traits & MAPPED_LOCKED) && r.new_bytes > FILLED_MAX)
		r.new_bytes = r.old_bytes;
	/* Never here: what such a move charges on 6.15 and later stays charged for good. */
	if ((op->flags & MREMAP_FIXED) && r.new_bytes < r.old_bytes)
		r.new_bytes = r.old_bytes;
	target = op->flags ? SLOT_BASE + (unsigned int)to * SLOT_STEP : 0;
	report->asked_bytes = r.new_bytes;
	model_remap(&c->model, &piece->mapping, &r, &report->predicted);
	report->cautious = report->predicted;
	address = mremap((void *)(uintptr_t)piece->address, r.old_bytes, r.new_bytes, r.flags,
			 (void *)(uintptr_t)target);
	error = address == MAP_FAILED ? errno : 0;
	trial_end(&t, error);
	if (error || report->predicted.verdict != VERDICT_GRANTED)
		return;
	moved = *piece;
	moved.address = (uintptr_t)address;
	moved.mapping = report->predicted.mapping;
	moved.slot = op->flags ? (unsigned int)to : piece->slot;
	if (op->flags & MREMAP_DONTUNMAP) {
		piece->mapping.traits &= ~(unsigned int)MAPPED_LOCKED;
		/* Its object now has two mappings; the anon_vma went with the pages. */
		piece->mapping.traits &= ~(unsigned int)MAPPED_TOUCHED;
		piece->mapping.object_charge_bytes = 0;
	} else {
		remove_piece(c, (unsigned int)i);
	}
	insert_piece(c, &moved);
}

static void touch_pages(const struct child *c, uint64_t address, uint64_t pages, bool write)
{
	struct sigaction action = { .sa_handler = touch_handler }, old[2];

	sigaction(SIGBUS, &action, &old[0]);
	sigaction(SIGSEGV, &action, &old[1]);
	if (sigsetjmp(touch_jump, 1) == 0) {
		for (uint64_t i = 0; i < pages; i++) {
			volatile char *at = (char *)(uintptr_t)(address + i * page_size(c));

			if (write)
				*at = 1;
			else
				(void)*at;
		}
	}
	sigaction(SIGBUS, &old[0], NULL);
	sigaction(SIGSEGV, &old[1], NULL);
}

static void do_touch(struct child *c, const struct op *op, struct report *report)
{
	int i = find_piece(c, op);
	struct piece *piece;
	uint64_t pages = 1 + op->piece % 16, room_pages;
	bool write = op->part != 1, object;
	struct trial t;

	if (i < 0)
		return;
	piece = &c->pieces[i];
	/* Only what is whole is followed page by page; huge and object pages only the first. */
	if ((piece->mapping.traits & (MAPPED_STACK | MAPPED_DROPPABLE)) || piece->touched_pages ||
	    !last_of_object(c, (unsigned int)i))
		return;
	object = piece->mapping.object_bytes && !(piece->mapping.traits & MAPPED_HUGETLB);
	if (object && piece->mapping.length_bytes > (1ull << 30))
		return; /* huge pages in a large memfd: another matter */
	room_pages = piece->mapping.length_bytes / page_size(c);
	pages = pages < room_pages ? pages : room_pages;
	trial_begin(c, &t, report);
	report->asked_bytes = pages * page_size(c);
	model_touch(&c->model, &piece->mapping, report->asked_bytes, write, &report->predicted);
	report->cautious = report->predicted;
	touch_signal = 0;
	touch_pages(c, piece->address, pages, write);
	trial_end(&t, 0);
	touch_signal = 0;
	if (report->predicted.verdict != VERDICT_GRANTED)
		return;
	if (object || (piece->mapping.traits & MAPPED_HUGETLB))
		piece->touched_pages = pages;
	piece->mapping.traits = report->predicted.mapping.traits;
	piece->mapping.object_charge_bytes = report->predicted.mapping.object_charge_bytes;
}

static void do_fork(struct child *c, struct report *report)
{
	int gate[2], error = 0;
	uint64_t largest_run;
	struct trial t;
	char byte;
	pid_t pid;

	if (pipe2(gate, O_CLOEXEC))
		return;
	trial_begin(c, &t, report);
	count_accounts(c, &largest_run);
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

static void prepare_process(struct child *c)
{
	const struct sequence *s = c->sequence;
	struct process_memory now;

	mallopt(M_TRIM_THRESHOLD, 1 << 30);
	mallopt(M_MMAP_THRESHOLD, 32 << 20);
	mallopt(M_TOP_PAD, 1 << 20);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	c->meminfo = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
	c->policy = open(VM "overcommit_memory", O_WRONLY | O_CLOEXEC);
	/*
	 * total_vm / 32 is then larger than the reserve: this process is refused while others still
	 * have the reserve left, and none of them suffers.
	 */
	mmap(NULL, FILLER_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (s->drop_admin || s->drop_lock) {
		if (drop_capabilities(s->drop_admin, s->drop_lock) == 0) {
			c->host.cap_sys_admin = c->host.cap_sys_admin && !s->drop_admin;
			c->host.cap_ipc_lock = c->host.cap_ipc_lock && !s->drop_lock;
		}
	}
	process_memory_read(&now, PROCESS_ACCOUNTS, NULL); /* what it allocates stays */
	process_memory_read(&now, PROCESS_ACCOUNTS, NULL);
	if (s->as_pages != UINT64_MAX)
		c->host.limit_as = now.total_vm_bytes + s->as_pages * c->host.page_bytes;
	if (s->data_pages != UINT64_MAX)
		c->host.limit_data = now.data_vm_bytes + s->data_pages * c->host.page_bytes;
	c->host.limit_memlock = s->memlock_pages * c->host.page_bytes;
	set_limit(RLIMIT_MEMLOCK, c->host.limit_memlock);
	set_limit(RLIMIT_AS, c->host.limit_as);
	set_limit(RLIMIT_DATA, c->host.limit_data);
	model_init(&c->model, &c->host, &now);
	c->first = now;
	c->base_accounted = now.accounted_bytes;
	c->base_largest = now.largest_accounted_bytes;
}

static void carry_out(struct child *c)
{
	for (unsigned int i = 0; i < c->sequence->nr_ops; i++) {
		const struct op *op = &c->sequence->ops[i];
		struct report *report = &c->shared->reports[i];

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
		default:
			do_fork(c, report);
			break;
		}
		if (report->done &&
		    (report->error != 0) != (report->predicted.verdict == VERDICT_REFUSED))
			return; /* from here on the two know different things */
	}
}

/* At the end the kernel's own counters of the process must be the model's. */
static void compare_counters(struct child *c)
{
	struct process_memory now, model = c->model.process;

	if (process_memory_read(&now, PROCESS_MAPS, NULL) < 0)
		return;
	c->shared->end_total = (int64_t)(model.total_vm_bytes - now.total_vm_bytes);
	c->shared->end_data = (int64_t)(model.data_vm_bytes - now.data_vm_bytes);
	c->shared->end_locked = (int64_t)(model.locked_vm_bytes - now.locked_vm_bytes);
	c->shared->ended = true;
}

static void run_child(const struct sequence *s, struct shared *shared)
{
	static struct child c;

	c = (struct child){ .sequence = s, .shared = shared, .host = host_now };
	prepare_process(&c);
	carry_out(&c);
	compare_counters(&c);
	_exit(0);
}

/* ---- Judging ---- */

enum judgement { AGREES, DIFFERS_HARD, DIFFERS_FIGURES };

/* What is said and what was, of one request. */
static enum judgement judge(const struct report *r, char *ret, size_t length)
{
	const struct prediction *p = &r->predicted;
	int said = p->verdict == VERDICT_REFUSED ? p->error : 0;
	int said_signal = p->verdict == VERDICT_DEFERRED ? rule_get(p->rule)->signal : 0;
	int64_t figure = p->verdict == VERDICT_GRANTED ? p->committed_bytes : 0;

	if (!r->done || p->verdict == VERDICT_INDETERMINATE)
		return AGREES;
	if (said != r->error || said_signal != r->signal) {
		snprintf(ret, length,
			 "model: %s (%s), kernel: %s%s%s; asked %" PRIu64 ", compared %" PRIu64
			 " with %" PRIu64,
			 said ? errno_name(said) : verdict_name(p->verdict),
			 rule_get(p->rule)->name, r->error ? errno_name(r->error) : "ok",
			 r->signal ? " " : "", r->signal ? signal_name(r->signal) : "",
			 r->asked_bytes, p->asked_bytes, p->limit_bytes);
		return DIFFERS_HARD;
	}
	if (r->cautious.verdict != VERDICT_INDETERMINATE && r->cautious.verdict != p->verdict) {
		snprintf(ret, length,
			 "with the counter's whole slack the model says %s, exactly %s",
			 verdict_name(r->cautious.verdict), verdict_name(p->verdict));
		return DIFFERS_HARD;
	}
	if (p->verdict != VERDICT_DEFERRED && figure != r->committed_bytes) {
		snprintf(ret, length,
			 "Committed_AS changed by %" PRId64 ", model: %" PRId64 "; asked %" PRIu64,
			 r->committed_bytes, figure, r->asked_bytes);
		return DIFFERS_FIGURES;
	}
	return AGREES;
}

struct judged {
	enum judgement judgement;
	int64_t off; /* DIFFERS_FIGURES: kernel less model */
	int op;      /* −1: the counters at the end */
	char text[400];
};

static void judge_all(const struct sequence *s, const struct shared *shared, int status,
		      struct judged *ret)
{
	*ret = (struct judged){ .judgement = AGREES, .op = -1 };
	for (unsigned int i = 0; i < s->nr_ops; i++) {
		ret->judgement = judge(&shared->reports[i], ret->text, sizeof(ret->text));
		ret->op = (int)i;
		ret->off = shared->reports[i].committed_bytes -
			   shared->reports[i].predicted.committed_bytes;
		if (ret->judgement != AGREES)
			return;
	}
	ret->op = -1;
	if (status != 0) {
		ret->judgement = DIFFERS_HARD;
		snprintf(ret->text, sizeof(ret->text), "the child ended with status %#x", status);
	} else if (shared->ended && (shared->end_total || shared->end_data || shared->end_locked)) {
		ret->judgement = DIFFERS_HARD;
		snprintf(ret->text, sizeof(ret->text),
			 "at the end model less kernel: total_vm %" PRId64 ", data_vm %" PRId64
			 ", locked_vm %" PRId64,
			 shared->end_total, shared->end_data, shared->end_locked);
	}
}

static void run_once(const struct sequence *s, struct shared *shared, struct judged *ret)
{
	int status = -1;
	pid_t pid;

	memset(shared, 0, sizeof(*shared));
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		run_child(s, shared);
	waitpid(pid, &status, 0);
	judge_all(s, shared, status, ret);
}

/* The same thing wrong at the same place; for figures, by the same amount. */
static bool alike(const struct judged *a, const struct judged *b)
{
	return a->judgement == b->judgement && a->op == b->op &&
	       (a->judgement != DIFFERS_FIGURES || a->off == b->off);
}

/* Others change Committed_AS too: what differs must differ alike every time. */
static void run_judged(const struct sequence *s, struct shared *shared, struct judged *ret)
{
	unsigned int nr_alike = 1;
	struct judged again;

	run_once(s, shared, ret);
	for (int i = 0; i < TRIES && ret->judgement != AGREES; i++) {
		tally.repeated++;
		run_once(s, shared, &again);
		nr_alike = alike(ret, &again) ? nr_alike + 1 : 1;
		*ret = again;
		if (nr_alike >= ALIKE)
			return;
	}
	if (ret->judgement != AGREES) {
		tally.disturbed++;
		ret->judgement = AGREES;
	}
}

static void count_reports(const struct sequence *s, const struct shared *shared)
{
	for (unsigned int i = 0; i < s->nr_ops; i++) {
		const struct report *r = &shared->reports[i];

		if (!r->done)
			continue;
		tally.requests++;
		tally.granted += r->predicted.verdict == VERDICT_GRANTED;
		tally.refused += r->predicted.verdict == VERDICT_REFUSED;
		tally.deferred += r->predicted.verdict == VERDICT_DEFERRED;
		tally.indeterminate += r->predicted.verdict == VERDICT_INDETERMINATE;
		tally.cautious_open += r->cautious.verdict == VERDICT_INDETERMINATE;
		if (r->predicted.verdict != VERDICT_GRANTED)
			tally.rules[r->predicted.rule]++;
	}
}

/* ---- Shrinking and telling ---- */

static bool still_differs(const struct sequence *s, struct shared *shared, struct judged *ret)
{
	run_judged(s, shared, ret);
	return ret->judgement != AGREES;
}

/* Leave out one operation or one condition after the other, as long as it still differs. */
static void shrink(struct sequence *s, struct shared *shared, struct judged *judged)
{
	bool smaller = true;

	while (smaller) {
		smaller = false;
		for (unsigned int i = 0; i < s->nr_ops; i++) {
			struct sequence without = *s;

			memmove(&without.ops[i], &without.ops[i + 1],
				(s->nr_ops - i - 1) * sizeof(s->ops[0]));
			without.nr_ops--;
			if (still_differs(&without, shared, judged)) {
				*s = without;
				smaller = true;
				break;
			}
		}
		for (int field = 0; field < 4 && !smaller; field++) {
			struct sequence plain = *s;

			if (field == 0)
				plain.as_pages = UINT64_MAX;
			else if (field == 1)
				plain.data_pages = UINT64_MAX;
			else if (field == 2)
				plain.drop_admin = false;
			else
				plain.drop_lock = false;
			if (memcmp(&plain, s, sizeof(plain)) &&
			    still_differs(&plain, shared, judged)) {
				*s = plain;
				smaller = true;
			}
		}
	}
	still_differs(s, shared, judged);
}

static void describe_flags(const struct op *op, char *ret, size_t length)
{
	snprintf(ret, length, "%s%s%s%s%s%s%s",
		 (op->flags & MAP_TYPE) == MAP_PRIVATE     ? "private"
		 : (op->flags & MAP_TYPE) == MAP_DROPPABLE ? "droppable"
							   : "shared",
		 op->flags & MAP_HUGETLB     ? " hugetlb"
		 : op->flags & MAP_ANONYMOUS ? " anonymous"
					     : "",
		 op->backing == BACKING_MEMFD   ? " memfd"
		 : op->backing == BACKING_FILE  ? " file"
		 : op->backing == BACKING_TMPFS ? " tmpfs"
						: "",
		 op->flags & MAP_NORESERVE ? " noreserve" : "",
		 op->flags & MAP_GROWSDOWN ? " growsdown" : "",
		 op->flags & MAP_LOCKED ? " locked" : "",
		 op->flags & MAP_POPULATE ? " populate" : "");
}

static const char *protection_words(int protection)
{
	static const char *const words[] = { "none",          "read",
					     "write",         "read write",
					     "execute",       "read execute",
					     "write execute", "read write execute" };

	return words[protection & 7];
}

static void print_sequence(const struct sequence *s, const struct shared *shared)
{
	static const char *const kinds[] = { "map", "protect", "remap", "unmap", "touch", "fork" };

	printf("  limits: AS %" PRId64 " pages, DATA %" PRId64 " pages, MEMLOCK %" PRIu64
	       " pages%s%s\n",
	       (int64_t)s->as_pages, (int64_t)s->data_pages, s->memlock_pages,
	       s->drop_admin ? ", without CAP_SYS_ADMIN" : "",
	       s->drop_lock ? ", without CAP_IPC_LOCK" : "");
	for (unsigned int i = 0; i < s->nr_ops; i++) {
		const struct op *op = &s->ops[i];
		const struct report *r = &shared->reports[i];
		char flags[100];

		describe_flags(op, flags, sizeof(flags));
		printf("  %u. %s slot %u, near %s %+" PRId64 " pages - %u B, %s, part %u, %s%#x: "
		       "asked %" PRIu64 ", model %s/%s %+" PRId64 ", kernel %s %+" PRId64 "%s\n",
		       i + 1, kinds[op->kind], op->slot, near_names[op->near], op->offset_pages,
		       op->odd_bytes, protection_words(op->protection), op->part,
		       op->kind == OP_MAP ? flags : "", (unsigned int)op->flags, r->asked_bytes,
		       verdict_name(r->predicted.verdict), rule_get(r->predicted.rule)->name,
		       r->predicted.committed_bytes, r->error ? errno_name(r->error) : "ok",
		       r->committed_bytes, r->done ? "" : " (not carried out)");
	}
}

/* One map, or a map and what follows on it, can be said as a scenario; the rest cannot. */
static void save_scenario(const struct sequence *s, const struct shared *shared, uint64_t seed)
{
	static const char *const modes[] = { "heuristic", "always", "never" };
	const struct op *op = &s->ops[0];
	const char *folder = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
	char path[300], flags[100];
	FILE *file;

	if (s->nr_ops != 1 || op->kind != OP_MAP || s->drop_admin || s->drop_lock ||
	    s->as_pages != UINT64_MAX || s->data_pages != UINT64_MAX)
		return;
	snprintf(path, sizeof(path), "%s/overmap-disagreement-%" PRIu64 ".yaml", folder, seed);
	file = fopen(path, "we");
	if (!file)
		return;
	describe_flags(op, flags, sizeof(flags));
	fprintf(file,
		"scenario: disagreement\nsummary: The model and the kernel disagree (seed %" PRIu64
		").\n\nmatrix:\n  overcommit: [%s]\n  flags: [%s]\n  protection: [%s]\n"
		"  size: [%" PRIu64 "B]\n\nsteps:\n  - map\n  - unmap\n\nexpect: model\n",
		seed, modes[host_now.overcommit], flags, protection_words(op->protection),
		shared->reports[0].asked_bytes);
	fclose(file);
	printf("  saved as %s\n", path);
}

static uint64_t number_from(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);
	uint64_t value;

	return text && count_parse(text, &value, NULL) == 0 ? value : otherwise;
}

static void print_tally(const char *mode, uint64_t elapsed_ns)
{
	printf("%s: %" PRIu64 " requests in %.1f s: %" PRIu64 " granted, %" PRIu64
	       " refused, %" PRIu64 " deferred, %" PRIu64 " indeterminate (%" PRIu64
	       " with the counter's whole slack); %" PRIu64 " sequences repeated, %" PRIu64
	       " disturbed by others, %" PRIu64 " disagreements\n ",
	       mode, tally.requests, (double)elapsed_ns / 1e9, tally.granted, tally.refused,
	       tally.deferred, tally.indeterminate, tally.cautious_open, tally.repeated,
	       tally.disturbed, tally.disagreed);
	for (unsigned int i = 1; i < RULES; i++) {
		if (tally.rules[i])
			printf(" %s %" PRIu64, rule_get((enum rule_id)i)->name, tally.rules[i]);
	}
	printf("\n");
}

/* Committed_AS of the machine, in bytes. */
static uint64_t machine_committed(void)
{
	struct child c = { .meminfo = open("/proc/meminfo", O_RDONLY | O_CLOEXEC) };
	uint64_t bytes = committed_now(&c);

	close(c.meminfo);
	return bytes;
}

/* Others come and go; what is still there after twenty seconds has been lost. */
static bool committed_stays_high(uint64_t before)
{
	for (int i = 0; i < 2000; i++) {
		if (machine_committed() <= before + LEAK_MAX)
			return false;
		usleep(10000);
	}
	return true;
}

/* All requests of one mode. */
static void try_mode(const char *name)
{
	uint64_t wanted = number_from("OVERMAP_PROPERTY_REQUESTS",
				      getenv("OVERMAP_STRESS") ? 10000 : 2000);
	uint64_t seed = number_from("OVERMAP_PROPERTY_SEED", 0), started = clock_now_ns();
	struct shared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct random seeds;
	uint64_t sequences = 0, committed = machine_committed();

	assert_true(shared != MAP_FAILED);
	assert_int_equal(host_read(&host_now, NULL), 0);
	if (!seed)
		seed = random_seed() >> 16;
	tally = (struct tally){ 0 };
	printf("%s: seed %" PRIu64 "\n", name, seed);
	seeds.state = seed;
	for (; tally.requests < wanted; sequences++) {
		struct random r = { .state = random_next(&seeds) };
		struct sequence s;
		struct judged judged;

		random_sequence(&r, &s);
		run_judged(&s, shared, &judged);
		count_reports(&s, shared);
		if (committed_stays_high(committed))
			fail_msg("after sequence %" PRIu64 " Committed_AS stays too high: the "
				 "kernel has lost count, or something large has started",
				 sequences);
		if (judged.judgement == AGREES)
			continue;
		if (++tally.disagreed > 3)
			continue;
		shrink(&s, shared, &judged);
		if (judged.judgement == AGREES) { /* it was the others after all */
			tally.disagreed--;
			tally.disturbed++;
			continue;
		}
		printf("%s: seed %" PRIu64 " sequence %" PRIu64 ": %s\n", name, seed, sequences,
		       judged.text);
		print_sequence(&s, shared);
		save_scenario(&s, shared, seed);
	}
	print_tally(name, clock_now_ns() - started);
	fflush(stdout);
	munmap(shared, sizeof(*shared));
	assert_int_equal(tally.disagreed, 0);
	assert_true(tally.indeterminate * 100 <= tally.requests);
	assert_true(tally.disturbed * 20 <= sequences);
}

static bool may_write_settings(void)
{
	return access(VM "overcommit_memory", W_OK) == 0;
}

static void set_mode(uint64_t mode)
{
	struct process_memory process;
	uint64_t now;

	if (process_memory_read(&process, PROCESS_MAPS, NULL) < 0 ||
	    process.total_vm_bytes > SLOT_BASE / 4) {
		print_message("SKIP: property: the sanitizers' shadow is in the way\n");
		skip();
	}
	if (!may_write_settings()) {
		if (file_read_u64(VM "overcommit_memory", &now) == 0 && now == mode)
			return;
		print_message("SKIP: property: may not write vm.overcommit_memory\n");
		skip();
	}
	assert_int_equal(write_number(VM "overcommit_memory", mode), 0);
}

static void heuristic(void **state)
{
	(void)state;
	set_mode(OVERCOMMIT_HEURISTIC);
	try_mode("heuristic");
}

static void always(void **state)
{
	(void)state;
	set_mode(OVERCOMMIT_ALWAYS);
	try_mode("always");
}

static void never(void **state)
{
	(void)state;
	if (may_write_settings())
		write_number(VM "user_reserve_kbytes", RESERVE_KIB);
	set_mode(OVERCOMMIT_NEVER);
	try_mode("never");
}

static void never_with_kbytes(void **state)
{
	(void)state;
	if (!may_write_settings()) {
		print_message("SKIP: property: may not write vm.overcommit_kbytes\n");
		skip();
	}
	assert_int_equal(write_number(VM "overcommit_kbytes", host_now.ram_bytes / 1024 / 3 * 2),
			 0);
	set_mode(OVERCOMMIT_NEVER);
	try_mode("never, with kbytes");
}

static pid_t worker;

static void pass_on(int number)
{
	(void)number;
	kill(worker, SIGKILL);
}

static int run_modes(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heuristic),
		cmocka_unit_test(always),
		cmocka_unit_test(never),
		cmocka_unit_test(never_with_kbytes),
	};

	write_number("/proc/self/oom_score_adj", 1000);
	if (may_write_settings() && saved_known[4] && saved[4] < 8)
		write_number(POOL, 8);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The parent only waits and restores, whatever becomes of the worker. */
int main(void)
{
	struct sigaction action = { .sa_handler = pass_on };
	int status = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	save_settings();
	worker = fork();
	if (worker < 0)
		return 1;
	if (worker == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(run_modes());
	}
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	while (waitpid(worker, &status, 0) < 0 && errno == EINTR)
		;
	restore_settings();
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
