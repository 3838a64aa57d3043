/* SPDX-License-Identifier: MIT */
/*
 * What is wrong with a file as text and as YAML, in our words: what libfyaml must not see is found
 * before it, what it found is said so that a person knows what to do.
 */
#ifndef SCENARIO_SYNTAX_H
#define SCENARIO_SYNTAX_H

#include "scenario/mistakes.h"

#include <stddef.h>

struct fy_diag;

/* Characters, and keys that libfyaml cannot be given. −EINVAL: m says what is wrong. */
int syntax_check(const char *text, size_t length, struct mistakes *m);

/* Only libfyaml's first report counts: the others follow from it. */
void syntax_report(struct mistakes *m, struct fy_diag *diag);

#endif
