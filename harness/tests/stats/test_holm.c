/* SPDX-License-Identifier: MIT */
#include "stats/holm.h"

#include "tests/stats/near.h"

static void test_adjusted_p(void **state)
{
	static const struct {
		size_t n;
		double p[6], adjusted[6];
	} vectors[] = {
		{ 1, { 0.03 }, { 0.03 } },
		{ 4, { 0.01, 0.04, 0.03, 0.005 }, { 0.03, 0.06, 0.06, 0.02 } },
		{ 3, { 0.01, 0.01, 0.01 }, { 0.03, 0.03, 0.03 } },
		{ 3, { 0.5, 0.6, 0.9 }, { 1, 1, 1 } },
		{ 5, { 0.001, 0.02, 0.02, 0.3, 1 }, { 0.005, 0.08, 0.08, 0.6, 1 } },
		{ 3, { 0.02, NAN, 0.01 }, { 0.04, NAN, 0.03 } },
		{ 2, { NAN, NAN }, { NAN, NAN } },
		{ 2, { 0, 1 }, { 0, 1 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		double apart[6] = { 0 }, in_place[6];

		memcpy(in_place, vectors[i].p, sizeof(in_place));
		assert_int_equal(holm_adjust(vectors[i].p, vectors[i].n, apart), 0);
		assert_int_equal(holm_adjust(in_place, vectors[i].n, in_place), 0);
		for (size_t j = 0; j < vectors[i].n; j++) {
			assert_near(apart[j], vectors[i].adjusted[j], 1e-15);
			assert_near(in_place[j], vectors[i].adjusted[j], 1e-15);
		}
	}
	assert_int_equal(holm_adjust(NULL, 0, NULL), 0);
}

static void test_pairs_needed(void **state)
{
	static const struct {
		size_t cells, pairs, samples;
	} vectors[] = { { 1, 6, 4 },   { 5, 8, 5 },    { 10, 9, 6 },
			{ 25, 10, 7 }, { 100, 12, 8 }, { 1000, 16, 9 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		assert_int_equal(holm_pairs_needed(vectors[i].cells, 0.05), vectors[i].pairs);
		assert_int_equal(holm_samples_needed(vectors[i].cells, 0.05), vectors[i].samples);
	}
	assert_int_equal(holm_pairs_needed(1, 0.005), 9);
	assert_int_equal(holm_pairs_needed(1, 1), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_adjusted_p),
		cmocka_unit_test(test_pairs_needed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
