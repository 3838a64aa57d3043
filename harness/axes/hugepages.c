/* SPDX-License-Identifier: MIT */
/*
 * Axis `hugepages`: which size of page a mapping is meant to get, and by which way. The words after
 * `thp` make this process behave as though /sys/kernel/mm/transparent_hugepage/enabled said them:
 *
 *   as-set       nothing is advised: the system's setting decides
 *   none         this mapping gets none: MADV_NOHUGEPAGE
 *   thp always   this mapping gets them: MADV_HUGEPAGE; where the system says never, a skip
 *   thp madvise  the same, but nothing else in the process gets any. Differs from `thp always`
 *                only where the system says always; there it needs a prctl() of Linux 6.18
 *   thp never    nothing in the process gets any: prctl(PR_SET_THP_DISABLE)
 *   thp 64KiB    huge pages of that size and no other: system-wide settings, and MADV_HUGEPAGE
 *   hugetlb 2MiB pages out of that pool, which is enlarged where it is too small
 */
#include "axes/rows.h"
#include "axes/words.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#ifndef MAP_HUGE_SHIFT
#define MAP_HUGE_SHIFT 26
#endif

enum kind {
	KIND_AS_SET,
	KIND_NONE,
	KIND_THP_ALWAYS,
	KIND_THP_MADVISE,
	KIND_THP_NEVER,
	KIND_THP_SIZE,
	KIND_HUGETLB,
};

static const char *const kind_names[] = {
	"as-set",    "none",      "thp always",   "thp madvise",
	"thp never", "thp 64KiB", "hugetlb 2MiB", NULL,
};

struct value {
	enum kind kind;
	uint64_t page_bytes; /* THP_SIZE, HUGETLB */
};

static int parse_page_size(const char *text, struct value *v, struct error *err)
{
	struct size size;
	int r = size_parse(text, &size, err);

	if (r)
		return -EINVAL;
	if (size.base != SIZE_ABSOLUTE || size.add_pages || !size.add_bytes ||
	    size.add_bytes & (size.add_bytes - 1))
		return error_set(err, -EINVAL, "\"%s\" is not the size of a page: try 2MiB", text);
	v->page_bytes = size.add_bytes;
	return 0;
}

static int parse_words(const struct words *words, const char *text, struct value *v,
		       struct error *err)
{
	const char *first = words->word[0], *second = words->n > 1 ? words->word[1] : NULL;
	int r;

	if (words->n == 2 && second[0] >= '0' && second[0] <= '9' &&
	    (strcmp(first, "thp") == 0 || strcmp(first, "hugetlb") == 0)) {
		v->kind = first[0] == 't' ? KIND_THP_SIZE : KIND_HUGETLB;
		return parse_page_size(second, v, err);
	}
	if (words->n == 1 && strcmp(first, "thp") == 0) {
		v->kind = KIND_THP_ALWAYS;
		return 0;
	}
	if (words->n == 1 && strcmp(first, "hugetlb") == 0)
		return error_set(err, -EINVAL, "hugetlb needs a size: try \"hugetlb 2MiB\"");
	r = word_index(text, "kind of huge pages", kind_names, err);
	if (r < 0)
		return r;
	v->kind = (enum kind)r;
	return 0;
}

static int parse(const struct field *fields, size_t n, void *value, size_t *ret_bad,
		 struct error *err)
{
	struct words words;
	int r = words_split(fields[0].text, &words, err);

	(void)n;
	*ret_bad = 0;
	return r ? r : parse_words(&words, fields[0].text, value, err);
}

static void format(const void *value, char *ret, size_t length)
{
	const struct value *v = value;
	char size[32];

	if (v->kind == KIND_THP_SIZE || v->kind == KIND_HUGETLB)
		snprintf(ret, length, "%s %s", v->kind == KIND_HUGETLB ? "hugetlb" : "thp",
			 bytes_format_exact(v->page_bytes, size, sizeof(size)));
	else
		snprintf(ret, length, "%s", kind_names[v->kind]);
}

/* What `enabled` says, or will say once the settings of this cell are written. */
static const char *thp_enabled(const struct host *host, const struct conditions *c)
{
	const char *wanted = conditions_wanted(c, "thp.enabled");

	return wanted ? wanted : host->thp_enabled;
}

/*
 * Shared anonymous memory and memfd have a setting of their own, stock `never`. A tmpfs that is
 * mounted goes by its mount option, and other files by what their file system can do: whether that
 * gave huge pages shows in what was achieved.
 */
