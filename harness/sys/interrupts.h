/* SPDX-License-Identifier: MIT */
/* What /proc/interrupts counts, however many CPUs have a column in it. */
#ifndef SYS_INTERRUPTS_H
#define SYS_INTERRUPTS_H

/*
 * The sum over all CPUs of the line "TLB: n n n … TLB shootdowns" of a file like /proc/interrupts,
 * read from its start; NaN where there is none: architectures that need no interrupt for it. Does
 * not allocate: a line of thousands of CPUs is larger than any buffer here.
 */
double interrupts_shootdowns(int fd);

#endif
