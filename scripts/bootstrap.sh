#!/bin/sh
# SPDX-License-Identifier: MIT
# Install what is missing to build, test and draw, so that a fresh system gets from a clone to a
# chart with one command. What is there is found by asking for the thing itself (pkg-config, a
# command, a Python import), never the package manager: a library that you built yourself counts.
set -u

# The one table of what is needed. A column of - means that this package manager has none.
# probe: cc | sanitizers | pkg-config | command NAME | library NAME [LEAST VERSION] | header FILE | python MODULE | font NAME
table()
{
	cat <<-'END'
	# group      | name         | probe                    | apt                | dnf                | pacman            | zypper
	build        | C compiler   | cc                       | gcc libc6-dev      | gcc glibc-devel    | gcc               | gcc glibc-devel
	build        | make         | command make             | make               | make               | make              | make
	build        | pkg-config   | pkg-config               | pkg-config         | pkgconf-pkg-config | pkgconf           | pkg-config
	build        | libfyaml     | library libfyaml 0.7.12  | libfyaml-dev       | libfyaml-devel     | libfyaml          | libfyaml-devel
	build        | cJSON        | library libcjson 1.7.10  | libcjson-dev       | cjson-devel        | cjson             | cJSON-devel
	build        | hwloc        | library hwloc 2.0        | libhwloc-dev       | hwloc-devel        | hwloc             | hwloc-devel
	build        | libnuma      | library numa 2.0.12      | libnuma-dev        | numactl-devel      | numactl           | libnuma-devel
	build        | libmd        | library libmd            | libmd-dev          | libmd-devel        | libmd             | libmd-devel
	build        | smartcols    | library smartcols 2.29   | libsmartcols-dev   | libsmartcols-devel | util-linux-libs   | libsmartcols-devel
	build        | libpfm4      | header perfmon/pfmlib.h  | libpfm4-dev        | libpfm-devel       | libpfm            | libpfm-devel
	tests        | sanitizers   | sanitizers               | gcc                | libasan libubsan   | gcc               | gcc
	tests        | cmocka       | library cmocka 1.1.5     | libcmocka-dev      | libcmocka-devel    | cmocka            | libcmocka-devel
	tests        | valgrind     | command valgrind         | valgrind           | valgrind           | valgrind          | valgrind
	tests charts | Python 3     | command /usr/bin/python3 | python3            | python3            | python            | python3
	tests charts | jinja2       | python jinja2            | python3-jinja2     | python3-jinja2     | python-jinja      | python3-Jinja2
	tests        | jsonschema   | python jsonschema        | python3-jsonschema | python3-jsonschema | python-jsonschema | python3-jsonschema
	charts       | gnuplot      | command gnuplot          | gnuplot-nox        | gnuplot            | gnuplot           | gnuplot
	charts       | DejaVu Sans  | font DejaVuSans.ttf      | fonts-dejavu-core  | dejavu-sans-fonts  | ttf-dejavu        | dejavu-fonts
	docs         | scdoc        | command scdoc            | scdoc              | scdoc              | scdoc             | scdoc
	lab          | QEMU         | command qemu-system-x86_64 | qemu-system-x86  | qemu-system-x86    | qemu-system-x86   | qemu-x86
	lab          | busybox      | command busybox          | busybox-static     | busybox            | busybox           | busybox-static
	cross        | cross gcc    | command aarch64-linux-gnu-gcc | gcc-aarch64-linux-gnu libc6-dev-arm64-cross | gcc-aarch64-linux-gnu | aarch64-linux-gnu-gcc | cross-aarch64-gcc12
	cross        | QEMU (aarch64) | command qemu-system-aarch64 | qemu-system-arm  | qemu-system-aarch64 | qemu-system-aarch64 | qemu-arm
	bench        | stress-ng    | command stress-ng        | stress-ng          | stress-ng          | stress-ng         | stress-ng
	bench        | sysbench     | command sysbench         | sysbench           | sysbench           | sysbench          | sysbench
	bench        | mbw          | command mbw              | mbw                | -                  | -                 | -
	bench        | perf         | command perf             | linux-perf         | perf               | perf              | perf
	lint         | clang        | command clang            | clang              | clang              | clang             | clang
	lint         | clang-format | command clang-format     | clang-format       | clang-tools-extra  | clang             | clang-tools
	lint         | clang-tidy   | command clang-tidy       | clang-tidy         | clang-tools-extra  | clang             | clang-tools
	lint         | cppcheck     | command cppcheck         | cppcheck           | cppcheck           | cppcheck          | cppcheck
	lint         | shellcheck   | command shellcheck       | shellcheck         | ShellCheck         | shellcheck        | ShellCheck
	END
}

