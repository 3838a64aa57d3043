/* SPDX-License-Identifier: MIT */
#include "result/answer.h"

#include "result/encode.h"

#include <errno.h>
#include <stdlib.h>

static void add_rule(cJSON *object, enum rule_id id)
{
	const struct rule *rule = rule_get(id);
	char versions[64];

	object = json_add_object(object, "rule");
	json_add_text(object, "name", rule->name);
	json_add_text(object, "text", rule->text);
	json_add_text(object, "source", rule->source);
	json_add_text(object, "versions", rule_versions(rule, versions, sizeof(versions)));
}

static void add_terms(cJSON *object, const struct answer *a)
{
	struct term terms[TERMS_MAX];
	unsigned int n = prediction_terms(a->model, a->request, &a->prediction, terms);
	cJSON *array = json_add_array(object, "terms");

	for (unsigned int i = 0; i < n; i++) {
		char sign[2] = { terms[i].sign, '\0' };
		cJSON *term = cJSON_CreateObject();

		json_add_text(term, "sign", sign);
		json_add_text(term, "label", terms[i].label);
		json_add_u64(term, "bytes", terms[i].value);
		json_append(array, term);
	}
}

static void add_remedies(cJSON *object, const struct answer *a)
{
	struct remedy remedies[REMEDIES_MAX];
	unsigned int n = prediction_remedies(a->model, a->request, &a->prediction, remedies);
	cJSON *array = json_add_array(object, "remedies");

	for (unsigned int i = 0; i < n; i++)
		json_append_text(array, remedies[i].text);
}

int answer_write(const struct answer *a, FILE *out, struct error *err)
{
	const struct prediction *p = &a->prediction;
	cJSON *document = cJSON_CreateObject();
	char text[512];

	json_add_text(document, "overmap", "prediction");
	json_add_u64(document, "schema", 1);
	json_add_text(document, "verdict", verdict_name(p->verdict));
	json_add_text(document, "errno", p->error ? errno_name(p->error) : NULL);
	json_add_text(document, "sentence",
		      prediction_sentence(a->model, a->request, p, text, sizeof(text)));
	add_rule(document, p->rule);
	json_add_u64(document, "length_bytes", a->request->length_bytes);
	json_add_u64(document, "asked_bytes", p->asked_bytes);
	json_add_u64(document, "limit_bytes", p->limit_bytes);
	json_add_u64(document, "band_bytes", p->band_bytes);
	json_add_double(document, "committed_bytes", (double)p->committed_bytes);
	add_terms(document, a);
	json_add_u64(document, "ceiling_bytes", a->ceiling.bytes);
	json_add_text(document, "ceiling_rule", rule_get(a->ceiling.rule)->name);
	add_remedies(document, a);
	return json_write(document, true, out, err);
}

struct explanations {
	cJSON *document, *array;
};

int explanations_new(struct explanations **ret, const char *path)
{
	struct explanations *e = calloc(1, sizeof(*e));

	if (!e)
		return -ENOMEM;
	e->document = cJSON_CreateObject();
	json_add_text(e->document, "overmap", "explanations");
	json_add_u64(e->document, "schema", 1);
	json_add_text(e->document, "result", path);
	e->array = json_add_array(e->document, "explanations");
	*ret = e;
	return 0;
}

static void add_predicted(cJSON *object, const struct explanation *what)
{
	const struct prediction *p = &what->answer.prediction;
	cJSON *predicted = json_add_object(object, "predicted");

	json_add_text(predicted, "verdict", verdict_name(p->verdict));
	json_add_text(predicted, "outcome",
		      what->predicted_outcome[0] ? what->predicted_outcome : NULL);
	json_add_text(predicted, "step", what->predicted_step);
	add_rule(predicted, p->rule);
	json_add_u64(predicted, "asked_bytes", p->asked_bytes);
	json_add_u64(predicted, "limit_bytes", p->limit_bytes);
	json_add_u64(predicted, "band_bytes", p->band_bytes);
	add_terms(predicted, &what->answer);
	if (what->curable)
		add_remedies(predicted, &what->answer);
}

void explanations_add(struct explanations *e, const struct explanation *what)
{
	cJSON *object = cJSON_CreateObject();

	json_add_u64(object, "cell", what->number);
	json_add_text(object, "name", what->cell);
	json_add_text(object, "outcome", what->outcome);
	json_add_text(object, "step", what->step);
	json_add_text(object, "detail", what->detail);
	json_add_u64(object, "repetitions", what->nr_repetitions);
	json_add_u64(object, "repetitions_of_cell", what->nr_all);
	json_add_text(object, "sentence", what->sentence);
	if (what->predicted) {
		json_add_bool(object, "agrees", what->agrees);
		add_predicted(object, what);
	} else {
		json_add_null(object, "agrees");
		json_add_null(object, "predicted");
	}
	json_append(e->array, object);
}

int explanations_write(struct explanations *e, FILE *out, struct error *err)
{
	int r = json_write(e->document, true, out, err);

	free(e);
	return r;
}

/* Where and when, as a result says it. */
static cJSON *begin_document(const char *kind, const struct host *host, uint64_t started_ns)
{
	cJSON *document = cJSON_CreateObject();

	json_add_text(document, "overmap", kind);
	json_add_u64(document, "schema", 1);
	encode_time(json_add_object(document, "run"), "started", started_ns);
	json_add(document, "host", encode_machine(host));
	return document;
}

int ceilings_write(const struct ceiling_row *rows, unsigned int n, const struct host *host,
		   uint64_t started_ns, FILE *out, struct error *err)
{
	cJSON *document = begin_document("ceilings", host, started_ns), *array;

	array = json_add_array(document, "ceilings");
	for (unsigned int i = 0; i < n; i++) {
		cJSON *row = cJSON_CreateObject();

		json_add_text(row, "label", rows[i].label);
		if (rows[i].found)
			json_add_u64(row, "bytes", rows[i].bytes);
		else
			json_add_null(row, "bytes");
		json_add_u64(row, "predicted_bytes", rows[i].predicted_bytes);
		json_add_text(row, "rule", rule_get(rows[i].rule)->name);
		json_add_u64(row, "calls", rows[i].nr_calls);
		json_add_u64(row, "elapsed_ns", rows[i].elapsed_ns);
		json_append(array, row);
	}
	return json_write(document, true, out, err);
}

int cumulative_write(const struct cumulative_sample *samples, unsigned int n, const char *end,
		     const struct host *host, uint64_t started_ns, FILE *out, struct error *err)
{
	cJSON *document = begin_document("cumulative", host, started_ns), *array;

	json_add_text(document, "end", end);
	array = json_add_array(document, "cumulative");
	for (unsigned int i = 0; i < n; i++) {
		cJSON *row = cJSON_CreateObject();

		json_add_u64(row, "granted_bytes", samples[i].granted_bytes);
		json_add_u64(row, "committed_bytes", samples[i].committed_bytes);
		json_add_u64(row, "page_table_bytes", samples[i].page_table_bytes);
		json_add_u64(row, "resident_bytes", samples[i].resident_bytes);
		json_append(array, row);
	}
	return json_write(document, true, out, err);
}
