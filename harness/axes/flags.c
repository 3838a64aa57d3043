/* SPDX-License-Identifier: MIT */
/* Axis `flags`: mmap()'s flags as words, and the object behind the mapping. */
#include "axes/rows.h"
#include "axes/words.h"

#include <errno.h>
#include <stdio.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif
#ifndef MAP_SYNC
#define MAP_SYNC 0x080000
#endif

enum group { GROUP_TYPE, GROUP_BACKING, GROUP_OTHER };

/* In the order of the canonical text. */
enum word {
	WORD_PRIVATE,
	WORD_SHARED,
	WORD_DROPPABLE,
	WORD_ANONYMOUS,
	WORD_MEMFD,
	WORD_FILE,
	WORD_TMPFS,
	WORD_HUGETLB,
	WORD_NORESERVE,
	WORD_POPULATE,
	WORD_LOCKED,
	WORD_FIXED_NOREPLACE,
	WORD_STACK,
	WORD_32BIT,
	WORD_SYNC,
	WORDS,
};

static const struct row {
	enum group group;
	int flags;
	enum backing backing;
	unsigned int major, minor; /* kernel that brought it; 0: all have it */
} rows[WORDS] = {
	[WORD_PRIVATE] = { GROUP_TYPE, MAP_PRIVATE, 0, 0, 0 },
	[WORD_SHARED] = { GROUP_TYPE, MAP_SHARED, 0, 0, 0 },
	[WORD_DROPPABLE] = { GROUP_TYPE, MAP_DROPPABLE, 0, 6, 11 },
	[WORD_ANONYMOUS] = { GROUP_BACKING, MAP_ANONYMOUS, BACKING_ANONYMOUS, 0, 0 },
	[WORD_MEMFD] = { GROUP_BACKING, 0, BACKING_MEMFD, 0, 0 },
	[WORD_FILE] = { GROUP_BACKING, 0, BACKING_FILE, 0, 0 },
	[WORD_TMPFS] = { GROUP_BACKING, 0, BACKING_TMPFS, 0, 0 },
	[WORD_HUGETLB] = { GROUP_BACKING, MAP_ANONYMOUS | MAP_HUGETLB, BACKING_HUGETLB, 0, 0 },
	[WORD_NORESERVE] = { GROUP_OTHER, MAP_NORESERVE, 0, 0, 0 },
	[WORD_POPULATE] = { GROUP_OTHER, MAP_POPULATE, 0, 0, 0 },
	[WORD_LOCKED] = { GROUP_OTHER, MAP_LOCKED, 0, 0, 0 },
	[WORD_FIXED_NOREPLACE] = { GROUP_OTHER, MAP_FIXED_NOREPLACE, 0, 4, 17 },
	[WORD_STACK] = { GROUP_OTHER, MAP_STACK, 0, 0, 0 },
	[WORD_32BIT] = { GROUP_OTHER, MAP_32BIT, 0, 0, 0 },
	[WORD_SYNC] = { GROUP_OTHER, MAP_SYNC, 0, 4, 15 },
};

static const char *const names[WORDS + 1] = {
	"private", "shared",  "droppable", "anonymous", "memfd",  "file",
	"tmpfs",   "hugetlb", "noreserve", "populate",  "locked", "fixed-noreplace",
	"stack",   "32bit",   "sync",      NULL,
};

struct value {
	bool has[WORDS];
};

static int add_word(struct value *v, enum word word, struct error *err)
{
	if (v->has[word])
		return error_set(err, -EINVAL, "flag \"%s\" is there twice", names[word]);
	for (unsigned int i = 0; i < WORDS && rows[word].group != GROUP_OTHER; i++)
		if (v->has[i] && rows[i].group == rows[word].group)
			return error_set(err, -EINVAL,
					 "flags \"%s\" and \"%s\" exclude each other: keep one",
					 names[i], names[word]);
	v->has[word] = true;
	return 0;
}

