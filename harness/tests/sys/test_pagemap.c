/* SPDX-License-Identifier: MIT */
/* Large pages seen frame by frame, against mappings that have them and that cannot. */
#include "sys/pagemap.h"

#include "sys/host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LENGTH (64u << 20)
#define BLOCK  (64u << 10)

static struct host host;

static int read_host(void **state)
{
	(void)state;
	return host_read(&host, NULL);
}

static bool no_frames(const char *test)
{
	int fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && host.cap_sys_admin) {
		close(fd);
		return false;
	}
	print_message("SKIP: %s: needs CAP_SYS_ADMIN to see frames\n", test);
	return true;
}

/* It begins with a block: kernels before 6.7 put even large mappings anywhere. */
static char *map(int advice)
{
	char *address = mmap(NULL, LENGTH + BLOCK, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(address != MAP_FAILED);
	address += BLOCK - (uintptr_t)address % BLOCK;
	madvise(address, LENGTH, advice);
	return address;
}

static int sample(const char *address, unsigned int *ret_present, unsigned int *ret_large)
{
	return pagemap_sample(address, LENGTH, BLOCK, host.page_bytes, ret_present, ret_large);
}

/* Written pages are mapped; discarded ones and those that nobody touched are not. */
static void counts_what_is_there(void **state)
{
	uint64_t page = host.page_bytes, pages = 0;
	char *address = map(MADV_NOHUGEPAGE);

	(void)state;
	for (unsigned int i = 0; i < 1000; i++)
		address[i * page] = 1;
	assert_int_equal(pagemap_present(address, LENGTH, page, &pages), 0);
	assert_int_equal(pages, 1000);
	assert_int_equal(pagemap_present(address, 700 * page - 1, page, &pages), 0);
	assert_int_equal(pages, 700);
	/* Read alone, the zero page is there, and is nobody's own. */
	for (unsigned int i = 1000; i < 1500; i++)
		(void)*(volatile char *)&address[i * page];
	assert_int_equal(pagemap_present(address, LENGTH, page, &pages), 0);
	assert_int_equal(pages, 1500);
	assert_int_equal(pagemap_own(address, LENGTH, page, &pages), 0);
	assert_int_equal(pages, 1000);
	assert_int_equal(madvise(address + 1000 * page, 500 * page, MADV_DONTNEED), 0);
	assert_int_equal(madvise(address, 100 * page, MADV_DONTNEED), 0);
	assert_int_equal(pagemap_present(address, LENGTH, page, &pages), 0);
	assert_int_equal(pages, 900);
	assert_int_equal(pagemap_present(address, 0, page, &pages), 0);
	assert_int_equal(pages, 0);
	munmap(address, LENGTH);
}

static void tells_large_from_small(void **state)
{
	unsigned int present = 9, large = 9;
	char *address = map(MADV_NOHUGEPAGE);
	int r;

	(void)state;
	if (no_frames(__func__))
		skip();
	assert_int_equal(sample(address, &present, &large), 0); /* nothing is there yet */
	assert_int_equal(present, 0);
	assert_int_equal(large, 0);
	memset(address, 1, LENGTH / 2);
	r = sample(address, &present, &large);
	munmap(address, LENGTH);
	assert_int_equal(r, 0);
	assert_int_equal(present, PAGEMAP_SAMPLES_MAX / 2);
	assert_int_equal(large, 0);
	if (!host.thp_available || strcmp(host.thp_enabled, "never") == 0)
		return;
	address = map(MADV_HUGEPAGE);
	memset(address, 1, LENGTH);
	assert_int_equal(sample(address, &present, &large), 0);
	assert_int_equal(present, PAGEMAP_SAMPLES_MAX);
	assert_true(large > 0);
	munmap(address, LENGTH);
}

static void a_range_may_have_no_block(void **state)
{
	unsigned int present = 9, large = 9;

	(void)state;
	if (no_frames(__func__))
		skip();
	assert_int_equal(pagemap_sample((void *)(uintptr_t)(3 * host.page_bytes), host.page_bytes,
					BLOCK, host.page_bytes, &present, &large),
			 0);
	assert_int_equal(present, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_what_is_there),
		cmocka_unit_test(tells_large_from_small),
		cmocka_unit_test(a_range_may_have_no_block),
	};

	return cmocka_run_group_tests(tests, read_host, NULL);
}
