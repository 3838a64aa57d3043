/* SPDX-License-Identifier: MIT */
/* The rows that axes/table.c puts in order; each is defined in the file of its name. */
#ifndef AXES_ROWS_H
#define AXES_ROWS_H

#include "axes/axis.h"

extern const struct axis axis_settings;
extern const struct axis axis_overcommit;
extern const struct axis axis_size;
extern const struct axis axis_flags;
extern const struct axis axis_protection;
extern const struct axis axis_threads;
extern const struct axis axis_workers;
extern const struct axis axis_placement;
extern const struct axis axis_layout;
extern const struct axis axis_hugepages;
extern const struct axis axis_numa;
extern const struct axis axis_limits;

#endif
