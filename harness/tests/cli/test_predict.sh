#!/bin/sh
# SPDX-License-Identifier: MIT
# predict, snapshot and ceiling: what people see, and what they are told when it is wrong.
. "$(dirname "$0")/lib.sh"

snapshots=$OVERMAP_ROOT/harness/tests/model/snapshots

# says TEXT: standard output has it, across line ends too.
says()
{
	tr '\n' ' ' <"$work/out" | tr -s ' ' | grep -qF -- "$1"
}

complains()
{
	grep -qF -- "$1" "$work/err"
}

ends()
{
	[ "$status" -eq "$1" ]
}

first()
{
	[ "$(head -n 1 "$work/out")" = "$1" ]
}

overmap predict --system "$snapshots/plain.json" --size '100% ram+swap'
check 'RAM + swap is granted' first granted
check 'and ends with 0' ends 0

overmap predict --system "$snapshots/plain.json" --size '100% ram+swap + 1 page'
check 'the verdict comes first' first 'refused: ENOMEM'
check 'then the rule in a sentence' says 'refuses a single request larger than RAM + swap'
check 'the figures to the byte' says '17179873280 B'
check 'what would help' says 'add noreserve'
check 'what would help, in figures' says 'ask for no more than 16GiB'
check 'where the rule stands' says '__vm_enough_memory (Linux 5.2 and later)'
check 'a refusal is an answer, not a failure' ends 0

overmap predict --system "$snapshots/plain.json" --size 1TiB --flags noreserve
check 'no-reserve is granted' first granted
check 'but not all of it can be touched' says 'not all of it can be touched'

overmap predict --system "$snapshots/plain.json" --size 1TiB --flags noreserve --overcommit never
check 'no-reserve is not heeded in mode never' first 'refused: ENOMEM'
check 'the commit limit is summed up' says 'CommitLimit'

overmap predict --system "$snapshots/plain.json" --size 2GiB --limit as=1GiB
check 'a limit refuses' says 'RLIMIT_AS'
check 'and can be raised' says 'ulimit -v'

overmap predict --system "$snapshots/plain.json" --size 1GiB --address 0x4000000000 --json
cp "$work/out" "$work/hex.json"
overmap predict --system "$snapshots/plain.json" --size 1GiB --address 256GiB --json
check 'an address in hex is the same as its size' cmp -s "$work/out" "$work/hex.json"
overmap predict --system "$snapshots/plain.json" --size 1GiB --address 4096
check_exit 'a bare number is no address' 2
check_err 'which is said' '--address: "4096" is no address: try 0x'

overmap predict --system "$snapshots/linux-4.19.json" --size 17GiB
check 'what cannot be known is said to be so' first 'cannot be known: granted or refused'

overmap predict --system "$snapshots/plain.json" --size 17GiB --json
check 'JSON' /usr/bin/python3 -c '
import json, sys
d = json.load(open(sys.argv[1]))
assert d["verdict"] == "refused" and d["errno"] == "ENOMEM", d
assert d["rule"]["name"] == "ram-and-swap" and d["limit_bytes"] == 17179869184, d
assert d["remedies"] and d["ceiling_bytes"] == 17179869184, d' "$work/out"

overmap predict --system "$snapshots/plain.json" --size 0
check 'size 0 is the kernel'"'"'s EINVAL' first 'refused: EINVAL'
for size in 16384PiB -1GiB 18446744073709551616B 12 2MB ''; do
	overmap predict --system "$snapshots/plain.json" --size "$size"
	check "size '$size' is an error" ends 2
done
overmap predict --size 1GiB --flags privat
check 'an unknown flag is an error' ends 2
check 'with the word that was meant' complains "private"
overmap predict --size 1GiB --limit as
check 'a limit without a size is an error' ends 2
overmap predict
check 'no size is an error' ends 2

overmap snapshot -o "$work/here.json"
check 'a snapshot is written' ends 0
overmap predict --system "$work/here.json" --size 1MiB
check 'and read' first granted
head -c 200 "$work/here.json" >"$work/cut.json"
overmap predict --system "$work/cut.json" --size 1MiB
check 'a cut one is an error' ends 2
check 'that says so' complains 'was it cut?'
grep -v ram_bytes "$work/here.json" >"$work/lacking.json"
overmap predict --system "$work/lacking.json" --size 1MiB
check 'one that lacks a member is an error' complains 'host.ram_bytes is missing'
sed 's/"ram_bytes":.*/"ram_bytes": 1099511627776,/' "$work/here.json" >"$work/contrary.json"
overmap predict --system "$work/contrary.json" --size 1MiB
check 'one that contradicts itself is an error' complains 'contradicts itself'
overmap predict --system "$work/absent.json" --size 1MiB
check 'one that is not there is an error' ends 2
overmap predict --system "$work" --size 1MiB
check 'a folder is an error' ends 2
echo 'not json' >"$work/foreign.json"
overmap predict --system "$work/foreign.json" --size 1MiB
check 'a foreign file is an error' ends 2

overmap ceiling --limit data=1GiB
check 'ceilings are found' ends 0
# The sanitizers' shadow is larger than any limit.
[ -n "$OVERMAP_SANITIZED" ] || check 'and what binds' says RLIMIT_DATA
overmap ceiling --flags 'private anonymous noreserve' --json
check 'ceilings as JSON' /usr/bin/python3 -c '
import json, sys
c = json.load(open(sys.argv[1]))["ceilings"][0]
assert c["bytes"] > 2**40 and c["calls"] <= 60 and c["rule"], c
assert c["bytes"] == c["predicted_bytes"] or sys.argv[2], c' "$work/out" "$OVERMAP_SANITIZED"
overmap ceiling --flags 'populate'
check 'what would fill the memory is not searched' says 'would fill the memory'
overmap ceiling --cumulative 1GiB --flags noreserve --limit as=8GiB
[ -n "$OVERMAP_SANITIZED" ] || check 'chunk after chunk until refused' says 'then refused: ENOMEM'
overmap ceiling --flags 'private,,shared'
check 'nothing between commas is an error' ends 2
