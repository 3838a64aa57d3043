# SPDX-License-Identifier: MIT
# The median of the metric touch.time_per_touch in the long form that overmap export writes.
NR == 1 {
	for (i = 1; i <= NF; i++)
		column[$i] = i
	next
}
$column["metric"] == "touch.time_per_touch" && $column["value"] != "" {
	for (i = n++; i > 0 && value[i - 1] > $column["value"] + 0; i--)
		value[i] = value[i - 1]
	value[i] = $column["value"] + 0
}
END { printf "%.3f\n", value[int(n / 2)] }
