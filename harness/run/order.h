/* SPDX-License-Identifier: MIT */
/*
 * The order of a round: cells that want the same system-wide settings stay together, blocks and the
 * cells inside each are shuffled. The same seed and round give the same order.
 */
#ifndef RUN_ORDER_H
#define RUN_ORDER_H

#include <stddef.h>
#include <stdint.h>

struct order_item {
	uint64_t cell;  /* index into the caller's table */
	uint64_t block; /* cells of one block run together */
};

/*
 * Put n items into the order of the round. Every order of blocks, and every order inside a block,
 * is equally likely over seeds. −ENOMEM.
 */
int order_round(struct order_item *items, size_t n, uint64_t seed, unsigned int round);

#endif
