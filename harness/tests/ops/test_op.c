/* SPDX-License-Identifier: MIT */
/* Arguments that make no sense are found before anything runs: from the file alone, or, where they
 * are shares of something, when they are resolved. */
#include "tests/run/fixture.h"

/* As add_with(), but for what is wrong. Returns 0, or what was said where. */
static int parse(const struct op *op, const char *text, struct arg_value values[ARGS_MAX],
		 struct error *err)
{
	for (unsigned int i = 0; op->args && op->args[i].name; i++) {
		char scratch[64];
		int r = arg_parse(&op->args[i], given(&op->args[i], text, scratch, sizeof(scratch)),
				  &values[i], err);

		if (r)
			return r;
	}
	return op_check(op, values, err);
}

static void test_known_from_the_file(void **state)
{
	static const struct {
		const char *op, *text;
		int result;
		const char *remedy;
	} vectors[] = {
		{ "touch", "stride=0", -ERANGE, "1 page" },
		{ "touch", "stride=1B", 0, NULL },
		{ "touch", "amount=0", -ERANGE, "100% mapping" },
		{ "touch", "amount=0% mapping", -ERANGE, "100% mapping" },
		{ "touch", "amount=1B", 0, NULL },
		{ "touch", "method=populate", 0, NULL },
		{ "touch", "method=populate; order=random", -EINVAL, "leave order" },
		{ "touch", "method=populate; stride=2 pages", -EINVAL, "leave order" },
		{ "touch", "method=populate; stride=1% ram", 0, NULL }, /* known later */
		{ "chase", "stride=0", -ERANGE, "256B" },
		{ "chase", "stride=12B", -EINVAL, "256B" },
		{ "chase", "stride=24B", 0, NULL },
		{ "chase", "stride=4MiB; order=group", -EINVAL, "group" },
		{ "chase", "stride=4MiB", 0, NULL },
		{ "refault", "piece=0", -ERANGE, "2MiB" },
		{ "refault", "piece=1B", -EINVAL, "2MiB" },
		{ "refault", "piece=4KiB", 0, NULL },
		{ "commit", "piece=3KiB", -EINVAL, "64KiB" },
		{ "commit", "piece=3 pages", 0, NULL },
		{ "commit", "amount=0", -ERANGE, "100% mapping" },
		{ "protect", "to=read; from=1B", -EINVAL, "pages of 4KiB" },
		{ "protect", "to=read; from=0", 0, NULL },
		{ "protect", "to=read; amount=0", -ERANGE, "100% mapping" },
		{ "remap", "to=0", -ERANGE, "100% mapping" },
		{ "advise", "advice=dontneed; amount=0", -ERANGE, "100% mapping" },
		{ "userfault", "amount=0", -ERANGE, "100% mapping" },
		{ "brk", "amount=0", -ERANGE, "1MiB" },
		{ "many", "size=0", -ERANGE, "1 page" },
		{ "churn", "pairs=2; live=3", -EINVAL, "more than its pairs" },
		{ "delay", "share=-5%", -EINVAL, "try 2%" },
		{ "delay", "share=5", -EINVAL, "try 2%" },
		{ "delay", "share=100000001%", -ERANGE, "at most" },
		{ "delay", "share=2.5%", 0, NULL },
		{ "fork", "write=0", 0, NULL }, /* none is written after it */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		struct arg_value values[ARGS_MAX] = { 0 };
		struct error err = { "" };
		int r = parse(op_find(vectors[i].op), vectors[i].text, values, &err);

		print_message("%s %s: %s\n", vectors[i].op, vectors[i].text, err.text);
		assert_int_equal(r, vectors[i].result);
		if (vectors[i].remedy)
			assert_non_null(strstr(err.text, vectors[i].remedy));
	}
}

/* A share, or a machine with larger pages: the cell is skipped with the reason. */
static void test_known_here(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *op, *text;
		uint64_t page_bytes;
		int result;
	} vectors[] = {
		{ "touch", "amount=0.0001% mapping", 4096, -ENOTSUP },
		{ "touch", "amount=50% mapping", 4096, 0 },
		{ "remap", "to=100% mapping - 64 pages", 4096, -ENOTSUP },
		{ "remap", "to=100% mapping - 100 pages", 4096, -ENOTSUP },
		{ "remap", "to=100% mapping - 63 pages", 4096, 0 },
		{ "commit", "piece=50% mapping", 4096, 0 },
		{ "commit", "piece=4KiB", 65536, -ENOTSUP },
		{ "refault", "piece=64KiB", 65536, 0 },
		{ "protect", "to=read; from=4KiB", 65536, -ENOTSUP },
		{ "touch", "method=populate; stride=4KiB", 65536, -ENOTSUP },
	};

	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		const struct op *op = op_find(vectors[i].op);
		struct arg_value values[ARGS_MAX] = { 0 };
		struct error err = { "" };
		struct op_call call;

		f->host.page_bytes = vectors[i].page_bytes;
		assert_int_equal(parse(op, vectors[i].text, values, &err), 0);
		assert_int_equal(op_call_resolve(op, values, &f->conditions, &f->host, &call, &err),
				 vectors[i].result);
		print_message("%s %s: %s\n", vectors[i].op, vectors[i].text, err.text);
		if (vectors[i].result)
			assert_non_null(strstr(err.text, vectors[i].op));
	}
}

/* All of a mapping that ends inside a page is that page too. */
static void test_all_of_a_mapping(void **state)
{
	struct fixture *f = *state;
	uint64_t page = f->host.page_bytes;
	const uint64_t lengths[] = { 1, 100, page - 1, page, page + 1, 2 * page - 1 };

	for (size_t i = 0; i < ARRAY_LENGTH(lengths); i++) {
		uint64_t pages = (lengths[i] + page - 1) / page;

		f->conditions.map.length_bytes = lengths[i];
		add(f, op_find("map"));
		add(f, op_find("touch"));
		add_with(f, op_find("advise"), "advice=dontneed");
		add(f, op_find("commit"));
		add_with(f, op_find("protect"), "to=read");
		add(f, op_find("unmap"));
		run_ok(f);
		assert_int_equal(f->record.steps[1].count[COUNT_TOUCHES], 3 * pages);
		for (unsigned int step = 2; step < 5; step++)
			assert_int_equal(f->record.steps[step].count[COUNT_PAGES], 3 * pages);
		assert_int_equal(f->record.effective.mapped_bytes, pages * page);
		assert_int_equal(f->record.effective.resident_bytes, pages * page);
		area_close(&f->area);
		f->assignment.nr_calls = 0;
	}
}

/* mmap() of length 0 is a question to the kernel: nothing that follows is to blame. */
static void test_nothing_to_be_a_share_of(void **state)
{
	struct fixture *f = *state;

	f->conditions.map.length_bytes = 0;
	assert_int_equal(add_with(f, op_find("touch"), NULL)->args[2], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_known_from_the_file),
		TEST(test_known_here),
		TEST(test_all_of_a_mapping),
		TEST(test_nothing_to_be_a_share_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