usage()
{
	cat <<-'END'
	Usage: scripts/bootstrap.sh [--for GROUP[,GROUP…]] [--check]

	Install the packages that are missing, through apt-get, dnf, pacman or zypper.

	  --for GROUP   build, charts, tests, docs, lab, cross, bench, lint, or all (the first four; the default)
	  --check       install nothing: only say what is missing; exit 1 if anything is
	  --help        this text
	END
}

say()
{
	printf '%s\n' "bootstrap: $*"
}

fail()
{
	printf '%s\n' "bootstrap: $*" >&2
	exit 1
}

# --- what is there ----------------------------------------------------------------------------

# A compiler without libc's headers or start files is none.
compiles()
{
	object=$(mktemp) || fail "cannot make a temporary file in ${TMPDIR:-/tmp}"
	# shellcheck disable=SC2086 # CC may carry flags
	printf '#include <stdio.h>\nint main(void) { return puts(""); }\n' |
		${CC:-cc} -x c "$@" -o "$object" - >/dev/null 2>&1
	found=$?
	rm -f "$object"
	return $found
}

has_library()
{
	"${PKG_CONFIG:-pkg-config}" --exists "$1${2:+ >= $2}" 2>/dev/null
}

has_header()
{
	# shellcheck disable=SC2086
	printf '#include <%s>\n' "$1" | ${CC:-cc} ${CPPFLAGS:-} -E -x c - >/dev/null 2>&1
}

# The scripts run under /usr/bin/python3, whatever python3 comes first on PATH.
has_python()
{
	/usr/bin/python3 -c '
import importlib.util, sys
sys.exit(importlib.util.find_spec(sys.argv[1]) is None)' "$1" 2>/dev/null
}

has_font()
{
	for folder in /usr/share/fonts /usr/local/share/fonts "${HOME:-/nonexistent}/.local/share/fonts"; do
		[ -d "$folder" ] && [ -n "$(find "$folder" -name "$1" -print 2>/dev/null)" ] && return 0
	done
	return 1
}

has()
{
	kind=$1
	shift
	case $kind in
	cc) compiles ;;
	sanitizers) compiles -fsanitize=address,undefined ;;
	command) command -v "$1" >/dev/null 2>&1 ;;
	pkg-config) command -v "${PKG_CONFIG:-pkg-config}" >/dev/null 2>&1 ;;
	library) has_library "$@" ;;
	header) has_header "$@" ;;
	python) has_python "$@" ;;
	font) has_font "$@" ;;
	*) fail "the table names an unknown probe: $kind" ;;
	esac
}

trim()
{
	trimmed=$1
	trimmed=${trimmed#"${trimmed%%[! 	]*}"}
	trimmed=${trimmed%"${trimmed##*[! 	]}"}
}

# wanted GROUP…: does any of a row's groups belong to those that were asked for?
wanted()
{
	for group; do
		case ",$groups," in
		*",$group,"*) return 0 ;;
		*,all,*) case $group in lint | lab | cross | bench) ;; *) return 0 ;; esac ;;
		esac
	done
	return 1
}

# Add the words of $2 that are not in $1 yet; the result is in $merged.
merge()
{
	merged=$1
	for word in $2; do
		case " $merged " in
		*" $word "*) ;;
		*) merged="$merged${merged:+ }$word" ;;
		esac
	done
}

# Fill $missing (names for people) and $packages (of $manager).
look()
{
	missing='' packages=''
	while IFS='|' read -r group name probe apt dnf pacman zypper; do
		case $group in '#'*) continue ;; esac
		# shellcheck disable=SC2086 # a row may belong to several groups
		wanted $group || continue
		trim "$probe"
		# shellcheck disable=SC2086 # the probe's words are its arguments
		has $trimmed && continue
		trim "$name"
		case ", $missing, " in
		*", $trimmed, "*) continue ;;
		esac
		missing="$missing${missing:+, }$trimmed"
		case $manager in
		apt) package=$apt ;;
		dnf) package=$dnf ;;
		pacman) package=$pacman ;;
		zypper) package=$zypper ;;
		*) package='' ;;
		esac
		merge "$packages" "$package"
		packages=$merged
	done <<-END
	$(table)
	END
}

