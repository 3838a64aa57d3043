// SPDX-License-Identifier: MIT
/* A sequence told: one line an operation, and as a scenario. */
#include "property.h"

#include "base/cleanup.h"
#include "base/size.h"

#include <inttypes.h>
#include <sys/mman.h>

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

static const char *const near_names[NEARS] = {
	"small", "ram+swap",         "commit", "RLIMIT_AS", "RLIMIT_DATA", "RLIMIT_MEMLOCK",
	"hole",  "hole below 2 GiB", "window", "pool",      "large",       "zero",
	"2^64",
};

static void describe_flags(const struct property_op *op, char *ret, size_t length)
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
	static const char *const words[] = { "none", "read",      "write",      "read write",
					     "exec", "read exec", "write exec", "read write exec" };

	return words[protection & 7];
}

void property_print(const struct property_sequence *s, const struct property_shared *shared,
		    const char *indent, FILE *out)
{
	static const char *const kinds[] = { "map", "protect", "remap", "unmap", "touch", "fork" };

	fprintf(out,
		"%slimits: AS %" PRId64 " pages, DATA %" PRId64 " pages, MEMLOCK %" PRIu64
		" pages, %" PRId64 " mappings%s%s\n",
		indent, (int64_t)s->as_pages, s->data_zero ? 0 : (int64_t)s->data_pages,
		s->memlock_pages, (int64_t)s->spare_maps,
		s->drop_admin ? ", without CAP_SYS_ADMIN" : "",
		s->drop_lock ? ", without CAP_IPC_LOCK" : "");
	for (unsigned int i = 0; i < s->nr_ops; i++) {
		const struct property_op *op = &s->ops[i];
		const struct property_report *r = &shared->reports[i];
		char flags[100];

		describe_flags(op, flags, sizeof(flags));
		fprintf(out,
			"%s%u. %s slot %u, near %s %+" PRId64 " pages - %u B, %s, part %u, %s%#x: "
			"asked %" PRIu64 ", model %s/%s %+" PRId64 ", kernel %s %+" PRId64 "%s\n",
			indent, i + 1, kinds[op->kind], op->slot, near_names[op->near],
			op->offset_pages, op->odd_bytes, protection_words(op->protection), op->part,
			op->kind == OP_MAP ? flags : "", (unsigned int)op->flags, r->asked_bytes,
			verdict_name(r->predicted.verdict), rule_get(r->predicted.rule)->name,
			r->predicted.committed_bytes, r->error ? errno_name(r->error) : "ok",
			r->committed_bytes, r->done ? "" : " (not carried out)");
	}
}

/* ---- As a scenario ---- */

static const char *remap_how(int flags)
{
	switch (flags) {
	case 0:
		return "in-place";
	case MREMAP_MAYMOVE:
		return "may-move";
	case MREMAP_MAYMOVE | MREMAP_FIXED:
		return "move";
	case MREMAP_MAYMOVE | MREMAP_DONTUNMAP:
		return "dontunmap";
	default:
		return NULL;
	}
}

static const char *protect_to(int protection)
{
	switch (protection) {
	case PROT_NONE:
		return "none";
	case PROT_READ:
		return "read";
	case PROT_READ | PROT_WRITE:
		return "read-write";
	case PROT_WRITE:
		return "write";
	case PROT_READ | PROT_EXEC:
		return "read-exec";
	default:
		return NULL;
	}
}

/* A step, or false where the language has no words for it. */
static bool save_step(const struct property_op *op, const struct property_report *r, FILE *out)
{
	switch (op->kind) {
	case OP_MAP:
		return fprintf(out, "  - map\n") > 0;
	case OP_PROTECT:
		if (!protect_to(op->protection))
			return false;
		fprintf(out, "  - protect: {to: %s", protect_to(op->protection));
		if (!r->whole)
			fprintf(out, ", from: %" PRIu64 "B, amount: %" PRIu64 "B", r->start_bytes,
				r->asked_bytes);
		return fprintf(out, "}\n") > 0;
	case OP_REMAP:
		return r->whole && !op->duplicates && remap_how(op->flags) &&
		       fprintf(out, "  - remap: {how: %s, to: %" PRIu64 "B}\n",
			       remap_how(op->flags), r->asked_bytes) > 0;
	case OP_UNMAP:
		if (r->whole || r->last)
			return fprintf(out, "  - unmap\n") > 0;
		return fprintf(out, "  - unmap: {from: %" PRIu64 "B, amount: %" PRIu64 "B}\n",
			       r->start_bytes, r->asked_bytes) > 0;
	case OP_TOUCH:
		return !r->start_bytes &&
		       fprintf(out, "  - touch: {amount: %" PRIu64 "B, access: %s}\n",
			       r->asked_bytes, op->part == PART_START ? "read" : "write") > 0;
	case OP_FORK:
		return fprintf(out, "  - fork: {write: 0B}\n") > 0;
	}
	return false;
}

