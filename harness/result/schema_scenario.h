/* SPDX-License-Identifier: MIT */
/* The published JSON Schema (2020-12) of scenario files, made from the tables of ops and axes. */
#ifndef RESULT_SCHEMA_SCENARIO_H
#define RESULT_SCHEMA_SCENARIO_H

#include "result/json.h"

/*
 * A fresh tree; memory that ran out shows when it is printed. It describes the shape: what the
 * loader checks beyond it (do the steps follow each other, are values twice) is not in it.
 */
cJSON *schema_scenario(void);

#endif
