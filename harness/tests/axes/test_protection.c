/* SPDX-License-Identifier: MIT */
/* Axis protection: words to PROT_* bits. */
#include "fixture.h"

static void parses(void **state)
{
	static const struct fixture_value values[] = {
		{ "none", "none" },
		{ "read", "read" },
		{ "write read", "read write" },
		{ "exec,write,read", "read write exec" },
	};
	static const struct fixture_refusal refusals[] = {
		{ "", "empty" },
		{ "raed", "did you mean \"read\"" },
		{ "none read", "stands alone" },
		{ "read none", "stands alone" },
		{ "read read", "twice" },
		{ "rw", "choose none, read, write or exec" },
	};

	(void)state;
	fixture_values("protection", values, ARRAY_LENGTH(values));
	fixture_refusals("protection", refusals, ARRAY_LENGTH(refusals));
}

static void resolves(void **state)
{
	static const struct {
		const char *text;
		int protection;
	} vectors[] = {
		{ "protection=none", PROT_NONE },
		{ "protection=write", PROT_WRITE },
		{ "protection=read exec", PROT_READ | PROT_EXEC },
	};
	struct host host = fixture_host();
	struct conditions c;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		fixture_cell(CELL(vectors[i].text), &host, &c);
		assert_int_equal(c.map.protection, vectors[i].protection);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses),
		cmocka_unit_test(resolves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
