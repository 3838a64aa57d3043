/* SPDX-License-Identifier: MIT */
/* What an event of libfyaml, a value or its beginning, says beside the value. */
#ifndef SCENARIO_EVENT_H
#define SCENARIO_EVENT_H

#include "scenario/mistakes.h"

#include <stdbool.h>

struct fy_event;
struct fy_token;

/* Where it stands in the file; fallback where libfyaml does not say. Of an alias with its '*'. */
struct position event_place(struct fy_event *event, struct position fallback);
struct position token_place(struct fy_token *token, struct position fallback);

/* Of a scalar that is there: in quotes? */
bool event_quoted(const struct fy_event *event);

/* "&name" or "!tag" before the value; NULL: none. */
struct fy_token *event_anchor(const struct fy_event *event);
struct fy_token *event_tag(const struct fy_event *event);

#endif