# --- getting it -------------------------------------------------------------------------------

find_manager()
{
	manager=
	for pair in apt:apt-get dnf:dnf pacman:pacman zypper:zypper; do
		if command -v "${pair#*:}" >/dev/null 2>&1; then
			manager=${pair%%:*}
			return
		fi
	done
}

# The command of $manager that does $1 (refresh or install), in $command.
set_command()
{
	case $manager-$1 in
	apt-refresh) command='apt-get update' ;;
	apt-install) command='apt-get install -y --no-install-recommends' ;;
	dnf-refresh) command='dnf makecache -y' ;;
	dnf-install) command='dnf install -y --setopt=install_weak_deps=False' ;;
	pacman-refresh) command='pacman -Sy --noconfirm' ;;
	pacman-install) command='pacman -S --needed --noconfirm' ;;
	zypper-refresh) command='zypper --non-interactive refresh' ;;
	zypper-install) command='zypper --non-interactive install --no-recommends' ;;
	esac
}

# Run the command of $manager that does $1 on the packages $2, without a question.
manage()
{
	set_command "$1"
	# A lock held by unattended upgrades is waited for; a registry that stutters is asked again.
	[ "$manager" != apt ] || command="$command -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3"
	# shellcheck disable=SC2086 # the words of a command and of a list
	DEBIAN_FRONTEND=noninteractive $command $2 </dev/null
}

# Are the lists that are on disk enough? Only apt keeps none on a fresh image.
lists_know()
{
	[ "$manager" = apt ] || return 0
	# shellcheck disable=SC2086 # the words of a list
	apt-get install -s --no-install-recommends $packages >/dev/null 2>&1 </dev/null
}

install()
{
	refreshed=
	if ! lists_know; then
		say "the package lists are absent or old: refreshing them"
		manage refresh '' || fail "the package lists could not be refreshed; the reason is above (no network, or a proxy that is not set?)"
		refreshed=yes
	fi
	manage install "$packages" && return
	[ -n "$refreshed" ] && return 1
	say "that failed: refreshing the package lists and trying once more"
	manage refresh '' && manage install "$packages"
}

hint()
{
	case $manager in
	apt) echo "Is the network (or its proxy) there? On Ubuntu the packages are in universe: add-apt-repository universe." ;;
	dnf) echo "On RHEL and its rebuilds some are in CRB and EPEL: dnf config-manager --set-enabled crb; dnf install epel-release." ;;
	*) echo "Or install them from their sources: they are found by pkg-config." ;;
	esac
}

groups=all check=
while [ $# -gt 0 ]; do
	case $1 in
	--for)
		[ $# -ge 2 ] || fail "--for needs a group: build, charts, tests, docs, lab, cross, bench, lint or all"
		groups=$2
		shift
		;;
	--for=*) groups=${1#--for=} ;;
	--check) check=yes ;;
	-h | --help)
		usage
		exit 0
		;;
	*)
		usage >&2
		exit 2
		;;
	esac
	shift
done
for group in $(printf '%s' "$groups" | tr ',' ' '); do
	case $group in
	build | charts | tests | docs | lab | cross | bench | lint | all) ;;
	*) fail "unknown group '$group': take build, charts, tests, docs, lab, cross, bench, lint or all" ;;
	esac
done

find_manager
look
if [ -z "$missing" ]; then
	say "everything for $groups is there, nothing is to be installed"
	exit 0
fi
say "missing for $groups: $missing"
if [ -z "$manager" ]; then
	fail "no apt-get, dnf, pacman or zypper here: install the above by the means of this system"
fi
set_command install
if [ -n "$check" ]; then
	say "would be installed by: $command $packages"
	exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
	say "installing needs root; run this, and then again what you were about to do:"
	printf '    %s %s\n' "$command" "$packages"
	exit 1
fi
say "installing, by: $command $packages"
install || fail "$manager could not install: $packages
bootstrap: the reason is above. $(hint)"
look
[ -z "$missing" ] || fail "installed, but still not found: $missing. $(hint)"
say "done: everything for $groups is there"
