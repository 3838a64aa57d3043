#!/bin/sh
# SPDX-License-Identifier: MIT
# scripts/bootstrap.sh with package managers that only write down how they were called.
. "$(dirname "$0")/../cli/lib.sh"

bin=$work/bin
mkdir "$bin"
for tool in sh cat find head mktemp printf rm tr; do
	ln -s "$(command -v "$tool")" "$bin/$tool"
done

# fake NAME STATUS: a command that notes its arguments and ends with that status.
fake()
{
	printf '#!/bin/sh\necho "%s $*" >>"%s/called"\nexit %s\n' "$1" "$work" "$2" >"$bin/$1"
	chmod +x "$bin/$1"
}

user()
{
	printf '#!/bin/sh\necho %s\n' "$1" >"$bin/id"
	chmod +x "$bin/id"
}

# bootstrap ARGUMENT…: with nothing on PATH but what this suite put there, and no compiler.
bootstrap()
{
	rm -f "$work/called"
	run env -i PATH="$bin" CC="$bin/cc" sh "$OVERMAP_ROOT/scripts/bootstrap.sh" "$@"
}

called()
{
	if grep -qF -e "$2" "$work/called" 2>/dev/null; then pass "$1"; else fail "$1" "not called: $2"; fi
}

untouched()
{
	if [ ! -e "$work/called" ]; then pass "$1"; else fail "$1" "called: $(cat "$work/called")"; fi
}

user 0
bootstrap --for build
check_exit 'no package manager: status 1' 1
check_out 'no package manager: the upstream names' 'C compiler, make, pkg-config, libfyaml, cJSON, hwloc'
check_err 'no package manager: says so' 'no apt-get, dnf, pacman or zypper'

fake zypper 0
bootstrap --for build
called 'zypper: no question, no recommended packages' 'zypper --non-interactive install --no-recommends'
called 'zypper: its names' 'libnuma-devel'
check_exit 'installed and still not found: status 1' 1
check_err 'installed and still not found: what' 'still not found: C compiler'

rm "$bin/zypper"
fake pacman 0
bootstrap --for build
called 'pacman: no question' 'pacman -S --needed --noconfirm gcc make pkgconf libfyaml cjson'

rm "$bin/pacman"
fake dnf 1
bootstrap --for build
called 'dnf: no question, no weak dependencies' 'dnf install -y --setopt=install_weak_deps=False gcc'
called 'dnf: refreshed after a failure' 'dnf makecache'
check_exit 'a failing registry: status 1' 1
check_err 'a failing registry: says who could not do what' 'dnf could not install: gcc glibc-devel'

rm "$bin/dnf"
fake apt-get 0
bootstrap --check --for build
check_exit '--check: status 1 when something is missing' 1
untouched '--check calls nothing'
check_out '--check says what would be done' 'apt-get install -y --no-install-recommends gcc libc6-dev make'

user 1000
bootstrap --for build
check_exit 'without root: status 1' 1
untouched 'without root nothing is called'
check_out 'without root: the command to run' '    apt-get install -y --no-install-recommends gcc'

bootstrap --for build,nonsense
check_exit 'an unknown group: status 1' 1
check_err 'an unknown group is named' "unknown group 'nonsense'"
bootstrap --nonsense
check_exit 'an unknown option: status 2' 2

# With everything there. The tools of the tests are here, or this would not run.
run sh "$OVERMAP_ROOT/scripts/bootstrap.sh" --for build,tests
check_exit 'all there: status 0' 0
check_out 'all there: says so' 'nothing is to be installed'
