# SPDX-License-Identifier: MIT
# make            build the program
# make test       set up, build, run every test
# make quickstart set up, build, run the quick suite, draw its charts

PREFIX  ?= /usr/local
BUILD   ?= build
CC      ?= cc
CFLAGS  ?= -O2 -g
LDFLAGS ?=

PKGS       := libfyaml libcjson hwloc numa libmd smartcols
PKG_CONFIG ?= pkg-config
WARNINGS   := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 \
	      -Wpointer-arith -Wwrite-strings -Wundef

version := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

ALL_CPPFLAGS = -Iharness -D_GNU_SOURCE $(CPPFLAGS)
ALL_CFLAGS   = -std=gnu11 -pthread $(WARNINGS) $(shell $(PKG_CONFIG) --cflags $(PKGS)) $(CFLAGS)
ALL_LIBS     = $(shell $(PKG_CONFIG) --libs $(PKGS)) -lm -pthread

rooms   := base stats sys axes ops scenario model run result cmd
sources := $(foreach room,$(rooms),$(wildcard harness/$(room)/*.c))
objects := $(sources:harness/%.c=$(BUILD)/%.o)
tests   := $(patsubst harness/%.c,$(BUILD)/%,$(wildcard harness/tests/*/test_*.c))

all: $(BUILD)/overmap

$(BUILD)/overmap: $(BUILD)/main.o $(BUILD)/libovermap.a
	$(CC) $(LDFLAGS) -o $@ $^ $(ALL_LIBS)

$(BUILD)/libovermap.a: $(objects)
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/%.o: harness/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/tests/%: $(BUILD)/tests/%.o $(BUILD)/libovermap.a
	$(CC) $(LDFLAGS) -o $@ $^ $(ALL_LIBS) $(shell $(PKG_CONFIG) --libs cmocka)

unit-tests: $(tests)

clean:
	rm -rf $(BUILD)

.PHONY: all unit-tests clean
.SECONDARY:
-include $(objects:.o=.d) $(BUILD)/main.d $(tests:=.d)
