#!/bin/sh
# SPDX-License-Identifier: MIT
# check, plan and list: every mistake of a file told exactly, the plan of large matrices, the lists.
# time limit: 300 s
. "$(dirname "$0")/lib.sh"

broken=$OVERMAP_ROOT/harness/tests/cli/broken

# Each file of broken/ has one mistake; FILE.expected is what is to be said of it, to the byte.
count=0
cd "$broken" || exit 1
for file in *.yaml; do
	overmap check "$file"
	if [ "$status" = 2 ] && [ ! -s "$work/out" ] &&
		cmp -s "$work/err" "${file%.yaml}.expected"; then
		count=$((count + 1))
	else
		fail "broken/$file" "not what ${file%.yaml}.expected has"
	fi
done
check "at least a hundred broken files ($count) are told exactly" [ "$count" -ge 100 ]

cd .. || exit 1
overmap check broken-ten.yaml
check_exit 'ten mistakes: status' 2
check 'ten mistakes are told in one go' cmp -s "$work/err" broken-ten.expected

cd "$OVERMAP_ROOT" || exit 1
overmap check scenarios/*.yaml scenarios/quick/*.yaml
check_exit 'every scenario of the library is right' 0
check_silent 'and nothing is said against any' err

run sh -c '"$1" check - <scenarios/page-fault.yaml' sh "$OVERMAP"
check_exit 'a scenario comes through standard input' 0

run sh -c '"$1" check --json scenarios/larger-than-memory.yaml | "$1" check -' sh "$OVERMAP"
check_exit 'the JSON of a scenario is a scenario' 0

overmap check .
check_exit 'a folder is no scenario' 2
check_err 'and is called one' '.: error: is a folder'
overmap check nowhere.yaml
check_exit 'a file that is not there' 2
head -c 10485760 /dev/zero | tr '\0' '#' >"$work/large.yaml"
overmap check "$work/large.yaml"
check_exit '10 MiB are refused' 2
check_err 'and the limit is named' 'larger than 1 MiB'

# A million cells, with exclusions.
{
	echo 'scenario: million'
	echo 'matrix:'
	echo "  size: [$(seq -s 'MiB, ' 1 1000)MiB]"
	echo "  threads: [$(seq -s ', ' 1 100)]"
	echo '  overcommit: [heuristic, always]'
	echo '  flags: [private anonymous, shared anonymous, private memfd, private tmpfs, private file]'
	echo 'exclude:'
	echo '  - {size: "> 990MiB", threads: ">= 90", flags: shared anonymous}'
	echo '  - {size: 1MiB, threads: 1, flags: private file}'
	echo 'steps: [map, unmap]'
} >"$work/million.yaml"
overmap plan --seed 7 "$work/million.yaml"
check_exit 'a million cells are planned' 0
check_out 'the seed is shown' 'seed 7'
check_out 'cells are counted exactly' '999778 cells (222 more excluded)'
if [ -z "$OVERMAP_SANITIZED" ]; then
	# 32 MiB of address space beyond what the program has mapped when it starts would be too
	# little to load it: what is resident counts.
	run /usr/bin/python3 -c '
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$OVERMAP" plan "$work/million.yaml"
	check 'and cost at most 32 MiB' [ "$(cat "$work/out")" -le 32768 ]
fi

before=$(cat /proc/sys/vm/overcommit_memory /proc/sys/vm/nr_hugepages)
# Of 2 steps: 2 × 3 comparisons of the sizes, 2 × 2 × 2 of the threads; 2^(1 - k) × n <= 5 %.
cat >"$work/reach.yaml" <<'YAML'
scenario: reach
matrix: {size: [1MiB, 2MiB], threads: [1, 2, 3]}
steps: [map, unmap]
YAML
overmap plan "$work/reach.yaml"
check_out 'a plan says what a verdict takes' \
	"A verdict of 'overmap compare' takes 8 repetitions by size, 9 by threads, and here are 6 "
sed 's/^steps/repetitions: {min: 9, max: 30, until: 1%}\n&/' "$work/reach.yaml" >"$work/enough.yaml"
overmap plan "$work/enough.yaml"
check_out 'and no more where that is there' '8 repetitions by size, 9 by threads.'
sed 's/^steps/repetitions: {compare: size}\n&/' "$work/reach.yaml" >"$work/until.yaml"
overmap plan "$work/until.yaml"
check 'nor where the run itself sees to it' sh -c '! grep -q "takes" "$1/out"' sh "$work"

overmap plan scenarios/*.yaml
check_exit 'the library is planned' 0
check_out 'a plan names what would be written' 'vm.overcommit_memory'
check 'and writes nothing' [ "$before" = "$(cat /proc/sys/vm/overcommit_memory /proc/sys/vm/nr_hugepages)" ]

for what in ops axes metrics scenarios; do
	overmap list "$what"
	check_exit "list $what" 0
	overmap list --json "$what"
	check "list $what as JSON" /usr/bin/python3 -m json.tool "$work/out" /dev/null
done
overmap list ops
check_out 'ops are listed' 'touch'
for what in ops axes; do
	overmap list "$what"
	check "list $what fits into 100 columns" [ -z "$(grep -E '.{101}' "$work/out")" ]
done

# What a terminal would obey does not reach it, quoted from a file or not.
printf 'scenario: t\nmatrix: {size: [1MiB]}\n"\\e[31mbad": 1\nsteps: [map]\n' >"$work/escape.yaml"
overmap check "$work/escape.yaml"
check_err 'a name with an escape sequence is quoted without it' "unknown key '?[31mbad'"

# A disk that is full, at the end of what a command prints.
while read -r command; do
	check "'overmap $command' on a full disk is no success" sh -c \
		"'$OVERMAP' $command >/dev/full 2>'$work/full.err'; test \$? -eq 2 && test -s '$work/full.err'"
done <<'COMMANDS'
list ops
list axes
list metrics
schema scenario
predict --size 1GiB
--help
--version
COMMANDS
overmap list axis
check_exit 'an unknown list is an error of usage' 2
check_err 'and gets a suggestion' "did you mean 'axes'?"
