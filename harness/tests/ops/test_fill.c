/* SPDX-License-Identifier: MIT */
/* What was filled in is found again; one changed byte is found, and where. */
#include "tests/run/fixture.h"

#define CHANGED 12345u

static int change_step(struct worker *w, const struct op_call *call)
{
	(void)call;
	((unsigned char *)w->mapping->address)[CHANGED] ^= 4;
	return 0;
}

static const struct op op_change = { .name = "change", .step = change_step };

static void test_patterns(void **state)
{
	struct fixture *f = *state;

	for (const char *const *word = op_find("fill")->args[0].choices; *word; word++) {
		for (unsigned int broken = 0; broken < 2; broken++) {
			char text[48];

			snprintf(text, sizeof(text), "pattern=%s; seed=7", *word);
			add(f, op_find("map"));
			add_with(f, op_find("fill"), text);
			if (broken)
				add(f, &op_change);
			add_with(f, op_find("verify"), text);
			add(f, op_find("unmap"));
			run(f);
			assert_int_equal(f->record.outcome.kind,
					 broken ? OUTCOME_ERRNO : OUTCOME_OK);
			if (broken) {
				assert_int_equal(f->record.outcome.number, EBADMSG);
				assert_int_equal(f->record.outcome.step, 3);
				assert_non_null(strstr(f->record.outcome.detail, "offset 12344 "));
			}
			area_close(&f->area);
			f->assignment.nr_calls = 0;
		}
	}
}

static void test_seeds_differ(void **state)
{
	struct fixture *f = *state;

	add(f, op_find("map"));
	add_with(f, op_find("fill"), "pattern=random; seed=1");
	add_with(f, op_find("verify"), "pattern=random; seed=2");
	run(f);
	assert_int_equal(f->record.outcome.number, EBADMSG);
}

/* Workers fill their slices: together they are one pattern. */
static void test_shared(void **state)
{
	struct fixture *f = *state;

	f->conditions.nr_workers = 4;
	f->conditions.layout = LAYOUT_SHARED;
	add(f, op_find("map"));
	add(f, op_find("fill"));
	add(f, op_find("verify"));
	add(f, op_find("unmap"));
	run_ok(f);
	assert_int_equal(f->record.steps[1].count[COUNT_BYTES], 3 * NR_PAGES * f->host.page_bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_patterns),
		TEST(test_seeds_differ),
		TEST(test_shared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
