/* SPDX-License-Identifier: MIT */
/*
 * The tree is composed from libfyaml's events instead of its own documents: in 0.7.12 reports on
 * empty values and merged collections get lost there, duplicated keys hide, and an alias bomb goes
 * off before anything can be counted.
 */
#include "scenario/document.h"

#include "scenario/scenario.h"

#include <errno.h>
#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>

struct piece { /* of memory that lives as long as the document */
	struct piece *next;
	max_align_t data[];
};

struct document {
	struct node *root;
	struct piece *pieces;
};

struct anchor {
	const char *name;
	struct node *node; /* NULL while what it names is being read */
};

struct composer {
	struct document *document;
	struct mistakes *mistakes;
	struct fy_parser *parser;
	struct anchor anchors[DOCUMENT_ANCHORS_MAX];
	unsigned int nr_anchors, nr_nodes;
};

/* Room for a collection while it grows. */
struct gather {
	struct node **keys, **items, **merges;
	unsigned int nr, room, nr_merges, merges_room;
	struct position merge_place;
};

static int compose(struct composer *c, struct fy_event *event, unsigned int depth,
		   struct position fallback, struct node **ret);

static void *document_alloc(struct document *d, size_t bytes)
{
	struct piece *piece = calloc(1, sizeof(*piece) + bytes);

	if (!piece)
		return NULL;
	piece->next = d->pieces;
	d->pieces = piece;
	return piece->data;
}

static const char *document_copy(struct document *d, const char *text, size_t length)
{
	char *copy = document_alloc(d, length + 1);

	if (copy && length)
		memcpy(copy, text, length);
	return copy;
}

void document_free(struct document *d)
{
	struct piece *piece, *next;

	if (!d)
		return;
	for (piece = d->pieces; piece; piece = next) {
		next = piece->next;
		free(piece);
	}
	free(d);
}

const struct node *document_root(const struct document *d)
{
	return d->root;
}

const struct node *node_find(const struct node *mapping, const char *key,
			     const struct node **ret_key)
{
	if (mapping->kind != NODE_MAPPING)
		return NULL;
	for (unsigned int i = 0; i < mapping->nr; i++) {
		if (mapping->keys[i]->kind != NODE_SCALAR ||
		    strcmp(mapping->keys[i]->text, key) != 0)
			continue;
		if (ret_key)
			*ret_key = mapping->keys[i];
		return mapping->items[i];
	}
	return NULL;
}

static int out_of_memory(struct composer *c)
{
	mistakes_add(c->mistakes, (struct position){ 0 }, "out of memory");
	return -ENOMEM;
}

static struct node *new_node(struct composer *c, enum node_kind kind, struct position place)
{
	struct node *node = document_alloc(c->document, sizeof(*node));

	if (!node)
		return NULL;
	node->kind = kind;
	node->place = place;
	node->weight = 1;
	node->height = 1;
	return node;
}

static struct position event_place(struct fy_event *event, struct position fallback)
{
	const struct fy_mark *start = fy_event_start_mark(event), *end = fy_event_end_mark(event);
	struct position place;

	if (!start)
		return fallback;
	place = (struct position){ (unsigned int)start->line + 1, (unsigned int)start->column + 1,
				   1 };
	if (event->type != FYET_SCALAR && event->type != FYET_ALIAS)
		return place;
	if (end && end->line == start->line && end->column > start->column)
		place.length = (unsigned int)(end->column - start->column);
	else if (end && end->line > start->line)
		place.length = 1000; /* the rest of its first line */
	if (event->type == FYET_ALIAS && place.column > 1) {
		place.column--; /* the mark is that of the name behind '*' */
		place.length++;
	}
	return place;
}

static bool is_quoted(const struct fy_event *event)
{
	enum fy_scalar_style style = fy_token_scalar_style(event->scalar.value);

	return style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED;
}

