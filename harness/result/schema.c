/* SPDX-License-Identifier: MIT */
#include "result/schema.h"

#include "result/json.h"
#include "result/schema_scenario.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *name;
	cJSON *(*make)(void);
} schemas[] = {
	{ "comparison", schema_comparison },
	{ "result", schema_result },
	{ "scenario", schema_scenario },
};

char *schema_text(const char *name)
{
	for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++) {
		cJSON *schema;
		char *text;

		if (strcmp(schemas[i].name, name) != 0)
			continue;
		schema = schemas[i].make();
		text = schema ? cJSON_Print(schema) : NULL;
		cJSON_Delete(schema);
		return text;
	}
	return NULL;
}
