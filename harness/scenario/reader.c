/* SPDX-License-Identifier: MIT */
#include "scenario/reader.h"

#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define KEYS_MAX 16

void reader_memory(struct reader *r)
{
	mistakes_add(r->mistakes, (struct position){ 0 }, "out of memory");
}

void reader_unknown(struct reader *r, struct position at, const char *what, const char *word,
		    const char *const *known)
{
	const char *nearest = text_nearest(word, known);
	char list[512];

	if (nearest)
		mistakes_add(r->mistakes, at, "unknown %s '%s': did you mean '%s'?", what, word,
			     nearest);
	else
		mistakes_add(r->mistakes, at, "unknown %s '%s': choose %s", what, word,
			     text_alternatives(known, list, sizeof(list)));
}

void reader_check(struct reader *r, const struct node *mapping, const char *const *known)
{
	for (unsigned int i = 0; i < mapping->nr; i++) {
		const struct node *key = mapping->keys[i];
		bool found = false;

		for (size_t j = 0; known[j] && !found; j++)
			found = strcmp(known[j], key->text) == 0;
		if (!found)
			reader_unknown(r, key->place, "key", key->text, known);
	}
}

bool reader_nothing(struct reader *r, const struct node *key, const struct node *value)
{
	if (value->kind == NODE_NULL)
		mistakes_add(r->mistakes, value->text && *value->text ? value->place : key->place,
			     "'%s' has no value: give it one, or remove it", key->text);
	return value->kind == NODE_NULL || value->kind == NODE_BROKEN;
}

void reader_read(struct reader *r, const struct node *mapping, const struct key_row *rows)
{
	for (; rows->name; rows++) {
		const struct node *key, *value = node_find(mapping, rows->name, &key);

		if (value && !reader_nothing(r, key, value))
			rows->read(r, key, value);
	}
}

bool reader_mapping(struct reader *r, const struct node *key, const struct node *value,
		    const struct key_row *rows, const char *example)
{
	const char *known[KEYS_MAX + 1] = { NULL };

	if (value->kind != NODE_MAPPING || !value->nr) {
		mistakes_add(r->mistakes, value->kind == NODE_SCALAR ? value->place : key->place,
			     "'%s' takes a mapping: try {%s}", key->text, example);
		return false;
	}
	for (size_t i = 0; i < KEYS_MAX && rows[i].name; i++)
		known[i] = rows[i].name;
	reader_check(r, value, known);
	reader_read(r, value, rows);
	return true;
}

const char *reader_scalar(struct reader *r, const struct node *key, const struct node *value)
{
	if (reader_nothing(r, key, value))
		return NULL;
	if (value->kind == NODE_SCALAR)
		return value->text;
	mistakes_add(r->mistakes, key->place, "'%s' takes one value, not a %s", key->text,
		     value->kind == NODE_LIST ? "list" : "mapping");
	return NULL;
}

char *reader_copy(struct reader *r, const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		reader_memory(r);
	return copy;
}

int reader_choice(struct reader *r, const struct node *key, const struct node *value,
		  const char *const *words)
{
	const char *text = reader_scalar(r, key, value);

	if (!text)
		return -EINVAL;
	for (int i = 0; words[i]; i++)
		if (strcmp(words[i], text) == 0)
			return i;
	reader_unknown(r, value->place, key->text, text, words);
	return -EINVAL;
}

int reader_count(struct reader *r, const struct node *key, const struct node *value,
		 uint64_t minimum, uint64_t maximum, uint64_t *ret)
{
	const char *text = reader_scalar(r, key, value);
	struct error err;
	uint64_t n;

	if (!text)
		return -EINVAL;
	if (count_parse(text, &n, &err)) {
		mistakes_add(r->mistakes, value->place, "%s: %s", key->text, err.text);
		return -EINVAL;
	}
	if (n < minimum && maximum == UINT64_MAX) {
		mistakes_add(r->mistakes, value->place,
			     "%s: %" PRIu64 " is too small: at least %" PRIu64, key->text, n,
			     minimum);
		return -EINVAL;
	}
	if (n < minimum || n > maximum) {
		mistakes_add(r->mistakes, value->place,
			     "%s: %" PRIu64 " is too %s: choose %" PRIu64 " to %" PRIu64, key->text,
			     n, n < minimum ? "small" : "large", minimum, maximum);
		return -EINVAL;
	}
	*ret = n;
	return 0;
}

int reader_duration(struct reader *r, const struct node *key, const struct node *value,
		    uint64_t *ret_ns)
{
	const char *text = reader_scalar(r, key, value);
	struct error err;
	uint64_t ns;

	if (!text)
		return -EINVAL;
	if (duration_parse(text, &ns, &err)) {
		mistakes_add(r->mistakes, value->place, "%s: %s", key->text, err.text);
		return -EINVAL;
	}
	if (!ns) {
		mistakes_add(r->mistakes, value->place, "%s: %s is no time: try 2s", key->text,
			     text);
		return -EINVAL;
	}
	*ret_ns = ns;
	return 0;
}

unsigned int reader_items(struct reader *r, const struct node *key, const struct node **value,
			  struct node *const **ret)
{
	if ((*value)->kind != NODE_LIST) {
		*ret = (struct node *const *)value;
		return 1;
	}
	if (!(*value)->nr)
		mistakes_add(r->mistakes, key->place,
			     "'%s' is an empty list: give it a value, or remove it", key->text);
	*ret = (*value)->items;
	return (*value)->nr;
}

char *reader_joined(struct reader *r, const struct node *key, const struct node *value)
{
	struct node *const *items;
	size_t used = 0, room = 1;
	unsigned int nr;
	char *text;

	if (reader_nothing(r, key, value))
		return NULL;
	nr = reader_items(r, key, &value, &items);
	for (unsigned int i = 0; i < nr; i++) {
		if (!reader_scalar(r, key, items[i]))
			return NULL;
		room += strlen(items[i]->text) + 1;
	}
	text = nr ? malloc(room) : NULL;
	if (!text) {
		if (nr)
			reader_memory(r);
		return NULL;
	}
	for (unsigned int i = 0; i < nr; i++) {
		if (i)
			text[used++] = ',';
		memcpy(text + used, items[i]->text, strlen(items[i]->text));
		used += strlen(items[i]->text);
	}
	text[used] = '\0';
	return text;
}