static bool is_null_word(const char *text)
{
	return !*text || strcmp(text, "~") == 0 || strcmp(text, "null") == 0 ||
	       strcmp(text, "Null") == 0 || strcmp(text, "NULL") == 0;
}

static int compose_scalar(struct composer *c, struct fy_event *event, struct position fallback,
			  struct node **ret)
{
	struct node *node = new_node(c, NODE_NULL, event_place(event, fallback));
	const char *text = NULL;
	size_t length = 0;

	if (!node)
		return out_of_memory(c);
	*ret = node;
	if (!event->scalar.value)
		return 0;
	text = fy_token_get_text(event->scalar.value, &length);
	node->text = document_copy(c->document, text, text ? length : 0);
	if (!node->text)
		return out_of_memory(c);
	node->plain = fy_token_scalar_style(event->scalar.value) == FYSS_PLAIN;
	if (is_quoted(event) && node->place.column > 1) {
		node->place.column--;
		node->place.length += 2;
	}
	if (length != strlen(node->text)) {
		mistakes_add(c->mistakes, node->place, "a NUL character cannot be part of a word");
		node->kind = NODE_BROKEN;
	} else if (!node->plain || !is_null_word(node->text)) {
		node->kind = NODE_SCALAR;
	}
	return 0;
}

/* An alias stands for the very node that was anchored; both count. */
static int compose_alias(struct composer *c, struct fy_event *event, unsigned int depth,
			 struct node **ret)
{
	struct position place = event_place(event, (struct position){ 0 });
	size_t length = 0;
	const char *name = fy_token_get_text(event->alias.anchor, &length);
	const struct anchor *anchor = NULL;

	for (unsigned int i = c->nr_anchors; i-- > 0 && !anchor;)
		if (strlen(c->anchors[i].name) == length &&
		    memcmp(c->anchors[i].name, name, length) == 0)
			anchor = &c->anchors[i];
	if (!anchor || !anchor->node) {
		mistakes_add(c->mistakes, place,
			     anchor ? "alias '*%.*s' stands inside what it names"
				    : "alias '*%.*s' names no anchor: write '&%.*s' before the "
				      "value that it stands for",
			     (int)length, name, (int)length, name);
		*ret = new_node(c, NODE_BROKEN, place);
		return *ret ? 0 : out_of_memory(c);
	}
	c->nr_nodes += anchor->node->weight;
	if (depth + anchor->node->height - 1 > SCENARIO_DEPTH_MAX) {
		mistakes_add(c->mistakes, place,
			     "nested more than %d levels deep when aliases are followed",
			     SCENARIO_DEPTH_MAX);
		return -EINVAL;
	}
	*ret = anchor->node;
	return 0;
}

static int gather_add(struct gather *g, struct node *key, struct node *item)
{
	unsigned int room = g->room ? g->room * 2 : 8;

	if (g->nr == g->room) {
		struct node **keys = realloc(g->keys, room * sizeof(*keys));
		struct node **items;

		if (!keys)
			return -ENOMEM;
		g->keys = keys;
		items = realloc(g->items, room * sizeof(*items));
		if (!items)
			return -ENOMEM;
		g->items = items;
		g->room = room;
	}
	g->keys[g->nr] = key;
	g->items[g->nr++] = item;
	return 0;
}

static int gather_merge(struct gather *g, struct node *mapping)
{
	unsigned int room = g->merges_room ? g->merges_room * 2 : 4;

	if (g->nr_merges == g->merges_room) {
		struct node **merges = realloc(g->merges, room * sizeof(*merges));

		if (!merges)
			return -ENOMEM;
		g->merges = merges;
		g->merges_room = room;
	}
	g->merges[g->nr_merges++] = mapping;
	return 0;
}

static void gather_free(struct gather *g)
{
	free(g->keys);
	free(g->items);
	free(g->merges);
}

