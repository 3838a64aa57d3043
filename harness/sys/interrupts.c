/* SPDX-License-Identifier: MIT */
#include "sys/interrupts.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <unistd.h>

static const char label[] = "TLB:";

/* A reader of one character after another. */
struct reader {
	enum { IN_LABEL, IN_OTHER_LINE, IN_NUMBERS, AT_END } state;
	unsigned int matched; /* characters of the label */
	double sum, number;
};

static void read_label(struct reader *r, char c)
{
	if (c == ' ' && !r->matched)
		return;
	if (c != label[r->matched]) {
		r->matched = 0;
		r->state = c == '\n' ? IN_LABEL : IN_OTHER_LINE;
	} else if (!label[++r->matched]) {
		r->state = IN_NUMBERS;
	}
}

static void read_numbers(struct reader *r, char c)
{
	if (c >= '0' && c <= '9') {
		r->number = r->number * 10 + (c - '0');
		return;
	}
	r->sum += r->number;
	r->number = 0;
	if (c != ' ')
		r->state = AT_END;
}

static void read_character(struct reader *r, char c)
{
	if (r->state == IN_LABEL)
		read_label(r, c);
	else if (r->state == IN_NUMBERS)
		read_numbers(r, c);
	else if (c == '\n')
		r->state = IN_LABEL;
}

double interrupts_shootdowns(int fd)
{
	struct reader r = { .state = IN_LABEL };
	char text[4096];
	off_t at = 0;

	while (r.state != AT_END) {
		ssize_t n = pread(fd, text, sizeof(text), at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		for (ssize_t i = 0; i < n && r.state != AT_END; i++)
			read_character(&r, text[i]);
		at += n;
	}
	if (r.state == IN_NUMBERS) /* the file ends in its last line */
		read_numbers(&r, '\n');
	return r.state == AT_END ? r.sum : NAN;
}
