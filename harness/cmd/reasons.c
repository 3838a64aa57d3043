/* SPDX-License-Identifier: MIT */
#include "cmd/reasons.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void reasons_wrap(const char *text, const char *indent)
{
	size_t column = 0;

	while (*text) {
		size_t length = strcspn(text, " ");

		if (column && column + 1 + length > 78) {
			putchar('\n');
			column = 0;
		}
		column += (size_t)printf("%s%.*s", column ? " " : indent, (int)length, text);
		text += length + strspn(text + length, " ");
	}
	if (column)
		putchar('\n');
}

void reasons_terms(const struct answer *a)
{
	struct term terms[TERMS_MAX];
	unsigned int n = prediction_terms(a->model, a->request, &a->prediction, terms);
	size_t width = 0;

	for (unsigned int i = 0; i < n; i++) {
		if (strlen(terms[i].label) > width)
			width = strlen(terms[i].label);
	}
	for (unsigned int i = 0; i < n; i++) {
		char size[40];

		printf("  %c %-*s %12s  %20" PRIu64 " B\n",
		       terms[i].sign == '?' ? '>' : terms[i].sign, (int)width, terms[i].label,
		       bytes_format(terms[i].value, size, sizeof(size)), terms[i].value);
	}
	if (n)
		putchar('\n');
}

void reasons_remedies(const struct answer *a)
{
	struct remedy remedies[REMEDIES_MAX];
	unsigned int n = prediction_remedies(a->model, a->request, &a->prediction, remedies);

	if (a->prediction.verdict == VERDICT_GRANTED)
		return;
	if (!n)
		printf("Nothing that the model knows would make it succeed.\n\n");
	else
		printf("What would make it succeed, each by itself:\n");
	for (unsigned int i = 0; i < n; i++)
		printf("  - %s\n", remedies[i].text);
	if (n)
		putchar('\n');
}