/* Private and anonymous go without saying. */
static void complete(struct value *v)
{
	if (!v->has[WORD_SHARED] && !v->has[WORD_DROPPABLE])
		v->has[WORD_PRIVATE] = true;
	if (!v->has[WORD_MEMFD] && !v->has[WORD_FILE] && !v->has[WORD_TMPFS] &&
	    !v->has[WORD_HUGETLB])
		v->has[WORD_ANONYMOUS] = true;
}

static int check(const struct value *v, struct error *err)
{
	if (v->has[WORD_SYNC] && !(v->has[WORD_SHARED] && v->has[WORD_FILE]))
		return error_set(err, -EINVAL,
				 "flag \"sync\" needs a shared file: try \"shared file sync\"");
	if (v->has[WORD_DROPPABLE] && !v->has[WORD_ANONYMOUS])
		return error_set(err, -EINVAL,
				 "flag \"droppable\" is for anonymous memory: try \"droppable\"");
	return 0;
}

static int parse(const struct field *fields, size_t n, void *value, size_t *ret_bad,
		 struct error *err)
{
	struct words words;
	struct value *v = value;
	int r = words_split(fields[0].text, &words, err);

	(void)n;
	*ret_bad = 0;
	for (unsigned int i = 0; !r && i < words.n; i++) {
		int word = word_index(words.word[i], "flag", names, err);

		r = word < 0 ? word : add_word(v, (enum word)word, err);
	}
	if (r)
		return r;
	complete(v);
	return check(v, err);
}

static void format(const void *value, char *ret, size_t length)
{
	const struct value *v = value;
	size_t used = 0;

	ret[0] = '\0';
	for (unsigned int i = 0; i < WORDS && used < length; i++)
		if (v->has[i])
			used += (size_t)snprintf(ret + used, length - used, "%s%s", used ? " " : "",
						 names[i]);
}

/* Does the host have what the word asks for? */
static int possible(enum word word, const struct host *host, struct error *err)
{
	const struct row *row = &rows[word];

	if (row->major && !host_kernel_is(host, row->major, row->minor))
		return error_set(err, -ENOTSUP, "%s needs Linux %u.%u, this is %s", names[word],
				 row->major, row->minor, host->kernel_release);
	if (word == WORD_32BIT && !MAP_32BIT)
		return error_set(err, -ENOTSUP, "32bit is for x86 only");
	if (word == WORD_HUGETLB && !host->hugetlb_default_bytes)
		return error_set(err, -ENOTSUP, "hugetlb: this kernel has no huge page pools");
	return 0;
}

static int resolve(const void *value, const struct host *host, struct conditions *c,
		   struct error *err)
{
	const struct value *v = value;

	for (unsigned int i = 0; i < WORDS; i++) {
		int r = v->has[i] ? possible((enum word)i, host, err) : 0;

		if (r)
			return r;
		if (!v->has[i])
			continue;
		c->map.flags |= rows[i].flags;
		if (rows[i].group == GROUP_BACKING)
			c->map.backing = rows[i].backing;
	}
	/* The kernel looks at MAP_SYNC only with the type that makes it check flags at all. */
	if (v->has[WORD_SYNC])
		c->map.flags |= MAP_SHARED_VALIDATE;
	if (v->has[WORD_HUGETLB])
		c->map.huge_page_bytes = host->hugetlb_default_bytes;
	return 0;
}

const struct axis axis_flags = {
	.name = "flags",
	.help = "mmap() flags and what is behind the mapping",
	.forms = "one of: private, shared, droppable\n"
		 "one of: anonymous, memfd, file, tmpfs, hugetlb\n"
		 "any of: noreserve, populate, locked, fixed-noreplace, stack, 32bit, sync",
	.initial = "private anonymous",
	.of_mapping = true,
	.value_bytes = sizeof(struct value),
	.parse = parse,
	.format = format,
	.resolve = resolve,
};
