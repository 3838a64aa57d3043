/* SPDX-License-Identifier: MIT */
#include "scenario/event.h"

#include <libfyaml.h>

static struct position mark_place(const struct fy_mark *start, struct position fallback)
{
	if (!start)
		return fallback;
	return (struct position){ (unsigned int)start->line + 1, (unsigned int)start->column + 1,
				  1 };
}

struct position event_place(struct fy_event *event, struct position fallback)
{
	const struct fy_mark *start = fy_event_start_mark(event), *end = fy_event_end_mark(event);
	struct position place = mark_place(start, fallback);

	if (!start || (event->type != FYET_SCALAR && event->type != FYET_ALIAS))
		return place;
	if (end && end->line == start->line && end->column > start->column)
		place.length = (unsigned int)(end->column - start->column);
	else if (end && end->line > start->line)
		place.length = 1000; /* the rest of its first line */
	if (event->type == FYET_ALIAS && place.column > 1) {
		place.column--; /* the mark is that of the name behind '*' */
		place.length++;
	}
	return place;
}

struct position token_place(struct fy_token *token, struct position fallback)
{
	return mark_place(fy_token_start_mark(token), fallback);
}

bool event_quoted(const struct fy_event *event)
{
	enum fy_scalar_style style = fy_token_scalar_style(event->scalar.value);

	return style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED;
}

struct fy_token *event_anchor(const struct fy_event *event)
{
	switch (event->type) {
	case FYET_SCALAR:
		return event->scalar.anchor;
	case FYET_SEQUENCE_START:
		return event->sequence_start.anchor;
	case FYET_MAPPING_START:
		return event->mapping_start.anchor;
	default:
		return NULL;
	}
}

struct fy_token *event_tag(const struct fy_event *event)
{
	switch (event->type) {
	case FYET_SCALAR:
		return event->scalar.tag;
	case FYET_SEQUENCE_START:
		return event->sequence_start.tag;
	case FYET_MAPPING_START:
		return event->mapping_start.tag;
	default:
		return NULL;
	}
}
