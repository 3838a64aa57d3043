/* SPDX-License-Identifier: MIT */
#include "stats/looks.h"

#include "tests/stats/near.h"

static void test_shares(void **state)
{
	static const struct {
		size_t pairs, next;
		double share;
	} vectors[] = {
		{ 0, 16, 0.1 },  { 1, 16, 0.1 },   { 15, 16, 0.1 }, { 16, 32, 0.1 },
		{ 17, 32, 0.3 }, { 31, 32, 0.3 },  { 32, 64, 0.3 }, { 33, 64, 0.6 },
		{ 64, 0, 0.6 },  { 1000, 0, 0.6 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		assert_near(looks_share(vectors[i].pairs), vectors[i].share, 0);
		assert_int_equal(looks_next(vectors[i].pairs), vectors[i].next);
	}
}

static void test_all_looks_spend_alpha_once(void **state)
{
	static const double spent[] = { 0.005, 0.015, 0.030 };
	double sum = 0;

	(void)state;
	for (size_t i = 0; i < LOOKS; i++) {
		assert_int_equal(looks_pairs(i), 16u << i);
		assert_near(0.05 * looks_share(looks_pairs(i)), spent[i], 1e-15);
		sum += looks_share(looks_pairs(i));
	}
	assert_near(sum, 1, 1e-15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shares),
		cmocka_unit_test(test_all_looks_spend_alpha_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
