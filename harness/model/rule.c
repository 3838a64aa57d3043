/* SPDX-License-Identifier: MIT */
#include "model/rule.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

static const struct rule rules[RULES] = {
	[RULE_NONE] = { .name = "granted",
			.title = "nothing",
			.text = "no rule of the kernel stands against it",
			.source = "mm/mmap.c do_mmap" },
	[RULE_LENGTH_ZERO] = { .name = "length-zero",
			       .error = EINVAL,
			       .title = "length 0",
			       .text = "a mapping of no bytes is not possible",
			       .source = "mm/mmap.c do_mmap" },
	[RULE_LENGTH_OVERFLOW] = { .name = "length-overflow",
				   .error = ENOMEM,
				   .title = "2^64",
				   .text = "the length, rounded up to whole pages, does not fit "
					   "into 64 bits",
				   .source = "mm/mmap.c do_mmap" },
	[RULE_FLAGS] = { .name = "flags",
			 .error = EINVAL,
			 .title = "flags",
			 .text = "this kernel does not take these flags together",
			 .source = "mm/mmap.c do_mmap" },
	[RULE_HUGE_PAGE_SIZE] = { .name = "huge-page-size",
				  .error = EINVAL,
				  .title = "huge page size",
				  .text = "the machine has no hugetlb pages of this size",
				  .source = "mm/mmap.c ksys_mmap_pgoff" },
	[RULE_MAP_COUNT] = { .name = "map-count",
			     .error = ENOMEM,
			     .title = "vm.max_map_count",
			     .text = "the process has as many mappings as vm.max_map_count permits",
			     .source = "mm/mmap.c do_mmap; mm/vma.c split_vma; mm/mremap.c" },
	[RULE_ADDRESS_SPACE] = { .name = "address-space",
				 .error = ENOMEM,
				 .title = "address space",
				 .text = "no hole of the address space is large enough",
				 .source = "mm/mmap.c vm_unmapped_area" },
	[RULE_ADDRESS_TAKEN] = { .name = "address-taken",
				 .error = EEXIST,
				 .title = "address",
				 .text = "MAP_FIXED_NOREPLACE does not map over what is there "
					 "already",
				 .source = "mm/mmap.c do_mmap" },
	[RULE_LOWEST_ADDRESS] = { .name = "lowest-address",
				  .error = EPERM,
				  .title = "vm.mmap_min_addr",
				  .text = "only CAP_SYS_RAWIO may map below vm.mmap_min_addr, "
					  "and no other place is large enough",
				  .source = "security/commoncap.c cap_mmap_addr" },
	[RULE_LOCK_PERMISSION] = { .name = "lock-permission",
				   .error = EPERM,
				   .title = "RLIMIT_MEMLOCK 0",
				   .text = "with RLIMIT_MEMLOCK 0 only CAP_IPC_LOCK may lock "
					   "memory",
				   .source = "mm/mlock.c can_do_mlock" },
	[RULE_LIMIT_MEMLOCK] = { .name = "limit-memlock",
				 .error = EAGAIN,
				 .title = "RLIMIT_MEMLOCK",
				 .text = "the process would have more memory locked than "
					 "RLIMIT_MEMLOCK permits",
				 .source = "mm/mmap.c mlock_future_ok" },
	[RULE_LIMIT_AS] = { .name = "limit-as",
			    .error = ENOMEM,
			    .title = "RLIMIT_AS",
			    .text = "the address space of the process would be larger than "
				    "RLIMIT_AS permits",
			    .source = "mm/mmap.c may_expand_vm" },
	[RULE_LIMIT_DATA] = { .name = "limit-data",
			      .error = ENOMEM,
			      .title = "RLIMIT_DATA",
			      .text = "the private writable memory of the process would be larger "
				      "than "
				      "RLIMIT_DATA permits",
			      .source = "mm/mmap.c may_expand_vm" },
	[RULE_HEURISTIC] = { .name = "ram-and-swap",
			     .error = ENOMEM,
			     .title = "RAM + swap",
			     .text = "heuristic overcommit refuses a single request larger than "
				     "RAM + swap",
			     .source = "mm/util.c __vm_enough_memory",
			     .since = KERNEL(5, 2) },
	[RULE_HEURISTIC_FREE] = { .name = "free-memory",
				  .error = ENOMEM,
				  .title = "free memory",
				  .text = "heuristic overcommit refuses a request larger than what "
					  "is free or could "
					  "be freed, with swap",
				  .source = "mm/util.c __vm_enough_memory",
				  .until = KERNEL(5, 1) | 0xff },
	[RULE_COMMIT_LIMIT] = { .name = "commit-limit",
				.error = ENOMEM,
				.title = "commit limit",
				.text = "with vm.overcommit_memory=2 (never) the kernel refuses "
					"what would bring Committed_AS up to the commit limit less "
					"the reserves",
				.source = "mm/util.c __vm_enough_memory" },
	[RULE_OBJECT_SIZE] = { .name = "object-size",
			       .error = EFBIG,
			       .title = "object size",
			       .text = "how large a file may be is for its file system to say",
			       .source = "fs/attr.c inode_newsize_ok" },
	[RULE_HUGE_PAGE_POOL] = { .name = "huge-page-pool",
				  .error = ENOMEM,
				  .title = "huge page pool",
				  .text = "the pool has too few huge pages that are neither in use "
					  "nor reserved",
				  .source = "mm/hugetlb.c hugetlb_acct_memory" },
	[RULE_HUGE_PAGE_FAULT] = { .name = "huge-page-fault",
				   .signal = SIGBUS,
				   .title = "huge page pool",
				   .text = "a mapping without reservation finds the huge page pool "
					   "empty when it is "
					   "touched",
				   .source = "mm/hugetlb.c alloc_hugetlb_folio" },
	[RULE_REMAP_HUGE] = { .name = "remap-huge",
			      .error = EINVAL,
			      .title = "hugetlb",
			      .text = "a hugetlb mapping can neither grow nor leave its old range "
				      "mapped",
			      .source = "mm/mremap.c align_hugetlb" },
	[RULE_REMAP_RANGE] = { .name = "remap-range",
			       .error = EFAULT,
			       .title = "one mapping",
			       .text = "the range to be remapped is not part of one mapping",
			       .source = "mm/mremap.c remap_is_valid" },
	[RULE_REMAP_PRIVATE_COPY] = { .name = "remap-private-copy",
				      .error = EINVAL,
				      .title = "flags",
				      .text = "a private mapping cannot be duplicated",
				      .source = "mm/mremap.c remap_is_valid" },
	[RULE_REMAP_IN_PLACE] = { .name = "remap-in-place",
				  .error = ENOMEM,
				  .title = "neighbour",
				  .text = "there is no room to grow in place, and moving was not "
					  "permitted",
				  .source = "mm/mremap.c expand_vma" },
	[RULE_PROTECTION_FAULT] = { .name = "protection-fault",
				    .signal = SIGSEGV,
				    .title = "protection",
				    .text = "the protection of the mapping does not permit this "
					    "access",
				    .source = "arch/x86/mm/fault.c access_error" },
	[RULE_HOLE] = { .name = "hole",
			.error = ENOMEM,
			.signal = SIGSEGV,
			.title = "unmapped part",
			.text = "a part of the range was unmapped before",
			.source = "arch/x86/mm/fault.c bad_area; mm/mprotect.c do_mprotect_pkey; "
				  "mm/mlock.c apply_vma_lock_flags; mm/madvise.c "
				  "madvise_walk_vmas; mm/msync.c" },
	[RULE_PAST_OBJECT] = { .name = "past-object",
			       .signal = SIGBUS,
			       .title = "object size",
			       .text = "the mapping is longer than the object behind it, and what "
				       "lies past the "
				       "object cannot be touched",
			       .source = "mm/shmem.c shmem_get_folio_gfp" },
	[RULE_OUT_OF_MEMORY] = { .name = "out-of-memory",
				 .signal = SIGKILL,
				 .title = "memory",
				 .text = "more would be resident than RAM and swap can hold: the "
					 "OOM killer ends it",
				 .source = "mm/oom_kill.c out_of_memory" },
	[RULE_GROUP_MEMORY] = { .name = "group-memory",
				.signal = SIGKILL,
				.title = "cgroup limit",
				.text = "more would be resident than the control group of the "
					"process may hold: its OOM killer ends it",
				.source = "mm/memcontrol.c mem_cgroup_oom" },
	[RULE_OBJECT_PAGES] = { .name = "object-pages",
				.signal = SIGBUS,
				.title = "commit limit",
				.text = "pages of a memfd or tmpfs file are charged one by one "
					"when they are "
					"touched, and vm.overcommit_memory=2 (never) has none left "
					"to give",
				.source = "mm/shmem.c shmem_inode_acct_blocks" },
};

const struct rule *rule_get(enum rule_id id)
{
	return &rules[id];
}

bool rule_holds(const struct rule *rule, unsigned int kernel_version)
{
	return kernel_version >= rule->since && (!rule->until || kernel_version <= rule->until);
}

const struct rule *rule_find(const char *name)
{
	for (unsigned int i = 0; i < RULES; i++) {
		if (strcmp(rules[i].name, name) == 0)
			return &rules[i];
	}
	return NULL;
}
