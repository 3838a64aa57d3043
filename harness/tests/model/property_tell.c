// SPDX-License-Identifier: MIT
/* A sequence told: one line an operation, and as a scenario. */
#include "property.h"

#include "base/cleanup.h"
#include "base/size.h"

#include <inttypes.h>
#include <sys/mman.h>

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
	static const char *const words[] = { "none",          "read",
					     "write",         "read write",
					     "execute",       "read execute",
					     "write execute", "read write execute" };

	return words[protection & 7];
}

void property_print(const struct property_sequence *s, const struct property_shared *shared)
{
	static const char *const kinds[] = { "map", "protect", "remap", "unmap", "touch", "fork" };

	printf("  limits: AS %" PRId64 " pages, DATA %" PRId64 " pages, MEMLOCK %" PRIu64
	       " pages, %" PRId64 " mappings%s%s\n",
	       (int64_t)s->as_pages, s->data_zero ? 0 : (int64_t)s->data_pages, s->memlock_pages,
	       (int64_t)s->spare_maps, s->drop_admin ? ", without CAP_SYS_ADMIN" : "",
	       s->drop_lock ? ", without CAP_IPC_LOCK" : "");
	for (unsigned int i = 0; i < s->nr_ops; i++) {
		const struct property_op *op = &s->ops[i];
		const struct property_report *r = &shared->reports[i];
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

void property_save(const struct property_sequence *s, const struct property_shared *shared,
		   const struct host *host, uint64_t seed, const char *text, FILE *out)
{
	(void)s;
	(void)shared;
	(void)host;
	(void)seed;
	(void)text;
	(void)out;
}