/* Move what was gathered into the node. */
static int gather_finish(struct composer *c, struct gather *g, struct node *node)
{
	size_t bytes = g->nr * sizeof(*g->items);

	if (!g->nr)
		return 0;
	node->items = document_alloc(c->document, bytes);
	if (!node->items)
		return out_of_memory(c);
	memcpy(node->items, g->items, bytes);
	if (node->kind == NODE_MAPPING) {
		node->keys = document_alloc(c->document, bytes);
		if (!node->keys)
			return out_of_memory(c);
		memcpy(node->keys, g->keys, bytes);
	}
	node->nr = g->nr;
	for (unsigned int i = 0; i < g->nr; i++) {
		node->weight += g->items[i]->weight + (g->keys[i] != NULL);
		if (g->items[i]->height + 1 > node->height)
			node->height = g->items[i]->height + 1;
	}
	return 0;
}

static int gather_find(const struct gather *g, const char *key)
{
	for (unsigned int i = 0; i < g->nr; i++)
		if (g->keys[i]->text && strcmp(g->keys[i]->text, key) == 0)
			return (int)i;
	return -ENOENT;
}

static int compose_list(struct composer *c, struct fy_event *start, unsigned int depth,
			struct node **ret)
{
	struct node *node = new_node(c, NODE_LIST, event_place(start, (struct position){ 0 }));
	struct fy_event *event;
	struct gather g = { 0 };
	int r = 0;

	if (!node)
		return out_of_memory(c);
	for (;;) {
		struct node *item = NULL;
		bool end;

		event = fy_parser_parse(c->parser);
		end = !event || event->type == FYET_SEQUENCE_END;
		r = !event ? -EINVAL
		    : end  ? 0
			   : compose(c, event, depth + 1,
                                    g.nr ? g.items[g.nr - 1]->place : node->place, &item);
		fy_parser_event_free(c->parser, event);
		if (r || end)
			break;
		r = gather_add(&g, NULL, item);
		if (r)
			break;
	}
	if (!r)
		r = gather_finish(c, &g, node);
	gather_free(&g);
	if (!r)
		*ret = node;
	return r;
}

/* The value of "<<": a mapping or a list of them. */
static int collect_merges(struct composer *c, struct gather *g, const struct node *key,
			  struct node *value)
{
	struct node **items = &value;
	unsigned int nr = 1;
	int r = 0;

	g->merge_place = key->place;
	if (value->kind == NODE_LIST) {
		items = value->items;
		nr = value->nr;
	}
	for (unsigned int i = 0; i < nr && !r; i++) {
		if (items[i]->kind == NODE_MAPPING)
			r = gather_merge(g, items[i]);
		else if (items[i]->kind != NODE_BROKEN)
			mistakes_add(c->mistakes, key->place,
				     "'<<' takes a mapping, or a list of mappings: write '<<: "
				     "*name'");
	}
	return r;
}

static int too_many_keys(struct composer *c, struct position place)
{
	mistakes_add(c->mistakes, place, "more than %d keys in one mapping", DOCUMENT_KEYS_MAX);
	return -EINVAL;
}

/* Keys of the mapping itself win over merged ones, earlier merges over later. */
static int apply_merges(struct composer *c, struct gather *g)
{
	int r = 0;

	for (unsigned int i = 0; i < g->nr_merges; i++) {
		const struct node *from = g->merges[i];

		for (unsigned int j = 0; j < from->nr && !r; j++) {
			if (!from->keys[j]->text || gather_find(g, from->keys[j]->text) >= 0)
				continue;
			if (g->nr >= DOCUMENT_KEYS_MAX)
				return too_many_keys(c, g->merge_place);
			c->nr_nodes += 1 + from->items[j]->weight;
			r = gather_add(g, from->keys[j], from->items[j]);
		}
	}
	return r;
}

