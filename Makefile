# SPDX-License-Identifier: MIT
# The build of overmap; `make help` lists what can be asked for.

VERSION := 0.1

PREFIX  ?= /usr/local
DESTDIR ?=
BUILD   ?= build
CC      ?= cc
CFLAGS  ?= -O2 -g
LDFLAGS ?=

bindir     := $(PREFIX)/bin
datadir    := $(PREFIX)/share/overmap
mandir     := $(PREFIX)/share/man
systemddir := $(PREFIX)/lib/systemd/system

PKGS       := libfyaml libcjson hwloc numa libmd smartcols
PKG_CONFIG ?= pkg-config
WARNINGS   := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 \
	      -Wpointer-arith -Wwrite-strings -Wundef -Wno-missing-field-initializers
SANITIZE   := -fsanitize=address,undefined

pkg_cflags := $(shell $(PKG_CONFIG) --cflags $(PKGS) 2>/dev/null)
pkg_libs   := $(shell $(PKG_CONFIG) --libs $(PKGS) 2>/dev/null)
test_libs  := $(shell $(PKG_CONFIG) --libs cmocka 2>/dev/null || echo -lcmocka)

ALL_CPPFLAGS = -Iharness -I$(BUILD) -D_GNU_SOURCE -DOVERMAP_DATADIR='"$(datadir)"' $(CPPFLAGS)
ALL_CFLAGS   = -std=gnu11 -pthread $(WARNINGS) $(pkg_cflags) $(CFLAGS)
ALL_LIBS     = $(pkg_libs) -lpfm -lm -pthread

rooms   := base stats sys axes ops scenario model run result cmd
sources := $(foreach room,$(rooms),$(wildcard harness/$(room)/*.c))
objects := $(sources:harness/%.c=$(BUILD)/%.o)
tests   := $(patsubst harness/%.c,$(BUILD)/%,$(wildcard harness/tests/*/test_*.c))

