/* SPDX-License-Identifier: MIT */
#include "cmd/value.h"

#include "base/cleanup.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_format(void **state)
{
	static const struct {
		double value;
		const char *unit, *text;
	} vectors[] = {
		{ 0, "ns", "0 ns" },          { 87, "ns", "87 ns" },
		{ 87.25, "ns", "87.2 ns" },   { 999, "ns", "999 ns" },
		{ 999.9, "ns", "1.00 us" },   { 1000, "ns", "1.00 us" },
		{ 1250, "ns", "1.25 us" },    { 9999, "ns", "10.0 us" },
		{ 99960, "ns", "100 us" },    { 3.4e6, "ns", "3.40 ms" },
		{ 2e12, "ns", "2000 s" },     { 512, "B", "512 B" },
		{ 1048576, "B", "1.00 MiB" }, { 3.2 * 1073741824, "B/s", "3.20 GiB/s" },
		{ 616000, "1/s", "616 k/s" }, { 12, "1/s", "12/s" },
		{ 256, "1", "256" },          { 0.125, "1", "0.12" },
		{ 0.0001, "1", "1.00e-04" },  { 2.5e6, "1", "2.50 M" },
		{ 5, "cycles", "5 cycles" },  { NAN, "ns", "-" },
		{ -1250, "ns", "-1.25 us" },
	};
	char text[48];

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++)
		assert_string_equal(
			value_format(vectors[i].value, vectors[i].unit, text, sizeof(text)),
			vectors[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_format) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