static int add_pair(struct composer *c, struct gather *g, struct node *key, struct node *value)
{
	int earlier;

	if (key->kind == NODE_SCALAR && key->plain && strcmp(key->text, "<<") == 0)
		return collect_merges(c, g, key, value);
	if (key->kind == NODE_NULL)
		mistakes_add(c->mistakes, key->text ? key->place : value->place,
			     "a key is missing before ':'");
	else if (key->kind == NODE_LIST || key->kind == NODE_MAPPING)
		mistakes_add(c->mistakes, key->place, "a key must be a word");
	if (key->kind != NODE_SCALAR)
		return 0;
	earlier = gather_find(g, key->text);
	if (earlier >= 0) {
		mistakes_add(c->mistakes, key->place,
			     "key '%s' is there twice, first on line %u: remove one", key->text,
			     g->keys[earlier]->place.line);
		return 0;
	}
	if (g->nr >= DOCUMENT_KEYS_MAX)
		return too_many_keys(c, key->place);
	return gather_add(g, key, value);
}

static int compose_mapping(struct composer *c, struct fy_event *start, unsigned int depth,
			   struct node **ret)
{
	struct node *node = new_node(c, NODE_MAPPING, event_place(start, (struct position){ 0 }));
	struct node *key, *value;
	struct fy_event *event;
	struct gather g = { 0 };
	int r = 0;

	if (!node)
		return out_of_memory(c);
	for (;;) {
		bool end;

		event = fy_parser_parse(c->parser);
		end = !event || event->type == FYET_MAPPING_END;
		r = !event ? -EINVAL : end ? 0 : compose(c, event, depth + 1, node->place, &key);
		fy_parser_event_free(c->parser, event);
		if (r || end)
			break;
		event = fy_parser_parse(c->parser);
		r = event ? compose(c, event, depth + 1, key->place, &value) : -EINVAL;
		fy_parser_event_free(c->parser, event);
		if (!r)
			r = add_pair(c, &g, key, value);
		if (r)
			break;
	}
	if (!r)
		r = apply_merges(c, &g);
	if (!r)
		r = gather_finish(c, &g, node);
	gather_free(&g);
	if (!r)
		*ret = node;
	return r;
}

static struct fy_token *event_anchor(const struct fy_event *event)
{
	switch (event->type) {
	case FYET_SCALAR:
		return event->scalar.anchor;
	case FYET_SEQUENCE_START:
		return event->sequence_start.anchor;
	case FYET_MAPPING_START:
		return event->mapping_start.anchor;
	default:
		return NULL;
	}
}

static struct fy_token *event_tag(const struct fy_event *event)
{
	switch (event->type) {
	case FYET_SCALAR:
		return event->scalar.tag;
	case FYET_SEQUENCE_START:
		return event->sequence_start.tag;
	case FYET_MAPPING_START:
		return event->mapping_start.tag;
	default:
		return NULL;
	}
}

static int open_anchor(struct composer *c, struct fy_token *token, struct position place,
		       struct anchor **ret)
{
	size_t length = 0;
	const char *name = fy_token_get_text(token, &length);

	if (c->nr_anchors == DOCUMENT_ANCHORS_MAX) {
		mistakes_add(c->mistakes, place, "more than %d anchors", DOCUMENT_ANCHORS_MAX);
		return -EINVAL;
	}
	*ret = &c->anchors[c->nr_anchors];
	**ret = (struct anchor){ document_copy(c->document, name, length), NULL };
	if (!(*ret)->name)
		return out_of_memory(c);
	c->nr_anchors++;
	return 0;
}

static struct position token_place(struct fy_token *token, struct position fallback)
{
	const struct fy_mark *start = fy_token_start_mark(token);

	if (!start)
		return fallback;
	return (struct position){ (unsigned int)start->line + 1, (unsigned int)start->column + 1,
				  1 };
}

static int check_limits(struct composer *c, struct position place, unsigned int depth)
{
	if (depth > SCENARIO_DEPTH_MAX) {
		mistakes_add(c->mistakes, place, "nested more than %d levels deep",
			     SCENARIO_DEPTH_MAX);
		return -EINVAL;
	}
	if (c->nr_nodes > SCENARIO_NODES_MAX) {
		mistakes_add(c->mistakes, place, "more than %u values when aliases are followed",
			     SCENARIO_NODES_MAX);
		return -EINVAL;
	}
	return 0;
}

