/* SPDX-License-Identifier: MIT */
/* Values of metrics as people read them: "1.25 us", "3.2 GiB/s". Inside, they are ns and bytes. */
#ifndef CMD_VALUE_H
#define CMD_VALUE_H

#include <stddef.h>

/* What values near one are best told in: value / factor, and the unit's name. */
struct value_scale {
	double factor;
	const char *unit; /* "" for plain numbers */
};

/* unit is one of a metric: "ns", "B", "B/s", "1/s", "1"; others are kept. */
struct value_scale value_scale(double value, const char *unit);

/* Three significant digits, no unit. Returns ret. */
char *value_format_number(double value, struct value_scale scale, char *ret, size_t length);

/* With the unit. "-" for NaN. Returns ret. */
char *value_format(double value, const char *unit, char *ret, size_t length);

#endif
