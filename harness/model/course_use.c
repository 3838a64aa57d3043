/* SPDX-License-Identifier: MIT */
/* Operations on a mapping that stays as it is: it is touched, locked, advised about. */
#include "model/course_steps.h"

#include "model/check.h"

#include "base/cleanup.h"

#include <errno.h>
#include <sys/mman.h>

void course_touch(struct course *c, const struct op_call *call, struct prediction *ret)
{
	course_reach(c, course_argument(call, "amount", c->mapping.length_bytes),
		     !course_chose(call, "access", "read"), ret);
	if (course_chose(call, "method", "populate")) /* mm/madvise.c madvise_populate() */
		course_no_signal(ret, EINVAL, EFAULT);
}

/* mm/mlock.c do_mlock(); filling it afterwards is __mm_populate(). */
static void lock_all(struct course *c, bool now, struct prediction *ret)
{
	uint64_t bytes = c->mapping.length_bytes;
	uint64_t n = c->conditions->workers == WORKER_THREAD ? c->nr_mappings : 1;
	bool write = c->mapping.protection & PROT_WRITE;

	if (c->mapping.traits & MAPPED_LOCKED)
		bytes = 0; /* not counted twice */
	if (!check_lock(&c->model, bytes * n, true, ret)) {
		if (ret->rule == RULE_LIMIT_MEMLOCK)
			ret->error = ENOMEM; /* where mmap says EAGAIN */
		return;
	}
	if (course_meets_parts(c, 0, c->mapping.length_bytes, ret))
		return;
	if (now)
		course_reach(c, c->mapping.length_bytes, write, ret);
	else
		check_granted(ret);
	course_no_signal(ret, ENOMEM, ENOMEM);
	if (ret->verdict != VERDICT_GRANTED)
		return;
	c->model.process.locked_vm_bytes += bytes * n;
	c->mapping.traits |= MAPPED_LOCKED;
}

void course_lock(struct course *c, const struct op_call *call, struct prediction *ret)
{
	lock_all(c, !course_chose(call, "pages", "on-fault"), ret);
}

void course_unlock(struct course *c, const struct op_call *call, struct prediction *ret)
{
	uint64_t bytes = c->mapping.length_bytes * c->nr_mappings;
	uint64_t *locked = &c->model.process.locked_vm_bytes;

	(void)call;
	if (course_meets_parts(c, 0, c->mapping.length_bytes, ret))
		return;
	check_granted(ret);
	if (c->mapping.traits & MAPPED_LOCKED)
		*locked = *locked > bytes ? *locked - bytes : 0;
	c->mapping.traits &= ~(unsigned int)MAPPED_LOCKED;
}

/* Locked and hugetlb mappings refuse to give pages back, and MADV_FREE is for anonymous ones. */
static bool can_give_back(const struct course *c, bool lazily)
{
	if (c->mapping.traits & (MAPPED_LOCKED | MAPPED_HUGETLB))
		return false;
	return !lazily || (c->mapping.traits & MAPPED_ANONYMOUS);
}

/* mm/madvise.c */
void course_advise(struct course *c, const struct op_call *call, struct prediction *ret)
{
	static const char *const harmless[] = { "normal", "random",   "sequential", "dontfork",
						"dofork", "dontdump", NULL };
	uint64_t bytes = course_argument(call, "amount", c->mapping.length_bytes);
	bool read = course_chose(call, "advice", "populate_read");
	bool huge = c->mapping.traits & MAPPED_HUGETLB;

	if (read || course_chose(call, "advice", "populate_write")) {
		course_reach(c, bytes, !read, ret);
		course_no_signal(ret, EINVAL, EFAULT);
		return;
	}
	course_leave_open(c, ret);
	if (course_choice(call, "advice", harmless) >= 0 ||
	    (course_chose(call, "advice", "dontneed") && can_give_back(c, false)) ||
	    (course_chose(call, "advice", "free") && can_give_back(c, true)) ||
	    (!huge && (course_chose(call, "advice", "hugepage") ||
		       course_chose(call, "advice", "nohugepage"))))
		ret->verdict = VERDICT_GRANTED;
	if (ret->verdict == VERDICT_GRANTED)
		course_meets_parts(c, 0, bytes, ret);
}

void course_refault(struct course *c, const struct op_call *call, struct prediction *ret)
{
	if (!can_give_back(c, course_chose(call, "by", "free"))) {
		course_leave_open(c, ret);
		return;
	}
	course_reach(c, c->mapping.length_bytes, true, ret);
}

void course_fill(struct course *c, const struct op_call *call, struct prediction *ret)
{
	course_reach(c, c->mapping.length_bytes, true, ret);
	c->filled = ret->verdict == VERDICT_GRANTED;
	c->pattern = course_argument(call, "pattern", 0);
	c->seed = course_argument(call, "seed", 0);
}

/* Whether the contents are the pattern is no matter of rules, unless just that was filled in. */
void course_verify(struct course *c, const struct op_call *call, struct prediction *ret)
{
	bool same = c->filled && c->pattern == course_argument(call, "pattern", 0) &&
		    (c->seed == course_argument(call, "seed", 0) ||
		     !course_chose(call, "pattern", "random"));

	course_reach(c, c->mapping.length_bytes, false, ret);
	if (ret->verdict == VERDICT_GRANTED && !same)
		course_leave_open(c, ret);
}

void course_chase(struct course *c, const struct op_call *call, struct prediction *ret)
{
	(void)call;
	course_reach(c, c->mapping.length_bytes, true,
		     ret); /* the cycle lies in the range itself */
}

void course_stream(struct course *c, const struct op_call *call, struct prediction *ret)
{
	course_reach(c, c->mapping.length_bytes, !course_chose(call, "kind", "read"), ret);
}

/* What it takes to register a range is more than rules of memory. */
void course_userfault(struct course *c, const struct op_call *call, struct prediction *ret)
{
	/* It first gives back what was there. */
	if (!can_give_back(c, false))
		course_leave_open(c, ret);
	else
		course_reach(c, course_argument(call, "amount", c->mapping.length_bytes),
			     course_chose(call, "access", "write") ||
				     course_chose(call, "serve", "copy"),
			     ret);
}

void course_sync(struct course *c, const struct op_call *call, struct prediction *ret)
{
	check_granted(ret);
	if (course_chose(call, "mode", "invalidate") && (c->mapping.traits & MAPPED_LOCKED))
		course_leave_open(c, ret);
	else
		course_meets_parts(c, 0, c->mapping.length_bytes, ret);
}

void course_move(struct course *c, const struct op_call *call, struct prediction *ret)
{
	(void)call;
	check_granted(ret);
	if (c->mapping.traits & MAPPED_HUGETLB)
		course_leave_open(c, ret);
}

void course_delay(struct course *c, const struct op_call *call, struct prediction *ret)
{
	course_reach(c, course_argument(call, "amount", c->mapping.length_bytes), true, ret);
}
