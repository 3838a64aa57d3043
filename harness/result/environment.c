/* SPDX-License-Identifier: MIT */
#include "result/environment.h"

#include "base/cleanup.h"
#include "scenario/scenario.h"

#include <inttypes.h>
#include <string.h>

#define OTHER_CPU      "another processor"
#define OTHER_CLOCK    "times are counted in another way"
#define OTHER_STEPS    "the scenarios' steps are not the same"
#define OTHER_MACHINE  "another architecture"
#define OTHER_REALITY  "an emulated machine's time is not a real one's"
#define OTHER_HARDWARE "a guest pays for its page tables twice, bare metal does not"

/* By how a path begins; the longest that fits counts. */
static const struct rule {
	const char *prefix;
	bool ignored;
	const char *grave;
} rules[] = {
	{ "host/", false, NULL },
	/* These change by themselves, or are said elsewhere too. */
	{ "host/boot_id", true, NULL },
	{ "host/nodes/", true, NULL },
	{ "host/hugetlb/", true, NULL },
	{ "host/memory/available_bytes", true, NULL },
	{ "host/memory/committed_bytes", true, NULL },
	{ "host/memory/free_bytes", true, NULL },
	{ "host/process/address_space/", true, NULL },
	{ "host/memory/swap_free_bytes", true, NULL },
	{ "host/facts/memory/", true, NULL },
	{ "host/facts/kernel/boot_id", true, NULL },
	{ "host/facts/kernel/release", true, NULL },
	{ "host/facts/kernel/machine", true, NULL },
	{ "host/facts/hugetlb/2MiB.free", true, NULL },
	{ "host/facts/hugetlb/1GiB.free", true, NULL },
	{ "host/facts/thp/khugepaged.full_scans", true, NULL },
	{ "host/facts/thp/khugepaged.pages_collapsed", true, NULL },
	{ "host/facts/vm/nr_hugepages_mempolicy", true, NULL },
	{ "host/facts/load", true, NULL },
	{ "host/facts/pressure", true, NULL },
	{ "host/facts/background", true, NULL },
	/* These make times impossible to compare. */
	{ "host/machine", false, OTHER_MACHINE },
	{ "host/facts/cpu/model", false, OTHER_CPU },
	{ "host/facts/cpu/vendor", false, OTHER_CPU },
	{ "host/facts/cpu/family", false, OTHER_CPU },
	{ "host/facts/cpu/part", false, OTHER_CPU },
	{ "host/facts/cpu/implementer", false, OTHER_CPU },
	{ "host/facts/virtualisation/guest", false, OTHER_HARDWARE },
	{ "emulated", false, OTHER_REALITY },
	{ "run/clock", false, OTHER_CLOCK },
	{ "steps", false, OTHER_STEPS },
	{ "tool/", false, NULL },
	{ "scenario/name", false, NULL },
};

static const struct rule *rule_of(const char *path)
{
	const struct rule *best = NULL;

	for (size_t i = 0; i < ARRAY_LENGTH(rules); i++)
		if (strncmp(path, rules[i].prefix, strlen(rules[i].prefix)) == 0 &&
		    (!best || strlen(rules[i].prefix) > strlen(best->prefix)))
			best = &rules[i];
	return best;
}

/* Paths and values of one result. */
struct leaves {
	struct leaf {
		char *path, *text;
	} * items;
	size_t n, room;
	bool out_of_memory;
};

static void leaves_free(struct leaves *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->items[i].path);
		free(l->items[i].text);
	}
	free(l->items);
}

static void add_leaf(void *context, const char *path, const char *text)
{
	struct leaves *l = context;
	struct leaf *leaf;

	if (l->n == l->room) {
		size_t room = l->room ? 2 * l->room : 256;
		struct leaf *grown = realloc(l->items, room * sizeof(*grown));

		if (!grown) {
			l->out_of_memory = true;
			return;
		}
		l->items = grown;
		l->room = room;
	}
	leaf = &l->items[l->n++];
	*leaf = (struct leaf){ strdup(path), strdup(text) };
	l->out_of_memory |= !leaf->path || !leaf->text;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct leaf *)a)->path, ((const struct leaf *)b)->path);
}

/* Which events are counted, since each costs a system call around a step, or time in each fault. */
static void add_events(const struct perf_choice *choice, struct leaves *l)
{
	char text[PERF_EVENTS_MAX * (PERF_NAME_MAX + 1)] = "none";
	size_t n = 0;

	for (unsigned int i = 0; i < choice->nr; i++)
		if (!perf_left_out(choice, i))
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", n ? " " : "",
					      choice->names[i]);
	add_leaf(l, "tool/perf events", text);
}