static int compose_kind(struct composer *c, struct fy_event *event, unsigned int depth,
			struct position fallback, struct node **ret)
{
	switch (event->type) {
	case FYET_ALIAS:
		return compose_alias(c, event, depth, ret);
	case FYET_SCALAR:
		return compose_scalar(c, event, fallback, ret);
	case FYET_SEQUENCE_START:
		return compose_list(c, event, depth, ret);
	case FYET_MAPPING_START:
		return compose_mapping(c, event, depth, ret);
	default:
		mistakes_add(c->mistakes, fallback, "not a value");
		return -EINVAL;
	}
}

static int compose(struct composer *c, struct fy_event *event, unsigned int depth,
		   struct position fallback, struct node **ret)
{
	struct position place = event_place(event, fallback);
	struct fy_token *token;
	struct anchor *anchor = NULL;
	int r;

	c->nr_nodes++;
	r = check_limits(c, place, depth);
	if (r)
		return r;
	token = event_anchor(event);
	if (token) {
		r = open_anchor(c, token, place, &anchor);
		if (r)
			return r;
	}
	token = event_tag(event);
	if (token)
		mistakes_add(c->mistakes, token_place(token, place),
			     "tags such as !!int mean nothing here: remove the tag");
	r = compose_kind(c, event, depth, fallback, ret);
	if (!r && anchor)
		anchor->node = *ret;
	/* Once more: an alias has added what it stands for. */
	return r ? r : check_limits(c, place, depth);
}

/*
 * libfyaml's words for a mistake in the syntax, in ours. The rest is passed on as it is.
 */
static const struct {
	const char *theirs, *ours;
} sentences[] = {
	{ "flow sequence without a closing bracket", "a list is not closed: ']' is missing" },
	{ "flow sequence with invalid extra closing bracket", "one ']' too many" },
	{ "flow mapping without a closing brace", "a mapping is not closed: '}' is missing" },
	{ "flow mapping with invalid extra closing brace", "one '}' too many" },
	{ "double-quoted scalar without closing quote", "a closing '\"' is missing" },
	{ "single-quoted scalar without closing quote", "a closing \"'\" is missing" },
	{ "missing comma in flow sequence", "',' or ']' is missing before this" },
	{ "missing comma in flow mapping", "',' or '}' is missing before this" },
	{ "did not find expected node content",
	  "a value was expected here: is a ']' or '}' missing above?" },
	{ "wrongly indented double-quoted scalar",
	  "a closing '\"' is missing, or the text goes on in the first column" },
	{ "wrongly indented single-quoted scalar",
	  "a closing \"'\" is missing, or the text goes on in the first column" },
	{ "invalid multiline plain key",
	  "the next line is indented as if it belonged to this value: begin its key in the column "
	  "of the other keys" },
	{ "invalid nested block mapping on the same line",
	  "two ':' on one line: put the value in quotes, or the second key on a line of its own" },
	{ "invalid scalar at the end of block sequence",
	  "a key in the column of list items: a collection is either a list or a mapping" },
	{ "invalid indentation in mapping", "this is in another column than the keys before it" },
	{ "invalid escape",
	  "YAML does not know this escape: write '\\\\' for '\\', or use single quotes" },
	{ "plain scalar cannot start with",
	  "a word cannot begin with this character: put it in quotes" },
	{ "unexpected alias", "an alias cannot have an anchor of its own" },
};

static const char *our_sentence(const char *theirs)
{
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++)
		if (strstr(theirs, sentences[i].theirs))
			return sentences[i].ours;
	return theirs;
}

/* The number of the last line that holds anything, for errors that libfyaml puts after it. */
static unsigned int last_line(const struct mistakes *m)
{
	size_t end = m->length;
	unsigned int line = 1;

	while (end && (m->text[end - 1] == '\n' || m->text[end - 1] == '\r'))
		end--;
	for (size_t i = 0; i < end; i++)
		line += m->text[i] == '\n';
	return line;
}

