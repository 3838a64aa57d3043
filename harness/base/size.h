/* SPDX-License-Identifier: MIT */
/*
 * Amounts of memory and of time as people write them: absolute ("2MiB", "3 pages"), or a share of
 * something that the machine has ("50% ram", "4x ram+swap", "100% ram+swap + 1 page"); and
 * addresses, which are an amount from 0 and mostly written in hex.
 */
#ifndef BASE_SIZE_H
#define BASE_SIZE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_BYTES_LEAST 4096 /* no Linux has smaller ones: all that a file can be held against */

enum size_base {
	SIZE_ABSOLUTE,
	SIZE_RAM,
	SIZE_SWAP,
	SIZE_RAM_SWAP,
	SIZE_AVAILABLE,
	SIZE_COMMIT_LIMIT,
	SIZE_NODE,    /* memory of the smallest NUMA node that has any */
	SIZE_LLC,     /* one last-level cache */
	SIZE_MAPPING, /* what an op works on, with its last page whole; only in op arguments */
	SIZE_BASES,
};

struct size {
	enum size_base base;
	uint64_t share_millionths; /* of the base: 50% is 500000, 4x is 4000000 */
	uint64_t add_bytes;        /* for SIZE_ABSOLUTE the amount itself */
	uint64_t add_pages;
	bool subtract; /* take add_* away instead */
};

/* What the bases come to on one machine, in bytes; page_bytes is the base page. 0: it has none. */
struct size_bases {
	uint64_t bytes[SIZE_BASES];
	uint64_t page_bytes;
};

/*
 * Parse text. A bare number other than 0 is an error (which unit?), as are "2MB" and "2M" (the text
 * of err offers "2MiB"). −EINVAL: not a size; −ERANGE: more than 2^64 − 1 bytes.
 */
int size_parse(const char *text, struct size *ret, struct error *err);

/*
 * An address: "0x7f0000000000", 1 to 16 digits of hex, or all that size_parse() takes. −EINVAL,
 * −ERANGE.
 */
int address_parse(const char *text, struct size *ret, struct error *err);

/* The canonical text: that of the size where it is of whole MiB, else hex. Returns ret. */
char *address_format(const struct size *address, char *ret, size_t length);

/*
 * The number of bytes. A share is rounded down to whole base pages before add_* is applied; an
 * absolute size stays as it is. −ERANGE: below 0 or above 2^64 − 1; −ENODATA: the machine has no
 * such thing (no swap: a share of it). err gets the sentence.
 */
int size_resolve(const struct size *size, const struct size_bases *bases, uint64_t *ret_bytes,
		 struct error *err);

/* Its bytes where they are the same on every machine with such a page; false: it is a share. */
bool size_fixed(const struct size *size, uint64_t page_bytes, uint64_t *ret_bytes);

/* The canonical text, "100% ram+swap + 1 page"; parses back to the same. Returns ret. */
char *size_format(const struct size *size, char *ret, size_t length);

/* "1.5 GiB", "512 B", "4 KiB": at most three significant decimals, binary units. Returns ret. */
char *bytes_format(uint64_t bytes, char *ret, size_t length);

/* "1572864 B" only where no unit divides it, else "1536KiB": exact, parses back. Returns ret. */
char *bytes_format_exact(uint64_t bytes, char *ret, size_t length);

/* "500ms", "2s", "1.5s", "10us", "3min", "100ns"; −EINVAL, −ERANGE. A bare number is an error. */
int duration_parse(const char *text, uint64_t *ret_ns, struct error *err);

/* The same of a limit, which 0 is not: −EINVAL. */
int limit_parse(const char *text, uint64_t *ret_ns, struct error *err);

/* "1.25 s", "3.4 ms", "87 ns", "2 min 5 s". Returns ret. */
char *duration_format(uint64_t ns, char *ret, size_t length);

/* "2%", "0.5%" to a fraction: 0.02, 0.005. −EINVAL for anything else or below 0. */
int percent_parse(const char *text, double *ret, struct error *err);

/* A plain whole number 0 … 2^64 − 1, no sign, no leading zero, no blanks. −EINVAL, −ERANGE. */
int count_parse(const char *text, uint64_t *ret, struct error *err);

#endif
