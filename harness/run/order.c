/* SPDX-License-Identifier: MIT */
#include "run/order.h"

#include "base/cleanup.h"
#include "base/random.h"

struct keyed {
	struct order_item item;
	uint64_t block_key, cell_key; /* random: sorting by them shuffles */
};

static int compare_keyed(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;

	if (x->block_key != y->block_key)
		return x->block_key < y->block_key ? -1 : 1;
	if (x->cell_key != y->cell_key)
		return x->cell_key < y->cell_key ? -1 : 1;
	return (x->item.cell > y->item.cell) - (x->item.cell < y->item.cell);
}

/* A key that depends on nothing but seed, round and number, so that a dropped cell shifts no other.
 */
static uint64_t key(uint64_t seed, unsigned int round, uint64_t stream, uint64_t number)
{
	struct random r = { .state = seed };

	r.state = random_next(&r) ^ round;
	r.state = random_next(&r) ^ stream;
	r.state = random_next(&r) ^ number;
	return random_next(&r);
}

int order_round(struct order_item *items, size_t n, uint64_t seed, unsigned int round)
{
	AUTO_FREE struct keyed *keyed = malloc((n ? n : 1) * sizeof(*keyed));

	if (!keyed)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		keyed[i].item = items[i];
		keyed[i].block_key = key(seed, round, 1, items[i].block);
		keyed[i].cell_key = key(seed, round, 2, items[i].cell);
	}
	qsort(keyed, n, sizeof(*keyed), compare_keyed);
	for (size_t i = 0; i < n; i++)
		items[i] = keyed[i].item;
	return 0;
}
