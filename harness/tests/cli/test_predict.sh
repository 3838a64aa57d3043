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

overmap predict --system "$snapshots/plain.json" --size 4GiB --hugepages 'hugetlb 2MiB'
check 'an empty pool grants nothing' first 'refused: ENOMEM'
check 'what the pool would have to be' says 'hugetlb.2MiB=2048'
overmap predict --system "$snapshots/plain.json" --size 4GiB --hugepages 'hugetlb 2MiB' --set hugetlb.2MiB=2048
check 'with that pool it is granted' first granted
overmap predict --system "$snapshots/plain.json" --size 1TiB --hugepages 'hugetlb 2MiB'
check 'a pool larger than memory does not help' eval "! says 'hugetlb.2MiB='"
overmap predict --size 1GiB --set vm.overcomit_ratio=80
check 'a setting that there is not is an error' ends 2
overmap predict --size 1GiB --set vm.swappiness
check 'a setting without a value is an error' complains 'try --set vm.swappiness=10'

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

pools=/sys/kernel/mm/hugepages/hugepages-2048kB
if [ "$(cat "$pools/nr_hugepages" "$pools/nr_overcommit_hugepages" 2>/dev/null | tr '\n' ' ')" = '0 0 ' ]; then
	overmap ceiling --flags 'private anonymous' --hugepages 'hugetlb 2MiB' --json
	check 'an empty pool has a ceiling of 0, and the row names it' /usr/bin/python3 -c '
import json, sys
c = json.load(open(sys.argv[1]))["ceilings"][0]
assert c["bytes"] == c["predicted_bytes"] == 0 and c["rule"] == "huge-page-pool", c
assert "hugetlb 2MiB" in c["label"], c' "$work/out"
	check 'and stays as it was' grep -qx 0 "$pools/nr_hugepages"
else
	skip 'an empty pool has a ceiling of 0, and the row names it' 'no empty pool of 2 MiB pages'
	skip 'and stays as it was' 'no empty pool of 2 MiB pages'
fi
if [ "$(id -u)" -eq 0 ] && [ -w "$pools/nr_hugepages" ]; then
	before=$(cat "$pools/nr_hugepages")
	overmap ceiling --flags 'private anonymous' --hugepages 'hugetlb 2MiB' --set "hugetlb.2MiB=$((before + 8))" --json
	check 'a pool that was set is the ceiling' grep -q '"rule":.*"huge-page-pool"' "$work/out"
	check 'of that size' grep -Eq '"bytes":.*[1-9]' "$work/out"
	check 'and it is put back' grep -qx "$before" "$pools/nr_hugepages"
else
	skip 'a pool that was set is the ceiling' 'needs root'
	skip 'of that size' 'needs root'
	skip 'and it is put back' 'needs root'
fi

overmap ceiling --cumulative 64MiB --flags noreserve --touch 1MiB --max-memory 4MiB
check 'what is touched keeps to a budget' says '4 chunks, stopped at --max-memory'
overmap ceiling --cumulative 64MiB --flags noreserve --touch 1MiB --max-memory 4MiB --json
check 'JSON says what ended it' grep -q '"end":.*"stopped at --max-memory"' "$work/out"
overmap ceiling --touch 1MiB
check '--touch without chunks is an error' complains 'add --cumulative'
overmap ceiling --cumulative 1GiB --max-memory 4MiB
check '--max-memory without --touch is an error' ends 2
overmap ceiling --cumulative 1MiB --touch 2MiB
check 'more than a chunk has is an error' complains 'touched is more than a chunk has'
overmap ceiling --cumulative 0B
check 'no chunk is an error' complains 'chunk is less than a page'
check 'and ends with 2' ends 2
overmap ceiling --cumulative 1GiB --flags 'private anonymous populate'
check 'chunks that fill themselves are refused' ends 2
