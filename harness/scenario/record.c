/* SPDX-License-Identifier: MIT */
#include "scenario/record.h"

#include "base/error.h"

#include <stddef.h>
#include <string.h>

/* NULL: the name is that of an errno or of a signal. */
static const char *const names[] = {
	[OUTCOME_OK] = "ok",
	[OUTCOME_DEGRADED] = "degraded",
	[OUTCOME_ERRNO] = NULL,
	[OUTCOME_SIGNAL] = NULL,
	[OUTCOME_OOM_KILLED] = "oom-killed",
	[OUTCOME_TIMEOUT] = "timeout",
	[OUTCOME_SKIPPED] = "skipped",
	[OUTCOME_REFUSED] = "refused",
	[OUTCOME_FAILED] = "failed",
	[OUTCOME_INTERRUPTED] = "interrupted",
};

const char *outcome_name(const struct outcome *o)
{
	if (o->kind == OUTCOME_ERRNO)
		return errno_name(o->number);
	if (o->kind == OUTCOME_SIGNAL)
		return signal_name(o->number);
	return names[o->kind];
}

bool outcome_name_known(const char *name)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i] && i != OUTCOME_INTERRUPTED && strcmp(names[i], name) == 0)
			return true;
	return errno_number(name) || signal_number(name);
}
