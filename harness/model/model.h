/* SPDX-License-Identifier: MIT */
/*
 * What the kernel will say to a request for memory, from its own rules: granted, refused by which
 * rule, granted but failing at a touch, or not to be known from outside. Pure: numbers in, numbers
 * out. One prediction costs well under a microsecond.
 *
 * Everything is compared in pages, as the kernel does; the interface speaks bytes.
 */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "model/rule.h"
#include "sys/host.h"
#include "sys/mapping.h"
#include "sys/process.h"

#include <stdbool.h>
#include <stdint.h>

/* A machine and one process on it, at one moment. Predictions do not change it. */
struct model {
	const struct host *host;
	struct process_memory process;
	uint64_t committed_bytes;                     /* Committed_AS */
	uint64_t pool_reserved_pages[HOST_POOLS_MAX]; /* by index into host->pools */

	/*
	 * Every CPU's part of the counter has just been folded into the value that the kernel
	 * compares (by writing vm.overcommit_memory = 2, since 5.9), and nothing else is going on:
	 * then mode never is exact.
	 */
	bool folded;
};

enum mapped_traits {
	MAPPED_SHARED = 1 << 0,
	MAPPED_ANONYMOUS = 1 << 1, /* private anonymous memory, no object behind it */
	MAPPED_ACCOUNT = 1 << 2,   /* charged to Committed_AS: the kernel's VM_ACCOUNT */
	MAPPED_NORESERVE = 1 << 3, /* VM_NORESERVE, as decided when it was mapped */
	MAPPED_HUGETLB = 1 << 4,
	MAPPED_LOCKED = 1 << 5,
	MAPPED_TOUCHED = 1 << 6, /* written to once: it has an anon_vma */
	MAPPED_DROPPABLE = 1 << 7,
	MAPPED_STACK = 1 << 8,  /* MAP_GROWSDOWN */
	MAPPED_FILLED = 1 << 9, /* every page of its object is there: populated or locked */
};

/* One mapping that exists, as far as the rules ask about it. */
struct model_mapping {
	uint64_t length_bytes;
	uint64_t hole_offset, hole_bytes; /* unmapped inside it; 0: nothing */
	uint64_t object_bytes;            /* of the object behind it; 0: none */
	uint64_t object_charge_bytes;     /* given back when its last mapping goes */
	uint64_t huge_page_bytes;         /* hugetlb; 0: base pages */
	uint64_t pool_pages;              /* hugetlb without reservation: taken by touching */
	int protection;
	unsigned int traits;
	enum backing backing;
};

enum verdict {
	VERDICT_GRANTED,
	VERDICT_REFUSED,       /* by `rule`, with its errno */
	VERDICT_DEFERRED,      /* the call succeeds or the touch begins, then `rule` ends it */
	VERDICT_INDETERMINATE, /* within band_bytes of what `rule` permits */
};

struct prediction {
	enum verdict verdict;
	enum rule_id rule; /* RULE_NONE: granted */
	int error;         /* positive errno where refused; 0 otherwise */

	/* The comparison that decided: asked_bytes against at most limit_bytes. */
	uint64_t asked_bytes, limit_bytes;
	/* Half the width of what cannot be known: of the limit, or, if granted, of committed_bytes.
	 */
	uint64_t band_bytes;

	/* If it is granted, the change of: */
	int64_t committed_bytes; /* Committed_AS */
	int64_t total_vm_bytes, data_vm_bytes, locked_vm_bytes;
	int64_t accounted_bytes; /* of mappings that fork charges again */
	int nr_maps;             /* at most: neighbours may merge */
	int pool;                /* index into host->pools; −1: none */
	int64_t pool_reserved_pages;
	struct model_mapping mapping; /* what is mapped then, or the part that was changed */
};

/* The machine and the process as they are; process may be NULL: an empty one. */
void model_init(struct model *ret, const struct host *host, const struct process_memory *process);

/* Take a granted prediction for done. */
void model_apply(struct model *m, const struct prediction *p);

/* mmap(). length 0 … 2^64 − 1 bytes. */
void model_map(const struct model *m, const struct map_request *request, struct prediction *ret);

/*
 * mprotect() of length_bytes of a mapping to PROT_*; nr_splits: how many ends of the part lie
 * inside the mapping (0 … 2).
 */
void model_protect(const struct model *m, const struct model_mapping *mapping,
		   uint64_t length_bytes, unsigned int nr_splits, int protection,
		   struct prediction *ret);

struct remap_request {
	uint64_t old_bytes, new_bytes;
	int flags;              /* MREMAP_MAYMOVE, MREMAP_FIXED, MREMAP_DONTUNMAP */
	uint64_t room_bytes;    /* that are free behind the mapping */
	bool to_end;            /* old_bytes reach to the mapping's end */
	unsigned int nr_splits; /* ends of the old range inside the mapping */
};

/* mremap(). */
void model_remap(const struct model *m, const struct model_mapping *mapping,
		 const struct remap_request *request, struct prediction *ret);

/* munmap() of length_bytes; last: no other part of the object stays mapped. */
void model_unmap(const struct model *m, const struct model_mapping *mapping, uint64_t length_bytes,
		 unsigned int nr_splits, bool last, struct prediction *ret);

/* fork(): needs process.accounts_known, else indeterminate where it matters. */
void model_fork(const struct model *m, struct prediction *ret);

/* Touch the first `bytes` of a mapping, page by page, up to a hole in it. */
void model_touch(const struct model *m, const struct model_mapping *mapping, uint64_t bytes,
		 bool write, struct prediction *ret);

/* The kernel's arithmetic for overcommit mode never, for those who print it. */
struct commit_terms {
	bool by_kbytes;         /* vm.overcommit_kbytes rules, not the ratio */
	uint64_t hugetlb_bytes; /* taken off RAM before the ratio */
	uint64_t base_bytes;    /* the share of RAM, or overcommit_kbytes */
	uint64_t swap_bytes;
	uint64_t limit_bytes;  /* base + swap: CommitLimit */
	uint64_t admin_bytes;  /* reserve, 0 for CAP_SYS_ADMIN */
	uint64_t user_bytes;   /* min(total_vm / 32, user_reserve) */
	int64_t allowed_bytes; /* Committed_AS must stay below this */
	uint64_t batch_bytes;  /* the counter's, for each CPU */
};

void model_commit_terms(const struct model *m, struct commit_terms *ret);

/* The CommitLimit that these settings give, in bytes. */
uint64_t model_commit_limit(const struct host *host);

/* The largest request for charged memory that heuristic overcommit grants (since 5.2). */
uint64_t model_heuristic_limit(const struct host *host);

/* How far the counter that is compared may be from Committed_AS after such a request, in bytes. */
uint64_t model_slack(const struct model *m, uint64_t request_bytes);

/* Hugetlb pages, by MAP_HUGETLB or as a memfd of such pages? */
bool request_is_huge(const struct map_request *request);

/* "granted", "refused", "deferred", "indeterminate". */
const char *verdict_name(enum verdict verdict);

#endif
