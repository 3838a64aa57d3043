/* SPDX-License-Identifier: MIT */
#include "run/progress.h"

#include "base/size.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BAR_EVERY_NS  100000000u
#define LINE_EVERY_NS 10000000000u
#define BAR_CELLS     20u

void progress_open(struct progress *p, bool quiet)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
	bool redraws = isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;

	*p = (struct progress){
		.style = quiet     ? PROGRESS_NONE
			 : redraws ? PROGRESS_BAR
				   : PROGRESS_LINES,
		.colour = redraws && !(no_color && *no_color),
		/* The first line of a plain log comes after a while, not at once. */
		.last_ns = redraws ? 0 : clock_now_ns(),
	};
}

static unsigned int screen_columns(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) || size.ws_col < 20)
		return 80;
	return size.ws_col;
}

static void describe(const struct run_progress *now, char *ret, size_t length)
{
	char elapsed[32], left[32], ends[48] = "";

	if (now->left_ns)
		snprintf(ends, sizeof(ends), ", %s left",
			 duration_format(now->left_ns, left, sizeof(left)));
	snprintf(ret, length, "%llu/%llu  round %u  %s%s", (unsigned long long)now->done,
		 (unsigned long long)now->total, now->round + 1,
		 duration_format(now->elapsed_ns, elapsed, sizeof(elapsed)), ends);
}

static void draw_bar(struct progress *p, const struct run_progress *now)
{
	unsigned int columns = screen_columns(), filled;
	char text[128], line[512], bar[BAR_CELLS + 1];

	filled = now->total ? (unsigned int)(now->done * BAR_CELLS / now->total) : 0;
	memset(bar, '.', BAR_CELLS);
	memset(bar, '#', filled < BAR_CELLS ? filled : BAR_CELLS);
	bar[BAR_CELLS] = '\0';
	describe(now, text, sizeof(text));
	snprintf(line, sizeof(line), "[%s] %s  %s", bar, text, now->cell);
	if (strlen(line) >= columns)
		line[columns - 1] = '\0';
	fprintf(stderr, "\r%s%s%s\033[K", p->colour ? "\033[36m" : "", line,
		p->colour ? "\033[0m" : "");
	fflush(stderr);
	p->drawn = true;
}

void progress_update(struct progress *p, const struct run_progress *now)
{
	uint64_t time = clock_now_ns();
	uint64_t every = p->style == PROGRESS_BAR ? BAR_EVERY_NS : LINE_EVERY_NS;
	char text[128];

	if (p->style == PROGRESS_NONE || time - p->last_ns < every)
		return;
	p->last_ns = time;
	if (p->style == PROGRESS_BAR) {
		draw_bar(p, now);
		return;
	}
	describe(now, text, sizeof(text));
	fprintf(stderr, "overmap: %s  %s\n", text, now->cell);
}

void progress_clear(struct progress *p)
{
	if (p->drawn)
		fputs("\r\033[K", stderr);
	p->drawn = false;
}