/* Iterations and events are only in the scenario's text. */
static void add_measure(const struct result *r, struct leaves *l)
{
	const char *source = result_text(r, "scenario/source");
	struct scenario *s = NULL;
	char text[64], events[256];

	if (!source || scenario_load_text(source, strlen(source), "scenario", NULL, &s, NULL))
		return;
	add_leaf(l, "steps/events", scenario_events(s, events, sizeof(events)));
	snprintf(text, sizeof(text), "%" PRIu64, s->measure.iterations);
	add_leaf(l, "tool/iterations", text);
	snprintf(text, sizeof(text), "%" PRIu64 " ns", s->measure.for_ns);
	add_leaf(l, "tool/measured for", text);
	add_events(&s->measure.perf, l);
	scenario_free(s);
}

static int collect(const struct result *r, struct leaves *l)
{
	static const char *const roots[] = { "host",      "tool",     "steps",
					     "run/clock", "emulated", "scenario/name" };

	*l = (struct leaves){ .n = 0 };
	for (size_t i = 0; i < ARRAY_LENGTH(roots); i++)
		result_visit(r, roots[i], add_leaf, l);
	add_measure(r, l);
	if (l->out_of_memory)
		return -ENOMEM;
	qsort(l->items, l->n, sizeof(*l->items), by_path);
	return 0;
}

/* "host/facts/vm/swappiness" is told as "vm/swappiness". */
static const char *told(const char *path)
{
	static const char *const prefixes[] = { "host/facts/", "host/", "tool/" };

	for (size_t i = 0; i < ARRAY_LENGTH(prefixes); i++)
		if (strncmp(path, prefixes[i], strlen(prefixes[i])) == 0)
			return path + strlen(prefixes[i]);
	return path;
}

/* Some things stand in two places of a result. */
static bool is_told(const struct environment *e, const char *what)
{
	for (size_t i = 0; i < e->n; i++)
		if (strcmp(e->differences[i].what, what) == 0)
			return true;
	return false;
}

/* A fact that only one of them states is no proof of another processor. */
static int add_difference(struct environment *e, const char *path, const char *a, const char *b,
			  bool both)
{
	const struct rule *rule = rule_of(path);
	struct environment_difference *grown, *d;

	if (!rule || rule->ignored || is_told(e, told(path)))
		return 0;
	grown = realloc(e->differences, (e->n + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	e->differences = grown;
	d = &e->differences[e->n++];
	*d = (struct environment_difference){ strdup(told(path)), strdup(a), strdup(b),
					      rule->grave };
	if (!both && strncmp(path, "host/facts/", strlen("host/facts/")) == 0)
		d->grave = NULL;
	e->nr_grave += !!d->grave;
	return d->what && d->a && d->b ? 0 : -ENOMEM;
}

static int merge(const struct leaves *a, const struct leaves *b, struct environment *e)
{
	size_t i = 0, k = 0;
	int r = 0;

	for (;;) {
		const struct leaf *x = i < a->n ? &a->items[i] : NULL,
				  *y = k < b->n ? &b->items[k] : NULL;

		if (r || (!x && !y))
			return r;
		if (!y || (x && strcmp(x->path, y->path) < 0)) {
			r = add_difference(e, x->path, x->text, "-", false);
			i++;
		} else if (!x || strcmp(x->path, y->path) > 0) {
			r = add_difference(e, y->path, "-", y->text, false);
			k++;
		} else {
			if (strcmp(x->text, y->text) != 0)
				r = add_difference(e, x->path, x->text, y->text, true);
			i++;
			k++;
		}
	}
}

static int grave_first(const void *a, const void *b)
{
	const struct environment_difference *x = a, *y = b;

	if (!x->grave != !y->grave)
		return x->grave ? -1 : 1;
	return strcmp(x->what, y->what);
}

int environment_compare(const struct result *a, const struct result *b, struct environment *ret)
{
	struct environment e = { .n = 0 };
	struct leaves of_a, of_b = { .n = 0 };
	int r = collect(a, &of_a);

	if (!r)
		r = collect(b, &of_b);
	if (!r)
		r = merge(&of_a, &of_b, &e);
	leaves_free(&of_a);
	leaves_free(&of_b);
	if (r) {
		environment_free(&e);
		return r;
	}
	if (e.n)
		qsort(e.differences, e.n, sizeof(*e.differences), grave_first);
	*ret = e;
	return 0;
}

static void note_true(void *context, const char *path, const char *text)
{
	bool *found = context;

	(void)path;
	*found |= strcmp(text, "true") == 0;
}

bool environment_without_time(const struct result *r)
{
	const char *clock = result_text(r, "run/clock");
	bool emulated = false;

	result_visit(r, "emulated", note_true, &emulated);
	return emulated && (!clock || strcmp(clock, "instructions") != 0);
}

void environment_free(struct environment *e)
{
	for (size_t i = 0; i < e->n; i++) {
		free(e->differences[i].what);
		free(e->differences[i].a);
		free(e->differences[i].b);
	}
	free(e->differences);
	*e = (struct environment){ .n = 0 };
}
