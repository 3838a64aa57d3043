#!/bin/sh
# SPDX-License-Identifier: MIT
# The program tells what it can do, and what was wrong with how it was called.
. "$(dirname "$0")/lib.sh"

overmap --help
check_exit 'help ends well' 0
check_out 'help goes to standard output' 'run'
check_silent 'help leaves standard error alone' err
# Every command that the help names, and these at least.
commands=$(sed -n 's/^  \([a-z]\{1,\}\)  .*/\1/p' "$work/out")
for command in run check plan list; do
	check_out "help names $command" "  $command "
done
for command in $commands; do
	overmap "$command" --help
	check_exit "$command --help ends well" 0
	check_out "$command --help names the command" "overmap $command"
	check_silent "$command --help leaves standard error alone" err
	cp "$work/out" "$work/help"
	overmap help "$command"
	check_exit "help $command ends well" 0
	check "help $command is $command --help" cmp -s "$work/out" "$work/help"
	overmap "$command" --no-such-option
	check_exit "$command: an unknown option is an error of usage" 2
	check_err "$command: an unknown option is named" '--no-such-option'
done

overmap help chek
check_exit 'help for an unknown command is an error of usage' 2
check_err 'and gets a suggestion' "did you mean 'check'"

overmap --version
check_exit 'version ends well' 0
check_out 'version names the program' 'overmap '

overmap
check_exit 'no command is an error of usage' 2
check_silent 'no command leaves standard output alone' out

overmap walk
check_exit 'an unknown command is an error of usage' 2
check_err 'an unknown command is named' 'walk'

overmap chek
check_err 'a misspelt command gets a suggestion' 'check'

# A line for each operation, with its arguments in the order of the table, and for nothing else.
overmap list --json ops
/usr/bin/python3 - "$work/out" "$OVERMAP_ROOT/scenarios/OPERATIONS.md" >"$work/differences" <<'END'
import json, re, sys
ops = [(op["name"], [arg["name"] for arg in op["args"]]) for op in json.load(open(sys.argv[1]))]
text = open(sys.argv[2], encoding="utf-8").read().split("\n## ")[0]
rows = re.findall(r"^\| `(\w+)` \|([^|]*)\|", text, re.M)
documented = [(name, re.findall(r"`(\w+)`", arguments)) for name, arguments in rows]
print(*(pair for pair in ops if pair not in documented), sep="\n", end="")
print(*(pair for pair in documented if pair not in ops), sep="\n", end="")
END
check_silent 'OPERATIONS.md has each operation with its arguments' differences
