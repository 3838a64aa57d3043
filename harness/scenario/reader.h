/* SPDX-License-Identifier: MIT */
/*
 * Inside the loader: the parts that turn the tree of a file into a scenario. Each reads its keys,
 * notes every mistake and goes on; whether there was any is asked once, at the end.
 */
#ifndef SCENARIO_READER_H
#define SCENARIO_READER_H

#include "scenario/document.h"
#include "scenario/mistakes.h"
#include "scenario/scenario.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reader {
	struct mistakes *mistakes;
	struct scenario *scenario;
	const struct node *root;
};

/* A key that a mapping may hold. */
struct key_row {
	const char *name;
	void (*read)(struct reader *r, const struct node *key, const struct node *value);
};

/* A key that is not among the known ones (NULL-terminated) is a mistake. */
void reader_check(struct reader *r, const struct node *mapping, const char *const *known);

/*
 * Read a mapping's keys in the order of rows (ended by a NULL name), whatever their order in the
 * file; a key with no value is a mistake.
 */
void reader_read(struct reader *r, const struct node *mapping, const struct key_row *rows);

/*
 * A mapping's keys, which all have a row: reader_check() and reader_read(). False after a mistake:
 * it is none, or empty; example is what one may hold.
 */
bool reader_mapping(struct reader *r, const struct node *key, const struct node *value,
		    const struct key_row *rows, const char *example);

/* "did you mean" or the list of what there is. at is the place of the unknown word. */
void reader_unknown(struct reader *r, struct position at, const char *what, const char *word,
		    const char *const *known);

/* The text of a scalar, or NULL after a mistake: "NAME takes one word". */
const char *reader_scalar(struct reader *r, const struct node *key, const struct node *value);

/* A scalar that is one of the words (NULL-terminated): which; −EINVAL after a mistake. */
int reader_choice(struct reader *r, const struct node *key, const struct node *value,
		  const char *const *words);

/* A scalar that is a whole number from minimum to maximum. 0, or −EINVAL after a mistake. */
int reader_count(struct reader *r, const struct node *key, const struct node *value,
		 uint64_t minimum, uint64_t maximum, uint64_t *ret);

/* A scalar that is a time above 0. 0, or −EINVAL after a mistake. */
int reader_duration(struct reader *r, const struct node *key, const struct node *value,
		    uint64_t *ret_ns);

/* Is the node nothing to read: a broken one, or an empty one after a mistake for it? */
bool reader_nothing(struct reader *r, const struct node *key, const struct node *value);

/*
 * A value or a list of values as items: nr of them, in *ret (points into the tree or at value). An
 * empty list is a mistake.
 */
unsigned int reader_items(struct reader *r, const struct node *key, const struct node **value,
			  struct node *const **ret);

/* Out of memory: a mistake too. */
void reader_memory(struct reader *r);

/* A copy of the text in fresh memory; NULL after a mistake. */
char *reader_copy(struct reader *r, const char *text);

/* The scalar or the items of a list of scalars joined by ','; NULL after a mistake. To be freed. */
char *reader_joined(struct reader *r, const struct node *key, const struct node *value);

/* An axis' value: one scalar, or a mapping of its fields. 0, or −EINVAL after a mistake. */
int reader_axis_value(struct reader *r, const struct axis *axis, const struct node *key,
		      const struct node *value, struct axis_value *ret);

/* The row of the axis that key names, or −ENOENT after a mistake. */
int reader_axis(struct reader *r, const struct node *key);

/* read_matrix.c: matrix, include; then exclude, when, which speak of the matrix. */
void read_matrix(struct reader *r, const struct node *key, const struct node *value);
void read_include(struct reader *r, const struct node *key, const struct node *value);
void read_exclude(struct reader *r, const struct node *key, const struct node *value);
void read_when(struct reader *r, const struct node *key, const struct node *value);
void read_matrix_end(struct reader *r);

/* read_pattern.c: a mapping axis → value or values. 0, or −EINVAL after a mistake. */
int read_pattern(struct reader *r, const struct node *key, const struct node *value,
		 struct pattern *ret);
/* The same, allocated; NULL after a mistake. */
struct pattern *read_new_pattern(struct reader *r, const struct node *key,
				 const struct node *value);
/* A list of patterns, or one; *ret_nr of them. NULL: none. */
struct pattern *read_patterns(struct reader *r, const struct node *key, const struct node *value,
			      unsigned int *ret_nr);

/* read_steps.c; the last in read_order.c */
void read_setup(struct reader *r, const struct node *key, const struct node *value);
void read_steps(struct reader *r, const struct node *key, const struct node *value);
void read_steps_end(struct reader *r);

/* read_find.c: before the steps, whose place it takes; then the sizes of `find: cumulative`. */
void read_find(struct reader *r, const struct node *key, const struct node *value);
void read_find_size(struct reader *r, const struct node *key, const struct node *value);

/* read_expect.c: after the steps, which rules name. */
void read_expect(struct reader *r, const struct node *key, const struct node *value);

/* read_repetitions.c: after the matrix, whose axis is compared. */
void read_repetitions(struct reader *r, const struct node *key, const struct node *value);

/* read_measure.c: after the steps, which events are of. read_perf.c: its performance events. */
void read_measure(struct reader *r, const struct node *key, const struct node *value);
void read_perf(struct reader *r, const struct node *key, const struct node *value);

/* read_plan.c: what is allowed and required, and charts. */
void read_may_oom(struct reader *r, const struct node *key, const struct node *value);
void read_timeout(struct reader *r, const struct node *key, const struct node *value);
void read_requires(struct reader *r, const struct node *key, const struct node *value);
void read_charts(struct reader *r, const struct node *key, const struct node *value);

#endif
