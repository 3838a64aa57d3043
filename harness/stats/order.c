/* SPDX-License-Identifier: MIT */
#include "stats/order.h"

#include "base/cleanup.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define RADIX_MIN 256 /* below, comparing is faster */
#define DIGITS    8   /* bytes of a double */

static int compare_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static bool is_sorted(const double *values, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (values[i] < values[i - 1])
			return false;
	return true;
}

/* A number that orders as the double does: negative ones turned round, positive ones above them. */
static uint64_t key_of(double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	return bits >> 63 ? ~bits : bits | 1ull << 63;
}

static double value_of(uint64_t key)
{
	uint64_t bits = key >> 63 ? key & ~(1ull << 63) : ~key;
	double value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

/* Put from into to by one byte of the keys; starts: how many keys have each value of the byte. */
static void pass(const uint64_t *from, uint64_t *to, size_t n, unsigned int shift, size_t *starts)
{
	size_t next = 0;

	for (unsigned int byte = 0; byte < 256; byte++) {
		size_t count = starts[byte];

		starts[byte] = next;
		next += count;
	}
	for (size_t i = 0; i < n; i++)
		to[starts[from[i] >> shift & 255]++] = from[i];
}

/* Byte by byte from the lowest (Knuth, The Art of Computer Programming 3, §5.2.5). keys: 2n of
 * them. */
static void radix_sort(double *values, size_t n, uint64_t *keys)
{
	size_t counts[DIGITS][256] = { { 0 } };
	uint64_t *from = keys, *to = keys + n;

	for (size_t i = 0; i < n; i++) {
		from[i] = key_of(values[i]);
		for (unsigned int digit = 0; digit < DIGITS; digit++)
			counts[digit][from[i] >> 8 * digit & 255]++;
	}
	for (unsigned int digit = 0; digit < DIGITS; digit++) {
		uint64_t *other = to;

		/* Where all keys agree nothing moves. */
		if (counts[digit][from[0] >> 8 * digit & 255] == n)
			continue;
		pass(from, to, n, 8 * digit, counts[digit]);
		to = from;
		from = other;
	}
	for (size_t i = 0; i < n; i++)
		values[i] = value_of(from[i]);
}

void order_sort(double *values, size_t n)
{
	AUTO_FREE uint64_t *keys = NULL;

	if (is_sorted(values, n))
		return;
	if (n >= RADIX_MIN)
		keys = malloc(2 * n * sizeof(*keys));
	if (keys)
		radix_sort(values, n, keys);
	else
		qsort(values, n, sizeof(*values), compare_double);
}