benches := $(patsubst harness/%.c,$(BUILD)/%,$(wildcard harness/tests/*/bench_*.c))

all: $(BUILD)/overmap

# One word and one name a command; with V=1 the command itself.
quiet = $(if $(V),,@printf '  %-4s %s\n' $(1) $(2);)

# --- the program ------------------------------------------------------------------------------

$(BUILD)/overmap: $(BUILD)/main.o $(BUILD)/libovermap.a
	$(call quiet,LINK,$@)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(ALL_LIBS)

$(BUILD)/libovermap.a: $(objects)
	@rm -f $@
	$(call quiet,AR,$@)$(AR) rcs $@ $^

$(BUILD)/%.o: harness/%.c $(BUILD)/flags | $(BUILD)/version.h
	@mkdir -p $(@D)
	$(call quiet,CC,$<)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/tests/%: $(BUILD)/tests/%.o $(BUILD)/libovermap.a
	$(call quiet,LINK,$@)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(ALL_LIBS) $(if $(findstring /test_,$@),$(test_libs))

# A test that is more than one file has the others before it, under a name of their own.
property := $(patsubst harness/%.c,$(BUILD)/%.o,$(wildcard harness/tests/model/property_*.c))
$(BUILD)/tests/model/test_check: $(property)

unit-tests: $(tests)
objects: $(objects) $(BUILD)/main.o $(tests:=.o) $(property) $(benches:=.o)

$(tests:=.o): | cmocka
cmocka:
	@$(PKG_CONFIG) --exists cmocka || { echo 'make: no cmocka here: scripts/bootstrap.sh --for tests installs it' >&2; exit 1; }

# Everything once more under AddressSanitizer and UndefinedBehaviorSanitizer, in a folder of its own.
# Only linked statically does gcc's runtime write what the second one finds to the log of the first.
static_sanitizers := -static-libasan -static-libubsan
asan:
	@mkdir -p $(BUILD)/asan
	+@if echo 'int main(void) { return 0; }' | $(CC) -x c $(SANITIZE) $(static_sanitizers) -Werror \
			-o $(BUILD)/asan/probe - 2>/dev/null; then runtime='$(static_sanitizers)'; fi; \
	$(MAKE) BUILD=$(BUILD)/asan LDFLAGS="$(SANITIZE) $$runtime" \
		CFLAGS='-O1 -g -fno-omit-frame-pointer $(SANITIZE) -fno-sanitize-recover=undefined' \
		all unit-tests

# Any bytes into the readers of scenarios (load), and of results and samples (read), each for
# FUZZ_SECONDS; only where clang is there.
FUZZ_SECONDS ?= 300
fuzz: fuzz-load fuzz-read
fuzz-load: fuzz_seeds := scenarios/*.yaml harness/tests/cli/broken/*.yaml
fuzz-load: fuzz_rooms := base stats sys axes ops scenario model
fuzz-read: fuzz_seeds := harness/tests/result/corpus/*
fuzz-read: fuzz_rooms := base stats sys axes ops scenario model result
fuzz-load fuzz-read: fuzz-%: $(BUILD)/version.h
	@command -v clang >/dev/null || { echo 'make: fuzz needs clang' >&2; exit 1; }
	@mkdir -p $(BUILD)/fuzz/corpus-$*
	@cp $(fuzz_seeds) $(BUILD)/fuzz/corpus-$*/
	clang $(ALL_CPPFLAGS) -std=gnu11 -pthread $(pkg_cflags) -O1 -g \
		-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
		-o $(BUILD)/fuzz/$* $(wildcard harness/tests/*/fuzz_$*.c) \
		$(foreach room,$(fuzz_rooms),$(wildcard harness/$(room)/*.c)) $(ALL_LIBS)
	@echo 'leak:libfyaml' >$(BUILD)/fuzz/suppressions # 0.7.12 leaks in deeply nested flow text
	LSAN_OPTIONS=suppressions=$(BUILD)/fuzz/suppressions:print_suppressions=0 $(BUILD)/fuzz/$* \
		-max_len=4096 -timeout=10 -max_total_time=$(FUZZ_SECONDS) \
		-artifact_prefix=$(BUILD)/fuzz/$*- $(BUILD)/fuzz/corpus-$*

# $(call replace,FILE): FILE.new becomes FILE, unless they are the same: nothing is built for nothing.
replace = if cmp -s $(1).new $(1); then rm -f $(1).new; else mv -f $(1).new $(1); fi
quote   = '$(subst ','\'',$(1))'
c_text  = $(subst ",\",$(subst \,\\,$(1)))

# What everything is compiled with. Every object depends on it: other flags, other objects; and here
# a missing library is one sentence, not a hundred of the compiler's.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' $(call quote,$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(LDFLAGS) $(ALL_LIBS)) >$@.new
	@if ! cmp -s $@.new $@ && ! CC='$(CC)' PKG_CONFIG='$(PKG_CONFIG)' \
			CPPFLAGS=$(call quote,$(CPPFLAGS)) scripts/bootstrap.sh --for build --check >$@.missing 2>&1; then \
		cat $@.missing >&2; rm -f $@.new $@.missing; \
		echo 'make: overmap cannot be built yet; as root, scripts/bootstrap.sh installs what is missing' >&2; \
		exit 1; \
	fi; rm -f $@.missing; $(call replace,$@)

commit = $(shell test -e .git && git describe --always --dirty --abbrev=12 --exclude='*' 2>/dev/null)

$(BUILD)/version.h: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' \
		'/* SPDX-License-Identifier: MIT */' \
		'/* What this program was built from and with. Written by the Makefile. */' \
		'#ifndef VERSION_H' '#define VERSION_H' \
		'#define OVERMAP_VERSION "$(VERSION)"' \
		'#define OVERMAP_COMMIT "$(or $(commit),unknown)"' \
		'#ifdef __clang__' \
		'#define VERSION_TEXT(a, b, c) #a "." #b "." #c' \
		'#define VERSION_OF(a, b, c) VERSION_TEXT(a, b, c)' \
		'#define OVERMAP_COMPILER "clang " VERSION_OF(__clang_major__, __clang_minor__, __clang_patchlevel__)' \
		'#else' \
		'#define OVERMAP_COMPILER "gcc " __VERSION__' \
		'#endif' \
		$(call quote,#define OVERMAP_CFLAGS "$(call c_text,$(strip $(CPPFLAGS) $(CFLAGS)))") \
		'#endif' >$@.new
	@$(call replace,$@)

# --- setting up, testing, measuring -----------------------------------------------------------

bootstrap:
	scripts/bootstrap.sh --for all

# The scripts call make themselves, with all processors; what was given to this make goes with them.
environment = env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL MAKE=$(call quote,$(MAKE)) CC=$(call quote,$(CC)) \
	PKG_CONFIG=$(call quote,$(PKG_CONFIG)) CFLAGS=$(call quote,$(CFLAGS)) LDFLAGS=$(call quote,$(LDFLAGS)) CPPFLAGS=$(call quote,$(CPPFLAGS))

test: bootstrap guests
	@$(environment) scripts/test $(SUITES)

# What the suites of guests need. Where it cannot be had they are skipped, and say why.
guests: bootstrap
	@timeout 600 scripts/lab/kernels 6.1 >/dev/null && scripts/bootstrap.sh --for lab || \
		echo 'make: no guests here: the reason is above' >&2

stress: bootstrap guests
	@$(environment) scripts/test --stress $(SUITES)

quickstart:
	@$(environment) scripts/quickstart

bench: all $(benches)
	@scripts/bench $(BUILD)/overmap

# The same scenario under several kernels, in alternating boots of a guest with a clock that counts
# instructions: make lab KERNELS="6.1 6.12" SCENARIO=scenarios/page-fault.yaml BOOTS=5 LAB=--clock=time
KERNELS  ?= 6.1 6.12
SCENARIO ?= scenarios/kernel-regression.yaml
BOOTS    ?= 7
lab: all
	@scripts/bootstrap.sh --for lab,charts
	@scripts/lab/regression --kernels '$(KERNELS)' --boots '$(BOOTS)' --overmap '$(BUILD)/overmap' $(LAB) '$(SCENARIO)'

lint:
	@$(environment) scripts/lint/all

print-%:
	@printf '%s\n' $(call quote,$($*))

# --- installing -------------------------------------------------------------------------------

# scripts and plots lie beside each other as they do in the checkout: scripts find ../plots in both.
helpers := test quickstart bench benching lint
scripts := $(filter-out $(helpers) %.service __pycache__,$(notdir $(wildcard scripts/*)))
commands := overmap-plot overmap-lab-guest overmap-lab-kernels overmap-lab-regression
unit    := $(wildcard scripts/overmap-restore.service)
manual  := $(if $(shell command -v scdoc 2>/dev/null),$(BUILD)/overmap.1)
share   := $(DESTDIR)$(datadir)

$(BUILD)/overmap.1: harness/cmd/overmap.1.scd
	@mkdir -p $(@D)
	$(call quiet,MAN,$@)scdoc <$< >$@.new
	@mv -f $@.new $@

manual: $(BUILD)/overmap.1

install: all $(manual)
	install -d '$(DESTDIR)$(bindir)' '$(share)/scripts'
	install -m 755 $(BUILD)/overmap '$(DESTDIR)$(bindir)/overmap'
	rm -rf '$(share)/scenarios' '$(share)/plots' '$(share)/scripts'
	install -d '$(share)/scripts'
	$(if $(wildcard scenarios plots),cp -R $(wildcard scenarios plots) '$(share)/')
	$(if $(scripts),cp -R $(addprefix scripts/,$(scripts)) '$(share)/scripts/')
	find '$(share)' -name __pycache__ -prune -exec rm -rf {} +
	chmod -R u=rwX,go=rX '$(share)'
	$(foreach c,$(commands),ln -sfn '../share/overmap/scripts/$(subst overmap-,,$(subst overmap-lab-,lab/,$(c)))' \
		'$(DESTDIR)$(bindir)/$(c)' &&) true
ifneq ($(manual),)
	install -D -m 644 $(BUILD)/overmap.1 '$(DESTDIR)$(mandir)/man1/overmap.1'
else
	@echo 'install: no scdoc here, so no man page (scripts/bootstrap.sh --for docs installs it)'
endif
ifneq ($(unit),)
	install -d '$(DESTDIR)$(systemddir)'
	sed 's,/usr/local/bin,$(bindir),g' $(unit) >'$(DESTDIR)$(systemddir)/overmap-restore.service'
	chmod 644 '$(DESTDIR)$(systemddir)/overmap-restore.service'
endif

uninstall:
	rm -f $(foreach c,overmap $(commands),'$(DESTDIR)$(bindir)/$(c)')
	rm -f '$(DESTDIR)$(mandir)/man1/overmap.1' '$(DESTDIR)$(systemddir)/overmap-restore.service'
	rm -rf '$(share)'

clean:
	rm -rf $(BUILD)

help:
	@printf '%s\n' \
		'make              build build/overmap' \
		'make quickstart   install what is missing, build, run the quick suite, draw its charts' \
		'make test         install what is missing, build, run every test (SUITES="stats cli/help": those)' \
		'make stress       the tests with their large counts' \
		'make bench        measure the harness itself' \
		'make lab          one scenario under several kernels (KERNELS="6.1 6.12" SCENARIO= BOOTS=)' \
		'make lint         compilers with -Werror, formatters, analysers, the rules of the house' \
		'make install      into DESTDIR and PREFIX (now $(PREFIX)); make uninstall takes it away' \
		'make clean        remove $(BUILD)' \
		'' \
		'With V=1 every command is shown. Honoured: CC CPPFLAGS CFLAGS LDFLAGS PKG_CONFIG BUILD PREFIX DESTDIR'

FORCE:
.PHONY: fuzz fuzz-load fuzz-read lab guests all unit-tests cmocka objects asan bootstrap test stress quickstart bench lint manual install \
	uninstall \
	clean help FORCE
.SECONDARY:
.DELETE_ON_ERROR:
-include $(objects:.o=.d) $(BUILD)/main.d $(tests:=.d) $(property:.o=.d) $(benches:=.d)
