/* SPDX-License-Identifier: MIT */
/* Every loop does what its name says, to the last byte of its arrays. */
#include "tests/run/fixture.h"

/* Three arrays: a of zeros, b counts up, c counts down. */
static int prepare_step(struct worker *w, const struct op_call *call)
{
	double *x = w->mapping->address;
	uint64_t n = w->mapping->length_bytes / sizeof(*x);

	(void)call;
	for (uint64_t i = 0; i < n; i++)
		x[i] = (double)i;
	return 0;
}

/* After a pass over arrays of a part of the mapping each. */
static int check(const struct worker *w, unsigned int arrays, double (*expect)(double b, double c))
{
	const double *x = w->mapping->address;
	uint64_t part = w->mapping->length_bytes / arrays / 512 * 512 / sizeof(*x);

	for (uint64_t i = 0; i < part; i++)
		if (x[i] != expect((double)(part + i), (double)(2 * part + i)))
			return -EBADMSG;
	/* Not a byte behind it. */
	return arrays == 1 || x[part] == (double)part ? 0 : -EOVERFLOW;
}

static double copied(double b, double c)
{
	(void)c;
	return b;
}

static double triad(double b, double c)
{
	return b + 3 * c;
}

static int copied_step(struct worker *w, const struct op_call *call)
{
	(void)call;
	return check(w, 2, copied);
}

static int triad_step(struct worker *w, const struct op_call *call)
{
	(void)call;
	return check(w, 3, triad);
}

/* All of it written over: nothing of what was prepared is left. */
static int written_step(struct worker *w, const struct op_call *call)
{
	const double *x = w->mapping->address;

	(void)call;
	for (uint64_t i = 8; i < w->mapping->length_bytes / sizeof(*x); i++)
		if (x[i] == (double)i)
			return -EBADMSG;
	return 0;
}

static int untouched_step(struct worker *w, const struct op_call *call)
{
	const double *x = w->mapping->address;

	(void)call;
	for (uint64_t i = 0; i < w->mapping->length_bytes / sizeof(*x); i++)
		if (x[i] != (double)i)
			return -EBADMSG;
	return 0;
}

static const struct op op_prepare = { .name = "prepare", .step = prepare_step };

static void test_kinds(void **state)
{
	static const struct op checks[] = {
		{ .name = "untouched", .step = untouched_step },
		{ .name = "written", .step = written_step },
		{ .name = "copied", .step = copied_step },
		{ .name = "triad", .step = triad_step },
	};
	static const char *const kinds[] = { "read", "write", "copy", "triad" };
	static const unsigned int arrays[] = { 1, 1, 2, 3 }, parts[] = { 1, 1, 2, 3 };
	struct fixture *f = *state;

	for (size_t i = 0; i < 2 * ARRAY_LENGTH(kinds); i++) {
		size_t kind = i / 2;
		uint64_t part = f->conditions.map.length_bytes / arrays[kind] / 512 * 512;
		struct error err;
		char text[48];

		snprintf(text, sizeof(text), "kind=%s; stores=%s", kinds[kind],
			 i % 2 ? "non-temporal" : "cached");
		if (supported(f, "stream", text, &err)) {
			print_message("%s\n", err.text);
			continue;
		}
		add(f, op_find("map"));
		add(f, &op_prepare);
		add_with(f, op_find("stream"), text);
		add(f, &checks[kind]);
		add(f, op_find("unmap"));
		run_ok(f);
		assert_int_equal(f->record.steps[2].count[COUNT_BYTES], 3 * parts[kind] * part);
		assert_true(metric_of(f, 2, "bandwidth") > 0);
		area_close(&f->area);
		f->assignment.nr_calls = 0;
	}
}

/* The zero page is no memory to read from; writing needs none to be there. */
static void test_nobody_wrote(void **state)
{
	static const struct {
		const char *kind;
		bool touched, said;
	} vectors[] = {
		{ "kind=read", false, true },  { "kind=copy", false, true },
		{ "kind=triad", false, true }, { "kind=write", false, false },
		{ "kind=read", true, false },  { "kind=copy", true, false },
		{ "kind=triad", true, false },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		bool said = false;

		memset(&f->record, 0, sizeof(f->record));
		add(f, op_find("map"));
		if (vectors[i].touched)
			add(f, op_find("touch"));
		add_with(f, op_find("stream"), vectors[i].kind);
		add(f, op_find("unmap"));
		run_ok(f);
		for (unsigned int k = 0; k < f->record.nr_warnings; k++)
			said |= strstr(f->record.warnings[k], "zero page") != NULL;
		print_message("%s\n", vectors[i].kind);
		assert_int_equal(said, vectors[i].said);
		area_close(&f->area);
		f->assignment.nr_calls = 0;
	}
}

static void test_too_small(void **state)
{
	struct fixture *f = *state;
	struct error err;

	f->conditions.map.length_bytes = 1024;
	assert_int_equal(supported(f, "stream", "kind=copy", &err), 0);
	assert_int_equal(supported(f, "stream", "kind=triad", &err), -ENOTSUP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_kinds),
		TEST(test_nobody_wrote),
		TEST(test_too_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
