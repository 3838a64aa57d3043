/* SPDX-License-Identifier: MIT */
#include "cmd/cmd.h"

#include <argp.h>

void cmd_begin(void)
{
	argp_err_exit_status = EXIT_USAGE;
}
