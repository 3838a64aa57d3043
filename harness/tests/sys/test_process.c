// SPDX-License-Identifier: MIT
#include "sys/process.h"

#include "base/cleanup.h"

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define MIB (1ull << 20)

static const char maps[] =
	"40000000-40001000 r--p 00000000 00:00 0 \n"
	"60000000-60001000 rw-p 00000000 00:00 0                          [heap]\n"
	"7fff00000000-7fff00021000 rw-p 00000000 00:00 0                  [stack]\n"
	"ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0          [vsyscall]\n";

static void holes_from_maps(void **state)
{
	struct process_memory p = { .search_address = 65536, .highest_address = 0x7ffffffff000 };
	uint64_t guard = 256 * (uint64_t)sysconf(_SC_PAGESIZE);

	(void)state;
	assert_int_equal(process_memory_parse_maps(&p, maps, NULL), 0);
	assert_int_equal(p.nr_maps, 3); /* the gate page is in no process' list */
	assert_int_equal(p.nr_holes, 4);
	/* The stack keeps its distance. */
	assert_true(p.holes[0].start == 0x60001000 && p.holes[0].end == 0x7fff00000000 - guard);
	assert_true(process_largest_hole(&p) == 0x7fff00000000 - guard - 0x60001000);
	assert_true(p.hole_32bit_bytes == 0x60000000 - 0x40001000);
	/* The lowest one begins where mappings may. */
	assert_true(p.holes[2].start == 65536 && p.holes[2].end == 0x40000000);
}

static void bottom_up_layout(void **state)
{
	struct process_memory p = { .search_address = 65536,
				    .highest_address = 0x600000000000,
				    .legacy_layout = true };

	(void)state;
	assert_int_equal(process_memory_parse_maps(
				 &p, "500000000000-500000001000 r--p 00000000 00:00 0 \n", NULL),
			 0);
	assert_true(p.holes[0].start == 0x200000000000 && p.holes[0].end == 0x500000000000);
}

static void broken_maps(void **state)
{
	static const char *const vectors[] = {
		"nonsense\n",
		"2000-1000 r--p 0 00:00 0\n",
		"4000-5000 r--p 0 00:00 0\n1000-2000 r--p 0 00:00 0\n",
	};
	struct error err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		struct process_memory p = { .highest_address = 1ull << 47 };

		assert_int_equal(process_memory_parse_maps(&p, vectors[i], &err), -EINVAL);
		assert_non_null(strstr(err.text, "maps"));
	}
}

/* What a mapping changes is seen in every figure. */
static void this_process(void **state)
{
	struct process_memory before, after;
	void *address;

	(void)state;
	assert_int_equal(process_memory_read(&before, PROCESS_ACCOUNTS, NULL), 0);
	assert_int_equal(process_memory_read(&before, PROCESS_ACCOUNTS, NULL), 0);
	address = mmap(NULL, 512 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(address != MAP_FAILED);
	assert_int_equal(process_memory_read(&after, PROCESS_ACCOUNTS, NULL), 0);
	/* The allocator (the sanitizers' above all) may take a little for the reading. */
	assert_in_range(after.total_vm_bytes - before.total_vm_bytes, 512 * MIB, 520 * MIB);
	assert_in_range(after.data_vm_bytes - before.data_vm_bytes, 512 * MIB, 520 * MIB);
	assert_in_range(after.accounted_bytes - before.accounted_bytes, 512 * MIB, 520 * MIB);
	assert_true(after.largest_accounted_bytes >= 512 * MIB);
	assert_true(after.accounts_known);
	assert_true(after.nr_maps - before.nr_maps <= 1);
	assert_true(process_largest_hole(&after) > MIB);
	assert_true(after.lowest_address >= (uint64_t)sysconf(_SC_PAGESIZE));
	assert_in_range(after.search_address, sysconf(_SC_PAGESIZE), after.lowest_address);
	munmap(address, 512 * MIB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holes_from_maps),
		cmocka_unit_test(bottom_up_layout),
		cmocka_unit_test(broken_maps),
		cmocka_unit_test(this_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
