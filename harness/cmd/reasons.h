/* SPDX-License-Identifier: MIT */
/* What the model says, printed for people: `predict` and `explain` say it the same way. */
#ifndef CMD_REASONS_H
#define CMD_REASONS_H

#include "result/answer.h"

/* At most 78 columns, broken at blanks. */
void reasons_wrap(const char *text, const char *indent);

/* The arithmetic, line by line. */
void reasons_terms(const struct answer *a);

/* What would make it succeed, one a line. */
void reasons_remedies(const struct answer *a);

#endif
