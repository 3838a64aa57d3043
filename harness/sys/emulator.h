/* SPDX-License-Identifier: MIT */
/*
 * Is this processor made of software? Times taken on one say nothing about real machines, so a
 * result must carry it, whoever started the guest.
 */
#ifndef SYS_EMULATOR_H
#define SYS_EMULATOR_H

#include <stdbool.h>

/* True under QEMU's TCG; false on hardware, under hardware virtualisation, and where none can tell.
 */
bool emulator_present(void);

#endif
