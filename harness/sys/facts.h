/* SPDX-License-Identifier: MIT */
/*
 * What a reader of a result must know about the machine to judge a figure or to repeat it. Kernel,
 * hardware and settings only: nothing that names a person, a network or a serial number.
 */
#ifndef SYS_FACTS_H
#define SYS_FACTS_H

/*
 * Called for each fact: name is unique inside its group, value is text as the kernel writes it,
 * whole numbers without unit where the file has none. Negative: the visit ends with it.
 */
typedef int facts_fact(void *context, const char *group, const char *name, const char *value);

/*
 * Visit all facts that can be read here, group by group, always in the same order. What this kernel
 * or this user cannot read is left out. 0, or what fact returned.
 */
int facts_visit(facts_fact *fact, void *context);

/* The same from a folder laid out like the root of a machine ("" is this one's). */
int facts_visit_at(const char *root, facts_fact *fact, void *context);

#endif
