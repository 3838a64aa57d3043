# shellcheck shell=sh disable=SC2034 # the variables are for the suites
# SPDX-License-Identifier: MIT
# What the shell suites share: run the program under test, look at what became of it, and tell
# scripts/test, which counts the lines "ok - name", "not ok - name" and "skip - name: reason".
#
# A suite is a file test_NAME.sh that begins with
#     . "$(dirname "$0")/lib.sh"
# and works in $work, a folder of its own that goes away with it. Variables:
#     $OVERMAP            the program under test (scripts/test sets it)
#     $OVERMAP_ROOT       the checkout
#     $OVERMAP_SANITIZED  not empty: built with the sanitizers, which need much address space
#     $OVERMAP_STRESS     not empty: run the large counts
# A suite that needs more than 120 s says so near its top: "# time limit: 300 s".
set -u

OVERMAP_ROOT=${OVERMAP_ROOT:-$(cd "$(dirname "$0")/../../.." && pwd)}
OVERMAP=${OVERMAP:-$OVERMAP_ROOT/build/overmap}
OVERMAP_SANITIZED=${OVERMAP_SANITIZED:-}
OVERMAP_STRESS=${OVERMAP_STRESS:-}

work=$(mktemp -d "${TMPDIR:-/tmp}/overmap-test.XXXXXX") || exit 1
failures=0
status=

leave()
{
	code=$?
	trap - EXIT
	cd / && rm -rf "$work"
	[ "$code" -ne 0 ] && exit "$code"
	[ "$failures" -eq 0 ]
	exit
}
trap leave EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# run COMMAND…: its exit status goes to $status, its output to the files $work/out and $work/err.
run()
{
	ran=$*
	"$@" >"$work/out" 2>"$work/err" </dev/null
	status=$?
}

# overmap ARGUMENT…: run the program under test.
overmap()
{
	run "$OVERMAP" "$@"
}

pass()
{
	printf 'ok - %s\n' "$1"
}

# fail NAME [WHY]: with what ran last and what it said.
fail()
{
	failures=$((failures + 1))
	printf 'not ok - %s\n' "$1"
	printf '# %s\n# ran: %s\n# status: %s\n' "${2:-}" "${ran:-nothing}" "$status"
	sed 's/^/# stdout: /' "$work/out" 2>/dev/null | head -n 40
	sed 's/^/# stderr: /' "$work/err" 2>/dev/null | head -n 40
}

skip()
{
	printf 'skip - %s: %s\n' "$1" "$2"
}

# check NAME COMMAND…: the command ends with 0.
check()
{
	name=$1
	shift
	if "$@"; then pass "$name"; else fail "$name" "this does not hold: $*"; fi
}

# check_exit NAME CODE: what ran last ended with it.
check_exit()
{
	if [ "$status" = "$2" ]; then pass "$1"; else fail "$1" "expected status $2"; fi
}

# check_out NAME TEXT, check_err NAME TEXT: standard output (error) contains the text.
check_out()
{
	contains "$1" out "$2"
}

check_err()
{
	contains "$1" err "$2"
}

contains()
{
	if grep -qF -e "$3" "$work/$2"; then pass "$1"; else fail "$1" "std$2 lacks: $3"; fi
}

# check_output NAME FILE: standard output is the file, to the byte.
check_output()
{
	if cmp -s "$work/out" "$2"; then pass "$1"; else fail "$1" "standard output differs from $2"; fi
}

# check_silent NAME out|err: nothing was written there.
check_silent()
{
	if [ ! -s "$work/$2" ]; then pass "$1"; else fail "$1" "std$2 should be empty"; fi
}

# need_root NAME: true for root; else the test counts as skipped.
need_root()
{
	[ "$(id -u)" -eq 0 ] && return 0
	skip "$1" "needs root"
	return 1
}
