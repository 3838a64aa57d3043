# SPDX-License-Identifier: MIT
# In a guest: run unit suites (/bin/test_*) where their settings, pools, swap and kills can hurt nobody.
for suite in /bin/test_*; do
	# No swap file lies in memory.
	[ "$suite" = /bin/test_swapspace ] && mount --bind /var/tmp /tmp
	begun=$(date +%s)
	"$suite" >"$(basename "$suite").out" 2>&1
	echo "$(basename "$suite") $? $(($(date +%s) - begun))" >>statuses
	[ "$suite" != /bin/test_swapspace ] || umount /tmp
done
