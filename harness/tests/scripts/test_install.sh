#!/bin/sh
# SPDX-License-Identifier: MIT
# make install: what is installed runs from where it lies, and make uninstall takes all of it away.
. "$(dirname "$0")/../cli/lib.sh"

# What is built is taken as it is: another build of it is not the point here.
to_root()
{
	run env -u MAKEFLAGS "${MAKE:-make}" -C "$OVERMAP_ROOT" -o all "$1" DESTDIR="$work/root" PREFIX=/usr
}

to_root install
check_exit "make install" 0
bin=$work/root/usr/bin
for command in overmap overmap-plot overmap-lab-guest overmap-lab-kernels overmap-lab-regression; do
	run "$bin/$command" --help
	check_exit "$command runs" 0
	check_out "$command says how" "sage: "
done
run "$bin/overmap-lab-regression" --help
check_out "the lab takes the program beside it" "/usr/bin/overmap)"
run "$bin/overmap-lab-guest" -k "$work/absent" x.yaml
check_exit "a guest without a kernel is an error of usage" 2
run "$work/root/usr/share/overmap/scripts/lab/cross" aarch64
check_exit "only a checkout can be built" 2
check "nothing of a run of the scripts lies with them" \
	test -z "$(find "$work/root" -name __pycache__ -print)"
to_root uninstall
check_exit "make uninstall" 0
check "leaves no file" test -z "$(find "$work/root" ! -type d -print)"