/* Where the line begins; NULL: there is none. */
static const char *line_start(const struct mistakes *m, unsigned int line)
{
	const char *at = m->text, *end = m->text + m->length;

	while (--line && at) {
		at = memchr(at, '\n', (size_t)(end - at));
		at = at ? at + 1 : NULL;
	}
	return at;
}

/* Characters of the line. */
static unsigned int line_width(const struct mistakes *m, unsigned int line)
{
	const char *at = line_start(m, line), *end = m->text + m->length;
	unsigned int width = 0;

	for (; at && at < end && *at != '\n' && *at != '\r'; at++)
		width += ((unsigned char)*at & 0xc0) != 0x80;
	return width;
}

/* Is there a tab before the first word of the line? */
static bool tab_indents(const struct mistakes *m, unsigned int line)
{
	const char *at = line_start(m, line), *end = m->text + m->length;

	for (; at && at < end && (*at == ' ' || *at == '\t'); at++)
		if (*at == '\t')
			return true;
	return false;
}

/* Only libfyaml's first report counts: the others follow from it. */
static void report_syntax(struct mistakes *m, struct fy_diag *diag)
{
	void *iterator = NULL;
	const struct fy_diag_error *error = fy_diag_errors_iterate(diag, &iterator);
	unsigned int last = last_line(m);
	struct position place = { last, line_width(m, last) + 1, 1 };

	if (!error || !error->msg) {
		mistakes_add(m, (struct position){ 0 }, "is not YAML");
		return;
	}
	if (error->line > 0 && (unsigned int)error->line <= last)
		place = (struct position){ (unsigned int)error->line,
					   error->column > 0 ? (unsigned int)error->column : 1, 1 };
	for (unsigned int line = place.line; line <= place.line + 1 && line <= last; line++) {
		if (tab_indents(m, line)) {
			place = (struct position){ line, 1, 1 };
			mistakes_add(m, place, "a tab in the indentation: YAML wants blanks there");
			return;
		}
	}
	mistakes_add(m, place, "%s", our_sentence(error->msg));
}

/* Everything between the start and the end of the stream: one document, no more. */
static int compose_stream(struct composer *c)
{
	struct fy_event *event;
	int r = 0;

	while (!r && (event = fy_parser_parse(c->parser))) {
		switch (event->type) {
		case FYET_STREAM_START:
		case FYET_STREAM_END:
		case FYET_DOCUMENT_END:
			break;
		case FYET_DOCUMENT_START:
			if (!c->document->root)
				break;
			mistakes_add(c->mistakes, event_place(event, (struct position){ 0 }),
				     "a second document begins here: one scenario a file");
			r = -EINVAL;
			break;
		default:
			r = compose(c, event, 1, (struct position){ 1, 1, 1 }, &c->document->root);
		}
		fy_parser_event_free(c->parser, event);
	}
	return r;
}

static int compose_document(struct composer *c, struct fy_diag *diag)
{
	unsigned int before = c->mistakes->nr_errors;
	int r = compose_stream(c);

	if (fy_parser_get_stream_error(c->parser)) {
		report_syntax(c->mistakes, diag);
		return -EINVAL;
	}
	if (r && c->mistakes->nr_errors == before)
		mistakes_add(c->mistakes, (struct position){ 0 }, "is not YAML");
	if (!r && !c->document->root) {
		mistakes_add(c->mistakes, (struct position){ 0 },
			     "is empty: a scenario begins with 'scenario: NAME'");
		r = -EINVAL;
	}
	return r;
}

