/* SPDX-License-Identifier: MIT */
#include "cmd/remade.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int resolve_steps(struct remade *m, const struct step *steps, unsigned int n,
			 const struct host *host, struct error *err)
{
	for (unsigned int i = 0; i < n; i++) {
		int r = op_call_resolve(steps[i].op, steps[i].args, &m->conditions, host,
					&m->calls[m->nr_calls], err);

		if (r)
			return r;
		m->active[m->nr_calls++] = !steps[i].when ||
					   pattern_match(steps[i].when, &m->cell.params, host);
	}
	return 0;
}

static void find_request(struct remade *m)
{
	m->request = m->conditions.map;
	for (unsigned int i = 0; i < m->nr_calls; i++) {
		if (m->active[i] && strcmp(m->calls[i].op->name, "map") == 0 && m->calls[i].args[0])
			m->request.address = m->calls[i].args[0];
	}
}

int remade_make(struct remade *m, uint64_t number, double committed_bytes, struct error *err)
{
	const struct scenario *s = m->scenario;
	const struct host *host = &m->machine.host;
	int r;

	if (!matrix_cell(&s->matrix, host, number, &m->cell))
		return error_set(err, -ENOENT, "the scenario has no such cell on that machine");
	r = params_resolve(&m->cell.params, host, &m->conditions, err);
	if (r)
		return r;
	model_host_under(host, &m->conditions, &m->under);
	/* Again: a share of the commit limit is a share of what the settings have made it. */
	r = params_resolve(&m->cell.params, &m->under, &m->conditions, err);
	m->nr_calls = 0;
	if (!r)
		r = resolve_steps(m, s->setup, s->nr_setup, &m->under, err);
	m->nr_setup = m->nr_calls;
	if (!r)
		r = resolve_steps(m, s->steps, s->nr_steps, &m->under, err);
	if (committed_bytes > 0)
		m->under.committed_bytes = (uint64_t)committed_bytes;
	find_request(m);
	return r;
}

void remade_ask(struct remade *m)
{
	model_outcome_under(&m->under, &m->machine.process, &m->conditions, m->calls, m->active,
			    m->nr_calls, &m->outlook, &m->before);
}

const char *remade_step(const struct remade *m, char *ret, size_t length)
{
	int call = m->outlook.step;

	if (call < 0)
		return NULL;
	if (call < (int)m->nr_setup)
		snprintf(ret, length, "setup %s", m->scenario->setup[call].name);
	else
		snprintf(ret, length, "%s", m->scenario->steps[call - (int)m->nr_setup].name);
	return ret;
}

const char *remade_op(const struct remade *m)
{
	return m->outlook.step < 0 ? "map" : m->calls[m->outlook.step].op->name;
}