static int want_shmem(const struct host *host, struct conditions *c, struct error *err)
{
	bool shmem = c->map.backing == BACKING_MEMFD ||
		     (c->map.backing == BACKING_ANONYMOUS && c->map.flags & MAP_SHARED);
	const char *now = conditions_wanted(c, "thp.shmem_enabled");

	if (!now)
		now = host->thp_shmem_enabled;
	if (!shmem || (strcmp(now, "never") != 0 && strcmp(now, "deny") != 0))
		return 0;
	return conditions_want(c, "thp.shmem_enabled", "advise", err);
}

static int check_thp(const struct host *host, const struct conditions *c, struct error *err)
{
	if (!host->thp_available)
		return error_set(err, -ENOTSUP,
				 "this kernel is built without transparent huge pages");
	if (c->map.flags & MAP_HUGETLB)
		return error_set(err, -ENOTSUP,
				 "a mapping of hugetlb pages takes no transparent ones");
	return 0;
}

static int resolve_thp(enum kind kind, const struct host *host, struct conditions *c,
		       struct error *err)
{
	const char *enabled = thp_enabled(host, c);
	int r = check_thp(host, c, err);

	if (r)
		return r;
	if (kind == KIND_THP_NEVER) {
		c->thp_process_never = true;
		return 0;
	}
	if (strcmp(enabled, "never") == 0)
		return error_set(err, -ENOTSUP,
				 "transparent huge pages are off here (enabled says never), and "
				 "advice does not turn them on");
	if (kind == KIND_THP_MADVISE && strcmp(enabled, "always") == 0) {
		if (!host_kernel_is(host, 6, 18))
			return error_set(
				err, -ENOTSUP,
				"the system gives them to all (enabled says always), and "
				"to narrow that for a process needs Linux 6.18, this is %s",
				host->kernel_release);
		c->thp_process_advised = true;
	}
	c->map.thp = THP_ALWAYS;
	return want_shmem(host, c, err);
}

static bool has_thp_size(const struct host *host, uint64_t page_bytes)
{
	for (unsigned int i = 0; i < host->nr_thp_sizes; i++)
		if (host->thp_sizes[i] == page_bytes)
			return true;
	return false;
}

/* The kernel takes the largest size that it may: to get one size, the others must be off. */
static int want_sizes(uint64_t page_bytes, const struct host *host, struct conditions *c,
		      struct error *err)
{
	char name[64], size[32];
	int r = 0;

	for (unsigned int i = 0; !r && i < host->nr_thp_sizes; i++) {
		snprintf(name, sizeof(name), "thp.%s.enabled",
			 bytes_format_exact(host->thp_sizes[i], size, sizeof(size)));
		r = conditions_want(c, name, host->thp_sizes[i] == page_bytes ? "madvise" : "never",
				    err);
	}
	return r;
}

static int resolve_thp_size(uint64_t page_bytes, const struct host *host, struct conditions *c,
			    struct error *err)
{
	char text[32];
	int r = check_thp(host, c, err);

	if (r)
		return r;
	/* Before 6.8 there was one size, and no setting for it. */
	if (!host->nr_thp_sizes && page_bytes == host->thp_pmd_bytes)
		return resolve_thp(KIND_THP_ALWAYS, host, c, err);
	if (!has_thp_size(host, page_bytes))
		return error_set(err, -ENOTSUP, "this kernel has no transparent pages of %s",
				 bytes_format(page_bytes, text, sizeof(text)));
	/* The sizes below the PMD's are for private anonymous memory. */
	if (c->map.backing != BACKING_ANONYMOUS || c->map.flags & MAP_SHARED)
		return error_set(err, -ENOTSUP,
				 "a size of transparent pages can be asked for only for private "
				 "anonymous memory");
	c->map.thp = THP_ALWAYS;
	c->map.thp_page_bytes = page_bytes;
	return want_sizes(page_bytes, host, c, err);
}

static int no_pool(uint64_t page_bytes, const struct host *host, struct error *err)
{
	char wanted[32], known[160] = "none", one[32];
	size_t used = 0;

	for (unsigned int i = 0; i < host->nr_pools && used < sizeof(known); i++)
		used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s",
					 used ? ", " : "",
					 bytes_format(host->pools[i].page_bytes, one, sizeof(one)));
	return error_set(err, -ENOTSUP, "this kernel has no pool of %s pages (it has %s)",
			 bytes_format(page_bytes, wanted, sizeof(wanted)), known);
}

/*
 * Want the pool to have room for all mappings of the cell beside what is in use. The pool as it was
 * at the start counts, so that the answer is the same whether or not an earlier cell has enlarged
 * it.
 */
