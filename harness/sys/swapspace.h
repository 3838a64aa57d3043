/* SPDX-License-Identifier: MIT */
/*
 * Swap space that exists for one run: a file, or a zram device. Taking it away needs no memory and
 * is safe at every stage of making it, since the maker may die in between.
 */
#ifndef SYS_SWAPSPACE_H
#define SYS_SWAPSPACE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum swap_state {
	SWAP_ABSENT, /* no file; no such device, or one without a size */
	SWAP_UNUSED, /* it is there, and the kernel does not swap to it */
	SWAP_ACTIVE,
};

/* Length in bytes with its header; *ret_bytes is 0 where there is none. −errno. */
int swap_file_state(const char *path, enum swap_state *ret, uint64_t *ret_bytes);
int swap_zram_state(const char *device, enum swap_state *ret, uint64_t *ret_bytes);

/*
 * The size of a swap space from an absolute one ("1GiB"), in whole pages: bytes that the kernel
 * and mkswap accept. −EINVAL with the sentence; *ret_bytes is untouched then.
 */
int swap_bytes_parse(const char *text, uint64_t *ret_bytes, struct error *err);

/*
 * Make the file (its folder too, for root only) and swap to it. bytes: whole pages, at least 10.
 * What a failure leaves, swap_file_remove() takes away.
 */
int swap_file_make(const char *path, uint64_t bytes, struct error *err);

/* Stop swapping to it and unlink it. Nothing there is no error. */
int swap_file_remove(const char *path);

/*
 * Size the device ("/dev/zram0") and swap to it; a device that does not exist is added first.
 * −EBUSY: another program took it meanwhile.
 */
int swap_zram_make(const char *device, uint64_t bytes, struct error *err);

/* Stop swapping to it and reset it; added: remove the device too. Nothing there is no error. */
int swap_zram_remove(const char *device, bool added);

/*
 * A zram device that nobody uses, or the one that would be added next: "/dev/zram0". −ENOENT: this
 * kernel has no zram.
 */
int swap_zram_find(char *ret_device, size_t length, bool *ret_added, struct error *err);

/* The device that the kernel swaps to and that bears our label. False: none, ret_device stays. */
bool swap_zram_ours(char *ret_device, size_t length);

#endif
