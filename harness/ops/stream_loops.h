/* SPDX-License-Identifier: MIT */
/* The inner loops of stream, one a width of vector: all that knows the architecture is behind this.
 */
#ifndef OPS_STREAM_LOOPS_H
#define OPS_STREAM_LOOPS_H

#include <stdbool.h>
#include <stdint.h>

enum stream_kind { STREAM_READ, STREAM_WRITE, STREAM_COPY, STREAM_TRIAD, STREAM_KINDS };

/* Arrays are whole blocks of this, and begin on one. */
#define STREAM_BLOCK_BYTES 512

/* One pass over arrays of `bytes` each: a is written (read: only read), b and c are read. */
typedef void stream_pass(char *a, const char *b, const char *c, uint64_t bytes);

/* The pass for this CPU, its widest vectors. non_temporal has no meaning for STREAM_READ. */
stream_pass *stream_loop(enum stream_kind kind, bool non_temporal);

/* Does the architecture have stores that pass the cache by? */
bool stream_has_non_temporal(void);

#endif
