/* SPDX-License-Identifier: MIT */
/*
 * overmap predict: would the kernel grant this mapping? The verdict first, then the rule in a
 * sentence, the sum with this machine's figures, and what would make it succeed.
 */
#include "cmd/cmd.h"

#include "base/cleanup.h"
#include "cmd/question.h"
#include "cmd/reasons.h"
#include "result/answer.h"

#include <argp.h>
#include <stdlib.h>
#include <unistd.h>

static const struct argp_option options[] = {
	{ "size", QUESTION_SIZE, "SIZE", 0, "How much: 1TiB, '100% ram+swap + 1 page', '4x ram'",
	  0 },
	{ "flags", QUESTION_FLAGS, "WORDS", 0,
	  "How: 'private anonymous noreserve'; 'overmap list axes' has all words", 0 },
	{ "protection", QUESTION_PROTECTION, "WORDS", 0, "'read write' (default), read, none", 0 },
	{ "overcommit", QUESTION_OVERCOMMIT, "MODE", 0,
	  "As if vm.overcommit_memory were heuristic, always, never or 'never ratio 80' (default: "
	  "what the system says)",
	  0 },
	{ "hugepages", QUESTION_HUGEPAGES, "WORDS", 0,
	  "none (default), 'hugetlb 2MiB': from the pool as it is", 0 },
	{ "address", QUESTION_ADDRESS, "ADDRESS", 0,
	  "A hint, or the place with fixed-noreplace: 0x4000000000, 256GiB", 0 },
	{ "limit", QUESTION_LIMIT, "NAME=SIZE", 0,
	  "As if a resource limit were set: as, data, memlock or stack; may be repeated", 0 },
	{ "set", QUESTION_SET, "NAME=VALUE", 0,
	  "As if a system setting had this value: hugetlb.2MiB=512, vm.max_map_count=100; may be "
	  "repeated",
	  0 },
	{ "system", QUESTION_SYSTEM, "FILE", 0,
	  "Ask about the machine that 'overmap snapshot' described (default: this one)", 0 },
	{ "json", QUESTION_JSON, NULL, 0, "Print JSON", 0 },
	{ 0 },
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct question *q = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		argp_error(state, "'%s' is too much: the size goes to --size", text);
		break;
	case ARGP_KEY_END:
		if (!q->size)
			argp_error(state, "--size is missing: try --size 1TiB");
		break;
	default:
		return question_option(q, key, text, state);
	}
	return 0;
}

static const struct argp predict_argp = {
	.options = options,
	.parser = parse_option,
	.doc = "Say whether the kernel would grant a mapping, by which rule, and what would make "
	       "it "
	       "succeed. Nothing is mapped and nothing is changed.\v"
	       "overmap predict --size '100% ram+swap + 1 page'\n"
	       "overmap predict --size 1TiB --flags noreserve --overcommit never",
};

static void print_heading(const struct prediction *p)
{
	switch (p->verdict) {
	case VERDICT_REFUSED:
		printf("refused: %s\n\n", errno_name(p->error));
		break;
	case VERDICT_INDETERMINATE:
		printf("cannot be known: granted or refused\n\n");
		break;
	default:
		printf("%s\n\n", verdict_name(p->verdict));
		break;
	}
}

static void print_charge(const struct answer *a)
{
	const struct prediction *p = &a->prediction;
	char size[40];

	if (p->committed_bytes)
		printf("It is charged: Committed_AS grows by %s.\n",
		       bytes_format((uint64_t)p->committed_bytes, size, sizeof(size)));
	else if (p->mapping.traits & MAPPED_HUGETLB)
		printf("It is not charged to Committed_AS; %s\n",
		       p->pool_reserved_pages
			       ? "its pages are reserved in the pool."
			       : "nothing is reserved, so a touch may end in SIGBUS.");
	else
		printf("It is not charged: Committed_AS stays as it is.\n");
}

/* Granted is not the same as there: what happens when all of it is used. */
static void print_granted(const struct answer *a)
{
	const struct host *host = a->model->host;
	struct prediction touch;
	char size[40], more[40], text[256] = "";

	print_charge(a);
	if (!(a->request->protection & (PROT_READ | PROT_WRITE))) {
		printf("It cannot be touched as long as its protection is none.\n\n");
		return;
	}
	model_touch(a->model, &a->prediction.mapping, a->request->length_bytes,
		    a->request->protection & PROT_WRITE, &touch);
	if (touch.verdict == VERDICT_DEFERRED)
		snprintf(text, sizeof(text), "But not all of it can be touched: %s.",
			 rule_get(touch.rule)->text);
	else if (touch.verdict == VERDICT_INDETERMINATE)
		snprintf(text, sizeof(text),
			 "Whether all of it can be touched cannot be known: %s.",
			 rule_get(touch.rule)->text);
	reasons_wrap(text, "");
	if (touch.verdict != VERDICT_GRANTED)
		printf("Now %s of RAM are available, and %s of swap are free.\n",
		       bytes_format(host->available_bytes, size, sizeof(size)),
		       bytes_format(host->swap_free_bytes, more, sizeof(more)));
	printf("The largest such mapping: %s",
	       bytes_format(a->ceiling.low_bytes, size, sizeof(size)));
	printf(" (then %s binds).\n\n", rule_get(a->ceiling.rule)->title);
}

static void print_answer(const struct answer *a)
{
	const struct rule *rule = rule_get(a->prediction.rule);
	char text[512], versions[64];

	print_heading(&a->prediction);
	reasons_wrap(prediction_sentence(a->model, a->request, &a->prediction, text, sizeof(text)),
		     "");
	putchar('\n');
	reasons_terms(a);
	if (a->prediction.verdict == VERDICT_GRANTED) {
		print_granted(a);
		return;
	}
	reasons_remedies(a);
	printf("The rule: %s, %s (%s).\n", rule->name, rule->source,
	       rule_versions(rule, versions, sizeof(versions)));
}

static int answer(const struct question *question, struct asked *asked)
{
	struct answer a = { .model = &asked->model, .request = &asked->conditions.map };
	struct error err;

	model_map(a.model, a.request, &a.prediction);
	model_ceiling(a.model, a.request, &a.ceiling);
	if (!question->json) {
		print_answer(&a);
		return 0;
	}
	if (answer_write(&a, stdout, &err) < 0) {
		fprintf(stderr, "overmap: %s\n", err.text);
		return EXIT_DIFFERS;
	}
	return 0;
}

int cmd_predict(int argc, char **argv)
{
	struct question question = { .json = false };
	AUTO_FREE struct asked *asked = malloc(sizeof(*asked));
	struct error err = { "" };

	argp_parse(&predict_argp, argc, argv, 0, NULL, &question);
	if (!asked)
		return EXIT_DIFFERS;
	if (question_resolve(&question, asked, &err) < 0) {
		fprintf(stderr, "overmap: %s\n", err.text);
		return EXIT_USAGE;
	}
	return answer(&question, asked);
}
