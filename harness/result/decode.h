/* SPDX-License-Identifier: MIT */
/* JSON trees of a result as its plain structs: the other way round than encode.h. */
#ifndef RESULT_DECODE_H
#define RESULT_DECODE_H

#include "result/json.h"
#include "result/json_walk.h"
#include "result/read.h"
#include "result/shape.h"

#include <stdbool.h>
#include <stdint.h>

/* A result while it is read. */
struct reader {
	struct result *r;
	const char *path;
	const char *text; /* the whole file */
	size_t length;
	unsigned int flags;
	uint32_t room_cells, room_repetitions;
	bool seen_tag, seen_cells, seen_repetitions, ended;
	bool out_of_memory;
	struct error *err;
};

/* "r.json:12: what": −EINVAL. */
int wrong_at(struct reader *rd, const char *at, const char *what);

/* A copy of a text, or room for n things, that lives as long as the result; NULL:
 * rd->out_of_memory. */
const char *decode_text(struct reader *rd, const char *text);
void *decode_room(struct reader *rd, size_t n, size_t bytes);

/*
 * A count that has to be there, since it says what belongs to what; whose: "a cell". text is where
 * the object was parsed from. −EINVAL.
 */
int decode_count(struct reader *rd, const cJSON *object, struct json_slice text, const char *whose,
		 const char *name, uint64_t *ret);

/* Members that may be missing, but not be something else. −EINVAL. */
int decode_check(struct reader *rd, const cJSON *object, struct json_slice text,
		 const struct shape *members);

/*
 * Each adds to rd->r. 0, or −errno: −EINVAL with the sentence in rd->err, −ENOMEM without. text is
 * where the tree was parsed from, for numbers that a double cannot hold.
 */
int decode_axes(struct reader *rd, const cJSON *array);
int decode_metrics(struct reader *rd, const cJSON *array);
int decode_warning(struct reader *rd, const cJSON *item, struct json_slice text);
int decode_cell(struct reader *rd, const cJSON *item, struct json_slice text);
int decode_repetition(struct reader *rd, const cJSON *item, struct json_slice text);

/* Room for the arrays of a result that has no repetition; −ENOMEM. */
int decode_nothing(struct reader *rd);

#endif
