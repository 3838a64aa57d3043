// SPDX-License-Identifier: MIT
/* The search finds what the model predicts, and finds it too where the model is led astray. */
#include "run/ceiling.h"

#include "base/cleanup.h"

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define MIB (1ull << 20)

/* The sanitizers' shadow is private writable memory of terabytes: no limit leaves room beside it.
 */
static bool shadowed(const char *name)
{
	struct process_memory now;

	assert_int_equal(process_memory_read(&now, PROCESS_MAPS, NULL), 0);
	if (now.data_vm_bytes < 16 * MIB)
		return false;
	print_message("SKIP: %s: the process is too large for the limit\n", name);
	return true;
}

static void conditions_of(struct conditions *c, int flags)
{
	memset(c, 0, sizeof(*c));
	c->map.flags = flags;
	c->map.protection = PROT_READ | PROT_WRITE;
	c->nr_workers = 1;
}

static void as_predicted(void **state)
{
	static const int flags[] = { MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
				     MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE };
	static struct host host;
	static struct conditions c;
	struct ceiling_found found;
	struct error err = { "" };

	(void)state;
	assert_int_equal(host_read(&host, NULL), 0);
	if (host.overcommit == OVERCOMMIT_NEVER) {
		print_message("SKIP: as_predicted: vm.overcommit_memory is 2\n");
		skip();
	}
	for (size_t i = 0; i < ARRAY_LENGTH(flags); i++) {
		conditions_of(&c, flags[i]);
		if (ceiling_search(&c, &host, &found, &err))
			fail_msg("%s", err.text);
		assert_true(found.bytes == found.predicted.bytes);
		assert_int_equal(found.error, ENOMEM);
		assert_int_equal(found.nr_calls, 2);
	}
}

static void limited(void **state)
{
	static struct host host;
	static struct conditions c;
	struct ceiling_found found;
	struct error err = { "" };

	(void)state;
	if (shadowed("limited"))
		skip();
	assert_int_equal(host_read(&host, NULL), 0);
	conditions_of(&c, MAP_PRIVATE | MAP_ANONYMOUS);
	c.limit_given[LIMIT_DATA] = true;
	c.limit_bytes[LIMIT_DATA] = 256 * MIB;
	if (ceiling_search(&c, &host, &found, &err))
		fail_msg("%s", err.text);
	assert_int_equal(found.predicted.rule, RULE_LIMIT_DATA);
	assert_true(found.bytes == found.predicted.bytes);
	assert_true(found.bytes < 256 * MIB);
}

/* A host that is not this one: the model's guess is far off, the kernel's answer is the same. */
static void led_astray(void **state)
{
	static struct host host, wrong;
	static struct conditions c;
	struct ceiling_found found;
	static const uint64_t sizes[] = { 1ull << 20, 1ull << 33, 1ull << 45 };

	(void)state;
	assert_int_equal(host_read(&host, NULL), 0);
	if (host.overcommit != OVERCOMMIT_HEURISTIC || host.kernel_version < KERNEL(5, 2)) {
		print_message("SKIP: led_astray: not heuristic overcommit as since 5.2\n");
		skip();
	}
	conditions_of(&c, MAP_PRIVATE | MAP_ANONYMOUS);
	for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
		wrong = host;
		wrong.ram_bytes = sizes[i];
		assert_int_equal(ceiling_search(&c, &wrong, &found, NULL), 0);
		assert_true(found.bytes == model_heuristic_limit(&host));
		assert_true(found.nr_calls <= CEILING_CALLS_MAX);
		print_message("guess of %" PRIu64 " bytes: %u calls, %" PRIu64 " us\n", sizes[i],
			      found.nr_calls, found.elapsed_ns / 1000);
	}
	c.map.flags |= MAP_POPULATE;
	assert_int_equal(ceiling_search(&c, &host, &found, NULL), -ENOTSUP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_predicted),
		cmocka_unit_test(limited),
		cmocka_unit_test(led_astray),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
