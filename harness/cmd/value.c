/* SPDX-License-Identifier: MIT */
#include "cmd/value.h"

#include "base/cleanup.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Ascending; the largest that is not above the value is taken. */
static const struct value_scale times[] = {
	{ 1, "ns" }, { 1e3, "us" }, { 1e6, "ms" }, { 1e9, "s" }
};
static const struct value_scale bytes[] = { { 1, "B" },        { 0x1p10, "KiB" }, { 0x1p20, "MiB" },
					    { 0x1p30, "GiB" }, { 0x1p40, "TiB" }, { 0x1p50, "PiB" },
					    { 0x1p60, "EiB" } };
static const struct value_scale byte_rates[] = { { 1, "B/s" },
						 { 0x1p10, "KiB/s" },
						 { 0x1p20, "MiB/s" },
						 { 0x1p30, "GiB/s" },
						 { 0x1p40, "TiB/s" } };
static const struct value_scale rates[] = {
	{ 1, "/s" }, { 1e3, "k/s" }, { 1e6, "M/s" }, { 1e9, "G/s" }
};
static const struct value_scale numbers[] = { { 1, "" }, { 1e6, "M" }, { 1e9, "G" } };

static const struct {
	const char *unit;
	const struct value_scale *scales;
	size_t n;
} units[] = {
	{ "ns", times, ARRAY_LENGTH(times) },
	{ "B", bytes, ARRAY_LENGTH(bytes) },
	{ "B/s", byte_rates, ARRAY_LENGTH(byte_rates) },
	{ "1/s", rates, ARRAY_LENGTH(rates) },
	{ "1", numbers, ARRAY_LENGTH(numbers) },
};

struct value_scale value_scale(double value, const char *unit)
{
	for (size_t i = 0; i < ARRAY_LENGTH(units); i++) {
		size_t k = units[i].n - 1;

		if (strcmp(units[i].unit, unit) != 0)
			continue;
		/* What rounds to 1000 ns is told as 1.00 us. */
		while (k && fabs(value) < units[i].scales[k].factor * 0.9995)
			k--;
		return units[i].scales[k];
	}
	return (struct value_scale){ 1, unit };
}

char *value_format_number(double value, struct value_scale scale, char *ret, size_t length)
{
	double scaled = value / scale.factor, size = fabs(scaled);

	if (isnan(value))
		snprintf(ret, length, "-");
	else if (size >= 1e6 || (size > 0 && size < 0.01))
		snprintf(ret, length, "%.2e", scaled);
	else if (scaled == floor(scaled) && scale.factor == 1)
		snprintf(ret, length, "%.0f", scaled);
	else
		snprintf(ret, length, "%.*f", size < 9.995 ? 2 : size < 99.95 ? 1 : 0, scaled);
	return ret;
}

char *value_format(double value, const char *unit, char *ret, size_t length)
{
	struct value_scale scale = value_scale(value, unit);
	char number[32];

	value_format_number(value, scale, number, sizeof(number));
	if (isnan(value) || !scale.unit[0])
		snprintf(ret, length, "%s", number);
	else
		snprintf(ret, length, "%s%s%s", number, scale.unit[0] == '/' ? "" : " ",
			 scale.unit);
	return ret;
}
