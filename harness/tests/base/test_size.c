/* SPDX-License-Identifier: MIT */
/* Sizes, durations, percentages and counts: what is taken, what is refused, what is written. */
#include "base/size.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#define GIB (1ull << 30)

/* page_bytes is 4096; RAM 24 GiB and 1 byte, swap 2 GiB, no node and no LLC known. */
static const struct size_bases bases = {
	.bytes = { [SIZE_RAM] = 24 * GIB + 1,
		   [SIZE_SWAP] = 2 * GIB,
		   [SIZE_RAM_SWAP] = 26 * GIB + 1,
		   [SIZE_AVAILABLE] = 20 * GIB,
		   [SIZE_COMMIT_LIMIT] = 14 * GIB,
		   [SIZE_MAPPING] = 10000 },
	.page_bytes = 4096,
};

static void resolves(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
		int result; /* of resolve */
		const char *canonical;
	} vectors[] = {
		{ "0", 0, 0, "0B" },
		{ "0B", 0, 0, "0B" },
		{ "1B", 1, 0, "1B" },
		{ "2MiB", 2097152, 0, "2MiB" },
		{ "2 MiB", 2097152, 0, "2MiB" },
		{ " 2MiB ", 2097152, 0, "2MiB" },
		{ "2048KiB", 2097152, 0, "2MiB" },
		{ "1.5GiB", 1610612736, 0, "1536MiB" },
		{ "0.5KiB", 512, 0, "512B" },
		{ "1 page", 4096, 0, "1 page" },
		{ "3 pages", 12288, 0, "3 pages" },
		{ "0 pages", 0, 0, "0B" },
		{ "15EiB", 15ull << 60, 0, "15EiB" },
		{ "18446744073709551615B", UINT64_MAX, 0, "18446744073709551615B" },
		{ "50% ram", 12 * GIB, 0, "50% ram" },
		{ "50%  ram", 12 * GIB, 0, "50% ram" },
		{ "100% ram", 24 * GIB, 0, "100% ram" }, /* rounded down to whole pages */
		{ "1x ram", 24 * GIB, 0, "100% ram" },
		{ "0.5x ram", 12 * GIB, 0, "50% ram" },
		{ "4x ram+swap", 104 * GIB, 0, "4x ram+swap" },
		{ "400% ram+swap", 104 * GIB, 0, "4x ram+swap" },
		{ "2.5x swap", 5 * GIB, 0, "2.5x swap" },
		{ "0.0001% swap", 0, 0, "0.0001% swap" },
		{ "100% ram+swap + 1 page", 26 * GIB + 4096, 0, "100% ram+swap + 1 page" },
		{ "100% ram+swap - 1 page", 26 * GIB - 4096, 0, "100% ram+swap - 1 page" },
		{ "100% commit-limit + 1MiB", 14 * GIB + 1048576, 0, "100% commit-limit + 1MiB" },
		{ "10% available", 2147483648, 0, "10% available" },
		{ "50% mapping", 4096, 0, "50% mapping" },
		{ "0% llc", 0, 0, "0% llc" },
		{ "50% llc", 0, -ENODATA, "50% llc" },
		{ "100% node", 0, -ENODATA, "100% node" },
		{ "0% swap - 1 page", 0, -ERANGE, "0% swap - 1 page" },
		{ "99999999999x ram", 0, -ERANGE, "99999999999x ram" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		struct size size, again;
		struct error err = { "" };
		uint64_t bytes = 0;
		char text[96];

		if (size_parse(vectors[i].text, &size, &err))
			fail_msg("%s: %s", vectors[i].text, err.text);
		assert_int_equal(size_resolve(&size, &bases, &bytes, &err), vectors[i].result);
		if (bytes != vectors[i].bytes)
			fail_msg("%s is %llu", vectors[i].text, (unsigned long long)bytes);
		assert_string_equal(size_format(&size, text, sizeof(text)), vectors[i].canonical);
		assert_int_equal(size_parse(text, &again, &err), 0);
		assert_string_equal(size_format(&again, text, sizeof(text)), vectors[i].canonical);
	}
}

