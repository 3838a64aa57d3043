# SPDX-License-Identifier: MIT
# In a guest since Linux 6.9: interleave by weights, of which one is not 1.
echo 5 >/sys/kernel/mm/mempolicy/weighted_interleave/node0
cat >weighted.yaml <<'END'
scenario: weighted
summary: Pages in turns, several at a time.
matrix: {numa: [weighted-interleave, 'weighted-interleave 2,3'], size: 16MiB, hugepages: none}
steps: [map, {touch: {access: write}}]
repetitions: 2
END
overmap run -q -o weighted.json weighted.yaml
