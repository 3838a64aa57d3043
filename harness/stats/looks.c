/* SPDX-License-Identifier: MIT */
#include "stats/looks.h"

static const struct look {
	size_t pairs;
	double share;
} looks[LOOKS] = { { 16, 0.1 }, { 32, 0.3 }, { 64, 0.6 } };

size_t looks_pairs(size_t look)
{
	return looks[look].pairs;
}

double looks_share(size_t nr_pairs)
{
	for (size_t i = 0; i < LOOKS; i++)
		if (nr_pairs <= looks[i].pairs)
			return looks[i].share;
	return looks[LOOKS - 1].share;
}

size_t looks_next(size_t nr_pairs)
{
	for (size_t i = 0; i < LOOKS; i++)
		if (nr_pairs < looks[i].pairs)
			return looks[i].pairs;
	return 0;
}