/* How many bytes the UTF-8 character at at has; 0: none that YAML allows. */
static size_t character_bytes(const unsigned char *at, size_t left)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = at[0] < 0x80             ? 1
		   : (at[0] & 0xe0) == 0xc0 ? 2
		   : (at[0] & 0xf0) == 0xe0 ? 3
		   : (at[0] & 0xf8) == 0xf0 ? 4
					    : 0;
	uint32_t point = n == 1 ? at[0] : n ? at[0] & (0x7fu >> n) : 0;

	if (!n || n > left)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (at[i] & 0x3f);
	}
	if (n > 1 && point < smallest[n])
		return 0;
	if ((point < 0x20 && point != '\t' && point != '\n' && point != '\r') ||
	    (point >= 0x7f && point < 0xa0 && point != 0x85) ||
	    (point >= 0xd800 && point < 0xe000) || point > 0x10ffff)
		return 0;
	return n;
}

/*
 * A key after '?' brings libfyaml 0.7.12 to corrupt its own memory ("?   -:<tab>?   - m"), and no
 * scenario needs one: a line that begins with it goes no further.
 */
static int check_complex_keys(const char *text, size_t length, struct mistakes *m)
{
	const char *end = text + length;
	struct position place = { 1, 1, 1 };
	bool begins = true;

	for (const char *at = text; at < end; at++, place.column++) {
		bool alone = at + 1 == end || strchr(" \t\r\n", at[1]);

		if (*at == '\n') {
			place = (struct position){ place.line + 1, 0, 1 };
			begins = true;
		} else if (begins && alone && *at == '?') {
			mistakes_add(m, place, "'?' before a key: write 'KEY: VALUE'");
			return -EINVAL;
		} else if (*at != ' ' && *at != '\t' && !(strchr("-:?", *at) && alone)) {
			begins = false;
		}
	}
	return 0;
}

/* libfyaml takes a NUL or a broken character for the end of the file, and says nothing. */
static int check_characters(const char *text, size_t length, struct mistakes *m)
{
	const unsigned char *at = (const unsigned char *)text, *end = at + length;
	struct position place = { 1, 1, 1 };

	while (at < end) {
		size_t n = character_bytes(at, (size_t)(end - at));

		if (!n) {
			m->text = NULL; /* nothing of it is fit to be shown */
			mistakes_add(m, place,
				     "byte 0x%02x is not text: a scenario is a UTF-8 text file",
				     *at);
			return -EINVAL;
		}
		place.column++;
		if (*at == '\n')
			place = (struct position){ place.line + 1, 1, 1 };
		at += n;
	}
	return 0;
}

static struct fy_diag *quiet_diag(void)
{
	struct fy_diag_cfg config;
	struct fy_diag *diag;

	fy_diag_cfg_default(&config);
	config.fp = NULL;
	config.output_fn = NULL;
	diag = fy_diag_create(&config);
	if (diag)
		fy_diag_set_collect_errors(diag, true);
	return diag;
}

static int parse(struct composer *c, const char *text, size_t length)
{
	struct fy_parse_cfg config = { .flags = FYPCF_COLLECT_DIAG | FYPCF_DEFAULT_VERSION_1_2 |
						FYPCF_JSON_NONE };
	int r;

	config.diag = quiet_diag();
	if (!config.diag)
		return out_of_memory(c);
	c->parser = fy_parser_create(&config);
	if (!c->parser || fy_parser_set_string(c->parser, text, length))
		r = out_of_memory(c);
	else
		r = compose_document(c, config.diag);
	if (c->parser)
		fy_parser_destroy(c->parser);
	fy_diag_destroy(config.diag);
	return r;
}

int document_parse(const char *text, size_t length, struct mistakes *m, struct document **ret)
{
	struct composer *c;
	int r;

	if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		length -= 3;
	}
	m->text = text;
	m->length = length;
	r = check_characters(text, length, m);
	if (!r)
		r = check_complex_keys(text, length, m);
	if (r)
		return r;
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->mistakes = m;
	c->document = calloc(1, sizeof(*c->document));
	/* An empty string would be taken for an error. */
	r = !c->document ? out_of_memory(c) : parse(c, text, length);
	if (r)
		document_free(c->document);
	else
		*ret = c->document;
	free(c);
	return r;
}
