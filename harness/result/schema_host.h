/* SPDX-License-Identifier: MIT */
/* The schema of the machine that a result was measured on. */
#ifndef RESULT_SCHEMA_HOST_H
#define RESULT_SCHEMA_HOST_H

#include "result/json.h"

cJSON *schema_host(void);

#endif