static int want_pool(const struct host_pool *pool, const struct host *host, struct conditions *c,
		     struct error *err)
{
	uint64_t in_use = pool->total - pool->free + pool->reserved;
	uint64_t needed = conditions_huge_pages(c), more;
	char size[32], page[32], left[32], name[64], text[24];

	snprintf(name, sizeof(name), "hugetlb.%s",
		 bytes_format_exact(pool->page_bytes, size, sizeof(size)));
	/* The settings of the cell size it themselves, or its size is the question. */
	if (conditions_wanted(c, name) || c->pool_as_it_is)
		return 0;
	c->pool_sized = true;
	if (in_use + needed <= pool->start_total)
		return 0;
	more = in_use + needed > pool->total ? in_use + needed - pool->total : 0;
	bytes_format(pool->page_bytes, page, sizeof(page));
	if (more > host->available_bytes / pool->page_bytes)
		return error_set(err, -ENOTSUP,
				 "%" PRIu64 " pages of %s needed, %" PRIu64
				 " free, and %s of memory available for more",
				 needed, page, pool->free - pool->reserved,
				 bytes_format(host->available_bytes, left, sizeof(left)));
	snprintf(text, sizeof(text), "%" PRIu64, in_use + needed);
	return conditions_want(c, name, text, err);
}

/* A fork's copies are pages that no mapping has reserved: without them its writes are SIGBUS. */
static int resolve_copied(const struct host *host, struct conditions *c, struct error *err)
{
	struct size_bases bases;

	if (!c->copied || (c->map.flags & MAP_TYPE) != MAP_PRIVATE)
		return 0;
	host_size_bases(host, &bases);
	bases.bytes[SIZE_MAPPING] = c->map.length_bytes;
	if (!c->map.length_bytes)
		return 0;
	return size_resolve(c->copied, &bases, &c->copied_bytes, err) ? -ENOTSUP : 0;
}

static int resolve_hugetlb(uint64_t page_bytes, const struct host *host, struct conditions *c,
			   struct error *err)
{
	const struct host_pool *pool = host_pool(host, page_bytes);
	unsigned int log2 = (unsigned int)__builtin_ctzll(page_bytes);
	int r;

	if (!pool)
		return no_pool(page_bytes, host, err);
	switch (c->map.backing) {
	case BACKING_ANONYMOUS:
	case BACKING_HUGETLB:
		if (c->map.flags & MAP_DROPPABLE)
			return error_set(err, -ENOTSUP, "droppable memory has no hugetlb pages");
		c->map.backing = BACKING_HUGETLB;
		c->map.flags |= MAP_HUGETLB | (int)(log2 << MAP_HUGE_SHIFT);
		break;
	case BACKING_MEMFD: /* sized by memfd_create() */
		break;
	case BACKING_FILE:
	case BACKING_TMPFS:
		return error_set(err, -ENOTSUP,
				 "a file has no hugetlb pages: use flags anonymous or memfd");
	}
	c->map.huge_page_bytes = page_bytes;
	r = resolve_copied(host, c, err);
	return r ? r : want_pool(pool, host, c, err);
}

static int resolve(const void *value, const struct host *host, struct conditions *c,
		   struct error *err)
{
	const struct value *v = value;

	switch (v->kind) {
	case KIND_AS_SET:
		return 0;
	case KIND_NONE:
		/* Without THP, and with hugetlb, there is nothing to keep away. */
		if (host->thp_available && !(c->map.flags & MAP_HUGETLB))
			c->map.thp = THP_NEVER;
		return 0;
	case KIND_THP_ALWAYS:
	case KIND_THP_MADVISE:
	case KIND_THP_NEVER:
		return resolve_thp(v->kind, host, c, err);
	case KIND_THP_SIZE:
		return resolve_thp_size(v->page_bytes, host, c, err);
	case KIND_HUGETLB:
		return resolve_hugetlb(v->page_bytes, host, c, err);
	}
	return 0;
}

const struct axis axis_hugepages = {
	.name = "hugepages",
	.help = "which size of page a mapping is meant to get",
	.forms = "as-set: the system's setting decides\n"
		 "none: MADV_NOHUGEPAGE\n"
		 "thp always: MADV_HUGEPAGE\n"
		 "thp madvise: MADV_HUGEPAGE, and none for the rest of the process\n"
		 "thp never: none for the whole process\n"
		 "thp 64KiB: of that size only (writes THP settings)\n"
		 "hugetlb 2MiB, hugetlb 1GiB: from the pool (a run enlarges it where needed)",
	.initial = "as-set",
	.system_wide = true,
	.of_mapping = true,
	.value_bytes = sizeof(struct value),
	.parse = parse,
	.format = format,
	.resolve = resolve,
};
