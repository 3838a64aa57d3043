// SPDX-License-Identifier: MIT
/* The host that a result states is the one that it was written on, as far as the rules ask. */
#include "fixture.h"

#include "result/machine.h"
#include "sys/process.h"

static void the_same_machine(void **state)
{
	static struct snapshot machine;
	static struct fixture f;
	struct process_memory now;
	struct result *r = NULL;
	struct error err = { "" };
	const struct host *h = &machine.host;

	(void)state;
	fixture_open(&f);
	f.host.limit_as = 1ull << 40;
	f.host.overcommit = OVERCOMMIT_NEVER;
	fixture_run(&f, 2, 1);
	if (result_read(&r, f.path, 0, &err) || result_machine(r, &machine, &err))
		fail_msg("%s", err.text);
	assert_int_equal(h->overcommit, OVERCOMMIT_NEVER);
	assert_true(h->ram_bytes == f.host.ram_bytes && h->swap_bytes == f.host.swap_bytes);
	assert_true(h->committed_bytes == f.host.committed_bytes);
	assert_true(h->max_map_count == f.host.max_map_count);
	assert_true(h->limit_as == 1ull << 40 && h->limit_data == f.host.limit_data);
	assert_true(h->kernel_version == f.host.kernel_version);
	assert_true(h->cap_ipc_lock == f.host.cap_ipc_lock);
	assert_int_equal(h->nr_pools, f.host.nr_pools);
	assert_int_equal(h->nr_nodes, f.host.nr_nodes);
	assert_int_equal(h->nr_cpus, f.host.nr_cpus);
	assert_int_equal(process_memory_read(&now, PROCESS_MAPS, NULL), 0);
	assert_true(machine.process.highest_address == now.highest_address);
	assert_true(process_largest_hole(&machine.process) > 0);
	result_free(r);
	fixture_close(&f);
}

/* A result from before the address space was stored, or one that somebody has cut down. */
static void what_is_not_said(void **state)
{
	static struct snapshot machine;
	static struct fixture f;
	struct result *r = NULL;
	struct error err = { "" };
	size_t length;
	char *text, *at;

	(void)state;
	fixture_open(&f);
	fixture_run(&f, 1, 1);
	text = fixture_load(f.path, &length);
	at = strstr(text, "\"address_space\"");
	assert_non_null(at);
	memcpy(at + 1, "xxxxxxx_xxxxx", 13);
	fixture_write(f.path, text, length);
	if (result_read(&r, f.path, 0, &err) || result_machine(r, &machine, &err))
		fail_msg("%s", err.text);
	assert_int_equal(machine.process.nr_holes, 1);
	assert_true(process_largest_hole(&machine.process) > 1ull << 40);
	result_free(r);
	at = strstr(text, "\"ram_bytes\"");
	memcpy(at + 1, "xxxxxxxxx", 9);
	fixture_write(f.path, text, length);
	assert_int_equal(result_read(&r, f.path, 0, &err), 0);
	assert_int_equal(result_machine(r, &machine, &err), -EINVAL);
	assert_non_null(strstr(err.text, "does not say what machine"));
	result_free(r);
	free(text);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_machine),
		cmocka_unit_test(what_is_not_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
