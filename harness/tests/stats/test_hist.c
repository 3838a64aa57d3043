/* SPDX-License-Identifier: MIT */
#include "stats/hist.h"

#include "tests/stats/near.h"

#include "base/random.h"

static struct hist one, two;

static void test_buckets_tile_all_values(void **state)
{
	(void)state;
	assert_int_equal(hist_bucket_low(0), 0);
	for (unsigned int i = 0; i + 1 < HIST_BUCKETS; i++)
		assert_true(hist_bucket_high(i) + 1 == hist_bucket_low(i + 1));
	assert_true(hist_bucket_high(HIST_BUCKETS - 1) == UINT64_MAX);
}

static void test_index_is_the_bucket_that_holds_the_value(void **state)
{
	struct random r = { 1 };

	(void)state;
	for (unsigned int i = 0; i < 100000; i++) {
		uint64_t v = random_next(&r) >> (i % 64);
		unsigned int index = hist_index(v);

		assert_true(index < HIST_BUCKETS);
		assert_true(hist_bucket_low(index) <= v && v <= hist_bucket_high(index));
		/* At most 1/128 wide. */
		assert_true((hist_bucket_high(index) - hist_bucket_low(index)) <= v / 128);
	}
}

static void test_vectors_of_index(void **state)
{
	static const struct {
		uint64_t value;
		unsigned int index;
	} vectors[] = {
		{ 0, 0 },
		{ 1, 1 },
		{ 255, 255 },
		{ 256, 256 },
		{ 257, 256 },
		{ 258, 257 },
		{ 511, 383 },
		{ 512, 384 },
		{ 515, 384 },
		{ 516, 385 },
		{ UINT64_MAX, HIST_BUCKETS - 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++)
		assert_int_equal(hist_index(vectors[i].value), vectors[i].index);
}

static void test_empty(void **state)
{
	(void)state;
	hist_reset(&one);
	assert_int_equal(one.n, 0);
	assert_true(one.min == UINT64_MAX);
	assert_int_equal(hist_percentile(&one, 0.5), 0);
	assert_int_equal(hist_percentile_by_time(&one, 0.5), 0);
}

static void test_percentiles_of_1_to_100(void **state)
{
	(void)state;
	hist_reset(&one);
	for (uint64_t v = 1; v <= 100; v++)
		hist_record(&one, v);
	assert_int_equal(one.n, 100);
	assert_int_equal(one.sum, 5050);
	assert_int_equal(hist_percentile(&one, 0), 1);
	for (unsigned int p = 1; p <= 100; p++)
		assert_int_equal(hist_percentile(&one, p / 100.0), p);
}

static void test_percentiles_stay_within_min_and_max(void **state)
{
	(void)state;
	hist_reset(&one);
	hist_record(&one, 1000001);
	for (unsigned int p = 0; p <= 10; p++)
		assert_int_equal(hist_percentile(&one, p / 10.0), 1000001);
	hist_record(&one, UINT64_MAX);
	assert_true(hist_percentile(&one, 1) == UINT64_MAX);
}

static void test_a_stall_is_visible_by_time(void **state)
{
	(void)state;
	hist_reset(&one);
	for (unsigned int i = 0; i < 1000000; i++)
		hist_record(&one, 100);
	hist_record(&one, 100000000);
	assert_int_equal(hist_percentile(&one, 0.999), 100);
	assert_int_equal(hist_percentile_by_time(&one, 0.49), 100);
	assert_int_equal(hist_percentile_by_time(&one, 0.6), 100000000);
}

/* Of 9, 10 and 20 where a step is 10, and a stall: between them, however the middle one falls. */
static void test_middle_mean(void **state)
{
	(void)state;
	hist_reset(&one);
	assert_true(hist_middle_mean(&one) == 0);
	hist_record(&one, 7);
	assert_float_equal(hist_middle_mean(&one), 7, 1e-9);
	hist_reset(&one);
	for (int i = 0; i < 100; i++)
		hist_record(&one, i < 40 ? 10 : i < 99 ? 20 : 100000000);
	/* 35 of the 90 are 10, 55 are 20. */
	assert_float_equal(hist_middle_mean(&one), (35 * 10 + 55 * 20) / 90.0, 1e-9);
}

static void test_merging_is_recording_both(void **state)
{
	static struct hist both;
	struct random r = { 7 };

	(void)state;
	hist_reset(&one);
	hist_reset(&two);
	hist_reset(&both);
	for (unsigned int i = 0; i < 10000; i++) {
		uint64_t v = random_next(&r) >> (20 + i % 40);

		hist_record(i % 3 ? &one : &two, v);
		hist_record(&both, v);
	}
	hist_merge(&one, &two);
	assert_memory_equal(&one, &both, sizeof(both));
	hist_reset(&two);
	hist_merge(&one, &two);
	assert_memory_equal(&one, &both, sizeof(both));
	hist_merge(&two, &one);
	assert_memory_equal(&two, &both, sizeof(both));
}

static void test_count_from(void **state)
{
	static struct hist h;

	(void)state;
	hist_reset(&h);
	assert_int_equal(hist_count_from(&h, 0), 0);
	for (uint64_t v = 1; v <= 100; v++)
		hist_record(&h, v);
	hist_record(&h, UINT64_MAX);
	assert_int_equal(hist_count_from(&h, 0), 101);
	assert_int_equal(hist_count_from(&h, 100), 2);
	assert_int_equal(hist_count_from(&h, 101), 1);
	assert_int_equal(hist_count_from(&h, UINT64_MAX), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_buckets_tile_all_values),
		cmocka_unit_test(test_index_is_the_bucket_that_holds_the_value),
		cmocka_unit_test(test_vectors_of_index),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_percentiles_of_1_to_100),
		cmocka_unit_test(test_percentiles_stay_within_min_and_max),
		cmocka_unit_test(test_a_stall_is_visible_by_time),
		cmocka_unit_test(test_middle_mean),
		cmocka_unit_test(test_count_from),
		cmocka_unit_test(test_merging_is_recording_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