static void refuses(void **state)
{
	static const struct {
		const char *text;
		int result;
		const char *remedy; /* part of the sentence */
	} vectors[] = {
		{ "", -EINVAL, "try 2MiB" },
		{ "MiB", -EINVAL, "try 2MiB" },
		{ "2", -EINVAL, "try 2MiB" },
		{ "2M", -EINVAL, "try 2MiB" },
		{ "2m", -EINVAL, "try 2MiB" },
		{ "2MB", -EINVAL, "try 2MiB" },
		{ "2mib", -EINVAL, "try 2MiB" },
		{ "3gb", -EINVAL, "try 3GiB" },
		{ "2Mx", -EINVAL, "try 2MiB" },
		{ "2 furlongs", -EINVAL, "try 2MiB" },
		{ "-1MiB", -EINVAL, "negative" },
		{ "0x10", -EINVAL, "in hex, as addresses are and sizes are not: try 16B" },
		{ "0x400000", -EINVAL, "try 4MiB" },
		{ "0xyz", -EINVAL, "not a size" },
		{ "10%", -EINVAL, "try \"10% ram\", or in a step \"10% mapping\"" },
		{ "1.5B", -EINVAL, "whole number of bytes" },
		{ "1.5 pages", -EINVAL, "whole number of pages" },
		{ "16EiB", -ERANGE, "2^64" },
		{ "18446744073709551616B", -ERANGE, "2^64" },
		{ "99999999999999999999999999999999B", -ERANGE, "2^64" },
		{ "50%", -EINVAL, "50% ram" },
		{ "50% rma", -EINVAL, "did you mean \"ram\"" },
		{ "50% elephants", -EINVAL, "choose ram" },
		{ "4x", -EINVAL, "4x ram" },
		{ "1.00001% ram", -EINVAL, "decimals" },
		{ "1MiB + 1 page", -EINVAL, "what is" },
		{ "0 - 1 page", -EINVAL, "not a size" },
		{ "0B + 1 page", -EINVAL, "what is" },
		{ "50% ram + 1 page + 1 page", -EINVAL, "what is" },
		{ "50% ram + 10% swap", -EINVAL, "not" },
		{ "50% ram +", -EINVAL, "not a size" },
		{ "1MiB garbage", -EINVAL, "garbage" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		struct size size = { .base = SIZE_LLC, .add_pages = 77 };
		struct error err = { "" };

		if (size_parse(vectors[i].text, &size, &err) != vectors[i].result)
			fail_msg("\"%s\" was not refused as it should", vectors[i].text);
		if (!strstr(err.text, vectors[i].remedy))
			fail_msg("\"%s\": the sentence is: %s", vectors[i].text, err.text);
		assert_int_equal(size.base, SIZE_LLC); /* untouched */
		assert_int_equal(size.add_pages, 77);
	}
}

static void formats_bytes(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *rounded, *exact;
	} vectors[] = {
		{ 0, "0 B", "0B" },
		{ 1, "1 B", "1B" },
		{ 1023, "1023 B", "1023B" },
		{ 1024, "1 KiB", "1KiB" },
		{ 1536, "1.50 KiB", "1536B" },
		{ 1572864, "1.50 MiB", "1536KiB" },
		{ 10 * GIB + GIB / 2, "10.5 GiB", "10752MiB" },
		{ 1ull << 63, "8 EiB", "8EiB" },
		{ UINT64_MAX, "16.0 EiB", "18446744073709551615B" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		char text[40];

		assert_string_equal(bytes_format(vectors[i].bytes, text, sizeof(text)),
				    vectors[i].rounded);
		assert_string_equal(bytes_format_exact(vectors[i].bytes, text, sizeof(text)),
				    vectors[i].exact);
	}
}

/* A limit is a duration above 0. */
static void limits(void **state)
{
	struct error err;
	uint64_t ns = 42;

	(void)state;
	assert_int_equal(limit_parse("0s", &ns, &err), -EINVAL);
	assert_non_null(strstr(err.text, "leave it out"));
	assert_int_equal(limit_parse("2", &ns, &err), -EINVAL);
	assert_int_equal(ns, 42);
	assert_int_equal(limit_parse("1ns", &ns, &err), 0);
	assert_int_equal(ns, 1);
}

static void durations(void **state)
{
	static const struct {
		const char *text;
		int result;
		uint64_t ns;
		const char *formatted;
	} vectors[] = {
		{ "100ns", 0, 100, "100 ns" },
		{ "10us", 0, 10000, "10.0 us" },
		{ "500ms", 0, 500000000, "500 ms" },
		{ "1.5s", 0, 1500000000, "1.50 s" },
		{ "2 s", 0, 2000000000, "2.00 s" },
		{ "3min", 0, 180000000000, "3 min 0 s" },
		{ "1h", 0, 3600000000000, "60 min 0 s" },
		{ "0s", 0, 0, "0 ns" },
		{ "2", -EINVAL, 0, NULL },
		{ "0", -EINVAL, 0, NULL },
		{ "", -EINVAL, 0, NULL },
		{ "2 sec", -EINVAL, 0, NULL },
		{ "-2s", -EINVAL, 0, NULL },
		{ "0.5ns", -EINVAL, 0, NULL },
		{ "99999999999h", -ERANGE, 0, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		struct error err = { "" };
		uint64_t ns = 42;
		char text[40];

		assert_int_equal(duration_parse(vectors[i].text, &ns, &err), vectors[i].result);
		assert_int_equal(ns, vectors[i].result ? 42 : vectors[i].ns);
		assert_int_equal(err.text[0] == '\0', vectors[i].result == 0);
		if (!vectors[i].result)
			assert_string_equal(duration_format(ns, text, sizeof(text)),
					    vectors[i].formatted);
	}
}

static void percentages(void **state)
{
	static const struct {
		const char *text;
		int result;
		double value;
	} vectors[] = {
		{ "2%", 0, 0.02 },        { "0.5%", 0, 0.005 }, { "100%", 0, 1.0 },
		{ "0%", 0, 0.0 },         { "2", -EINVAL, 0 },  { "-2%", -EINVAL, 0 },
		{ "2 %", -EINVAL, 0 },    { "%", -EINVAL, 0 },  { "2%%", -EINVAL, 0 },
		{ "2% ram", -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		double value = -7;

		assert_int_equal(percent_parse(vectors[i].text, &value, NULL), vectors[i].result);
		assert_true(value == (vectors[i].result ? -7 : vectors[i].value));
	}
}

static void counts(void **state)
{
	static const struct {
		const char *text;
		int result;
		uint64_t value;
	} vectors[] = {
		{ "0", 0, 0 },
		{ "7", 0, 7 },
		{ "18446744073709551615", 0, UINT64_MAX },
		{ "18446744073709551616", -ERANGE, 0 },
		{ "", -EINVAL, 0 },
		{ "007", -EINVAL, 0 },
		{ "+7", -EINVAL, 0 },
		{ "-7", -EINVAL, 0 },
		{ " 7", -EINVAL, 0 },
		{ "7 ", -EINVAL, 0 },
		{ "0x7", -EINVAL, 0 },
		{ "1e3", -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		uint64_t value = 99;

		assert_int_equal(count_parse(vectors[i].text, &value, NULL), vectors[i].result);
		assert_int_equal(value, vectors[i].result ? 99 : vectors[i].value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(resolves),      cmocka_unit_test(refuses),
		cmocka_unit_test(formats_bytes), cmocka_unit_test(durations),
		cmocka_unit_test(limits),        cmocka_unit_test(percentages),
		cmocka_unit_test(counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
