/* SPDX-License-Identifier: MIT */
#include "scenario/record.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct vector {
	enum outcome_kind kind;
	int number;
	const char *name;
} vectors[] = {
	{ OUTCOME_OK, 0, "ok" },
	{ OUTCOME_DEGRADED, 0, "degraded" },
	{ OUTCOME_ERRNO, ENOMEM, "ENOMEM" },
	{ OUTCOME_SIGNAL, SIGBUS, "SIGBUS" },
	{ OUTCOME_OOM_KILLED, 0, "oom-killed" },
	{ OUTCOME_TIMEOUT, 0, "timeout" },
	{ OUTCOME_SKIPPED, 0, "skipped" },
	{ OUTCOME_REFUSED, 0, "refused" },
	{ OUTCOME_FAILED, 0, "failed" },
};

static void test_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct outcome o = { .kind = vectors[i].kind, .number = vectors[i].number };

		assert_string_equal(outcome_name(&o), vectors[i].name);
		assert_true(outcome_name_known(vectors[i].name));
	}
	assert_false(outcome_name_known("ENOMEN"));
	assert_false(outcome_name_known("interrupted"));
	assert_false(outcome_name_known(""));
	assert_false(outcome_name_known("Ok"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_names) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