static void save_limits(const struct property_sequence *s, const struct property_shared *shared,
			FILE *out)
{
	fprintf(out, "  limits: [{memlock: %" PRIu64 "B", shared->limit_memlock);
	if (s->as_pages != PROPERTY_NO_LIMIT)
		fprintf(out, ", as: %" PRIu64 "B", shared->limit_as);
	if (s->data_zero || s->data_pages != PROPERTY_NO_LIMIT)
		fprintf(out, ", data: %" PRIu64 "B", shared->limit_data);
	fprintf(out, "}]\n");
	if (s->as_pages != PROPERTY_NO_LIMIT || s->data_pages != PROPERTY_NO_LIMIT)
		fprintf(out, "  # The limits are those of the process that found it, which is "
			     "larger.\n");
}

static void save_head(const struct property_sequence *s, const struct property_shared *shared,
		      const struct host *host, uint64_t seed, const char *text, FILE *out)
{
	fprintf(out, "# %s\n# Seed %" PRIu64 ", Linux %s.\n", text, seed, host->kernel_release);
	if (s->drop_admin || s->drop_lock)
		fprintf(out, "# It was found without%s%s: setpriv --bounding-set %s%s%s\n",
			s->drop_admin ? " CAP_SYS_ADMIN" : "", s->drop_lock ? " CAP_IPC_LOCK" : "",
			s->drop_admin ? "-sys_admin" : "", s->drop_admin && s->drop_lock ? "," : "",
			s->drop_lock ? "-ipc_lock" : "");
	property_print(s, shared, "#   ", out);
	if (s->spare_maps != PROPERTY_NO_LIMIT)
		fprintf(out, "# The process had all but %" PRIu64 " of its mappings.\n",
			s->spare_maps);
}

/* The first mapping is the scenario's; NULL: there is none. */
static const struct property_op *first_map(const struct property_sequence *s,
					   const struct property_shared *shared,
					   uint64_t *ret_bytes)
{
	for (unsigned int i = 0; i < s->nr_ops; i++) {
		if (s->ops[i].kind != OP_MAP || !shared->reports[i].done)
			continue;
		*ret_bytes = shared->reports[i].asked_bytes;
		return &s->ops[i];
	}
	return NULL;
}

/* As the matrix says it; what the first was not placed at has no say. */
static bool same_request(const struct property_op *a, const struct property_report *of_a,
			 const struct property_op *b, uint64_t bytes_of_b)
{
	return a->flags == b->flags && a->protection == b->protection && a->backing == b->backing &&
	       of_a->asked_bytes == bytes_of_b;
}

/* Is it a request on the scenario's one mapping, which by now is that object, or none: −1? */
static bool on_mapping(const struct property_op *op, const struct property_report *r, int object)
{
	return op->kind == OP_FORK ? object >= 0 : r->object == object && object >= 0;
}

static void save_steps(const struct property_sequence *s, const struct property_shared *shared,
		       const struct property_op *map, uint64_t bytes, FILE *out)
{
	int object = map ? -1 : 0;

	fprintf(out, "\nsteps:\n%s", map ? "" : "  - map\n");
	for (unsigned int i = 0; i < s->nr_ops; i++) {
		const struct property_op *op = &s->ops[i];
		const struct property_report *r = &shared->reports[i];
		bool maps = op->kind == OP_MAP;
		bool can = maps ? object < 0 && same_request(op, r, map, bytes)
				: on_mapping(op, r, object);

		if (!r->done)
			continue;
		if (can && maps && (op->flags & MAP_GROWSDOWN))
			fprintf(out, "  # with MAP_GROWSDOWN:\n");
		if (!can || !save_step(op, r, out)) {
			fprintf(out, "  # here, what steps cannot say: operation %u above\n",
				i + 1);
			continue;
		}
		if (maps)
			object = r->object;
		/* One that is not followed was unmapped at once. */
		if (maps && object < 0 && !r->error)
			fprintf(out, "  - unmap\n");
		if (op->kind == OP_UNMAP && (r->whole || r->last))
			object = -1;
	}
}

void property_save(const struct property_sequence *s, const struct property_shared *shared,
		   const struct host *host, uint64_t seed, const char *text, FILE *out)
{
	static const char *const modes[] = { "heuristic", "always", "never" };
	uint64_t bytes = host->page_bytes;
	const struct property_op *map = first_map(s, shared, &bytes);
	char flags[100] = "private anonymous";

	if (map) {
		struct property_op said = *map;

		said.flags &= ~MAP_GROWSDOWN;
		describe_flags(&said, flags, sizeof(flags));
	}
	save_head(s, shared, host, seed, text, out);
	fprintf(out,
		"scenario: disagreement\nsummary: The model and the kernel disagree.\n\nmatrix:\n"
		"  overcommit: [%s]\n  flags: [%s]\n  protection: [%s]\n  size: [%" PRIu64 "B]\n",
		modes[host->overcommit], flags, map ? protection_words(map->protection) : "none",
		bytes);
	save_limits(s, shared, out);
	save_steps(s, shared, map, bytes, out);
	fprintf(out, "\nexpect: model\n\n");
}
