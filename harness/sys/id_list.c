/* SPDX-License-Identifier: MIT */
#include "sys/id_list.h"

#include <stdlib.h>

bool id_list_next(const char **at, unsigned int *ret_first, unsigned int *ret_last)
{
	char *end;

	while (**at == ',' || **at == ' ')
		(*at)++;
	*ret_first = (unsigned int)strtoul(*at, &end, 10);
	if (end == *at)
		return false;
	*ret_last = *ret_first;
	if (*end == '-')
		*ret_last = (unsigned int)strtoul(end + 1, &end, 10);
	*at = end;
	return *ret_last >= *ret_first;
}

unsigned int id_list_count(const char *list)
{
	unsigned int first, last, n = 0;

	while (id_list_next(&list, &first, &last))
		n += last - first + 1;
	return n;
}

bool id_list_has(const char *list, unsigned int number)
{
	unsigned int first, last;

	while (id_list_next(&list, &first, &last))
		if (number >= first && number <= last)
			return true;
	return false;
}
