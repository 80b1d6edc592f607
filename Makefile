# assay: an allocator conformance suite and harness.
#
#   make conformance                      judge the bundled reference allocator, clause by clause
#   make conformance CANDIDATE=./libx.so  judge that library [BINDING=NAME]
#   make check                            every test
#   make PLATFORM=armhf ...               the same for another platform; `make platforms` says which
#   make list                             all targets
#
# A source file, a test, a fixture or a binding is found by its place, so adding one needs no edit here. Directories
# have rules of their own in */rules.mk and */*/rules.mk.

PLATFORM ?= native
PREFIX   ?= /usr/local
V        ?= 0
Q        := $(if $(filter 0,$(V)),@)
BUILD    ?= build

# Any Python will do for what needs nothing but its standard library. $(call python_with,SET) is, in a recipe, an interpreter with all
# the modules of a set of runners/setup/packages.tsv; where there is none, a line says what is missing and the status is 2.
GIVEN_PYTHON := $(PYTHON)
PYTHON       ?= python3
python_with   = $$(PYTHON='$(GIVEN_PYTHON)' sh runners/setup/interpreter $(1))
TEST_PYTHON   = $(if $(filter native,$(PLATFORM)),$(call python_with,check),$(PYTHON))

CFLAGS   ?= -O2 -g
override CFLAGS += -std=gnu11 -Wall -Wextra -Wno-format-truncation -Wno-psabi -fno-omit-frame-pointer -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -I.
ifdef WERROR
override CFLAGS += -Werror
endif
ifdef SANITIZE
override CFLAGS += -fsanitize=$(SANITIZE) -fno-sanitize-recover=undefined
LDFLAGS += -fsanitize=$(SANITIZE)
endif
include runners/platforms/cross.mk
CHECK_LIBS ?= $(shell pkg-config --libs check 2>/dev/null || echo -lcheck) -lm -pthread
LIBS       ?= -lffi -lelf -ljansson -linih -ldl -pthread

.DEFAULT_GOAL := all
.SECONDARY:
.DELETE_ON_ERROR:
SHELL := /bin/sh
TESTS :=
BENCHES :=

# ---- the places of the files ----
HARNESS     := $(wildcard harness/*/*.c harness/*/*.S)
CONFORMANCE := $(wildcard conformance/*.c conformance/*.tsv $(addprefix conformance/,clauses/*.c clauses/*/*.c contracts/*.c scenario/*.c judging/*.c))
CLI         := $(wildcard conformance/cli/*.c)
BINDINGS    := $(wildcard conformance/bindings/*.binding)
C_TESTS     := $(wildcard harness/*/tests/test_*.c conformance/tests/test_*.c)
PY_TESTS    := $(wildcard harness/*/tests conformance/tests reference_alloc/tests runners/tests packaging/tests)
FIXTURES    := $(wildcard conformance/fixtures/*.c conformance/fixtures/*.cc conformance/fixtures/*/*.c harness/*/tests/candidates/*.c harness/*/tests/candidates/*.cc)

object = $(addprefix $(BUILD)/obj/,$(addsuffix .o,$(1)))
fixture = $(addprefix $(BUILD)/fixtures/,$(addsuffix .so,$(basename $(notdir $(1)))))

## all: the program, the reference allocator and the test candidates
.PHONY: all
all: $(BUILD)/assay $(BUILD)/libreference_alloc.so $(BUILD)/libreference_malloc.so $(call fixture,$(FIXTURES))

# When the compiler or its flags change, everything is compiled again.
$(BUILD)/flags: FORCE $(SYSROOT_READY)
	@mkdir -p $(@D)
	@echo '$(CC) $(CFLAGS) $(LDFLAGS)' | cmp -s - $@ || echo '$(CC) $(CFLAGS) $(LDFLAGS)' >$@
.PHONY: FORCE

$(BUILD)/obj/%.c.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	@[ $(V) != 0 ] || echo "  cc   $<"
	$(Q)$(CC) $(CFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/obj/%.S.o: %.S $(BUILD)/flags
	@mkdir -p $(@D)
	@[ $(V) != 0 ] || echo "  as   $<"
	$(Q)$(CC) $(CFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/libharness.a: $(call object,$(HARNESS))
	@rm -f $@
	@[ $(V) != 0 ] || echo "  ar   $@"
	$(Q)$(AR) rcs $@ $^

# The program exports none of its functions (no -rdynamic), because they would hide a candidate's own functions of the
# same names. The linker exports the replacements of libc's functions (mmap ...) without being asked.
# The groups of clauses register themselves through the linker. So their objects are named here and not taken from an
# archive.
ASSAY_PARTS := $(call object,$(CONFORMANCE) $(CLI)) $(BUILD)/libharness.a
$(BUILD)/assay: $(ASSAY_PARTS)
	@[ $(V) != 0 ] || echo "  link $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(CHECK_LIBS) $(LIBS)

## portable: the program with its bindings, which needs only the C library of the machine that it is copied to
.PHONY: portable setup-portable
portable: $(BUILD)/portable/bin/assay
setup-portable:
	@sh runners/setup/install portable
STATIC_LIBS = $(filter-out -lrt -lm -pthread,$(shell $(PKG_CONFIG) --static --libs-only-l check libffi libelf jansson inih))
$(BUILD)/portable/bin/assay: $(ASSAY_PARTS) $(BINDINGS) | setup-portable
	@rm -rf $(BUILD)/portable && mkdir -p $(@D) $(BUILD)/portable/share/assay/bindings
	@cp $(BINDINGS) $(BUILD)/portable/share/assay/bindings
	@[ $(V) != 0 ] || echo "  link $@"
	$(Q)$(CC) $(CFLAGS) $(filter-out $(IN_TREE),$(LDFLAGS)) -o $@ $(ASSAY_PARTS) \
		-Wl,-Bstatic $(STATIC_LIBS) -Wl,-Bdynamic -lrt -lm -ldl -pthread

vpath %.c $(sort $(dir $(FIXTURES)))
vpath %.cc $(sort $(dir $(FIXTURES)))

$(BUILD)/fixtures/%.so: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	@[ $(V) != 0 ] || echo "  so   $@"
	$(Q)$(CC) $(CFLAGS) -fno-builtin -fPIC -shared -MMD -MP -o $@ $< $(LDFLAGS) -ldl -pthread

$(BUILD)/fixtures/%.so: %.cc $(BUILD)/flags
	@mkdir -p $(@D)
	@[ $(V) != 0 ] || echo "  so   $@"
	$(Q)$(CXX) $(filter-out -std=gnu11,$(CFLAGS)) -fPIC -shared -MMD -MP -o $@ $< $(LDFLAGS)

# A test links the code that it tests. A test of conformance/ also links the clause groups, but not the program's main.
$(BUILD)/tests/%: $(BUILD)/obj/harness/%.c.o $(BUILD)/libharness.a
	@mkdir -p $(@D)
	@[ $(V) != 0 ] || echo "  link $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(BUILD)/libharness.a $(CHECK_LIBS) $(LIBS)

$(BUILD)/tests/conformance/%: $(BUILD)/obj/conformance/%.c.o $(call object,$(CONFORMANCE) $(filter-out %/main.c,$(CLI))) $(BUILD)/libharness.a
	@mkdir -p $(@D)
	@[ $(V) != 0 ] || echo "  link $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(CHECK_LIBS) $(LIBS)

TESTS += $(patsubst harness/%.c,$(BUILD)/tests/%,$(filter harness/%,$(C_TESTS)))
TESTS += $(patsubst conformance/%.c,$(BUILD)/tests/conformance/%,$(filter conformance/%,$(C_TESTS)))

include $(wildcard */rules.mk */*/rules.mk)
-include $(shell find $(BUILD)/obj $(BUILD)/fixtures -name '*.d' 2>/dev/null)

# ---- targets for users ----

# Runs one job per core unless the user gave a number.
PARALLEL_MAKE = $(MAKE) --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))

## setup: installs what building and judging need (on Debian; elsewhere it says what is missing)
.PHONY: setup setup-check
setup:
	@sh runners/setup/install build $(SETUP)
setup-check:
	@sh runners/setup/install build check $(SETUP)
	@sh runners/setup/install foreign || echo "  tests that build for other platforms will be skipped"

setup-bench:
	@sh runners/setup/install build bench $(SETUP)

## conformance: judges CANDIDATE, or the reference allocator if none is given [BINDING=NAME]
CANDIDATE ?= $(BUILD)/libreference_alloc.so
.PHONY: conformance
conformance: setup
	+@$(PARALLEL_MAKE) $(BUILD)/assay $(BUILD)/libreference_alloc.so
	@$(ON) assay run $(CANDIDATE) $(if $(BINDING),--binding $(BINDING)) $(ARGS)

# The tests in Python also judge on these platforms: by default, one with 32 bits. They skip a platform whose compiler
# or libraries are missing here. A compilation that fails is an error.
ELSEWHERE ?= $(if $(SANITIZE),,i686)

## check: runs every test [ELSEWHERE="i686 armhf s390x": further platforms]
.PHONY: check check-run
check: setup-check
	+@$(PARALLEL_MAKE) all portable $(TESTS)
	+@for p in $(if $(filter native,$(PLATFORM)),$(ELSEWHERE)); do \
	    $(MAKE) --no-print-directory PLATFORM=$$p sysroot || { echo "  tests on $$p will be skipped"; continue; }; \
	    $(PARALLEL_MAKE) PLATFORM=$$p all || exit 1; done
	@$(MAKE) --no-print-directory format-check check-run
check-run: $(TESTS)
	@python=$(TEST_PYTHON) && \
	    BUILD=$(BUILD) PYTHON=$$python PLATFORM=$(PLATFORM) sh runners/setup/run-tests "$(TESTS)" "$(PY_TESTS)"

# The quick tests that find much: the unit tests in C without the slow ones, and the tests of the layout of the tree.
SLOW_TESTS := %/test_shrink %/test_watch %/test_reproducible %/test_reference_sizes %/test_reference_threads
QUICK_PY   := $(addprefix conformance/tests/,test_layers.py test_sources.py test_capacity.py test_formats.py test_fail_fast.py)

## check-quick: runs about a minute of tests, for daily work
.PHONY: check-quick
check-quick: setup-check
	+@$(PARALLEL_MAKE) all $(filter-out $(SLOW_TESTS),$(TESTS))
	@python=$(TEST_PYTHON) && BUILD=$(BUILD) PYTHON=$$python PLATFORM=$(PLATFORM) \
	    sh runners/setup/run-tests "$(filter-out $(SLOW_TESTS),$(TESTS))" "$(QUICK_PY)"

## format: formats every C file as .clang-format says
## format-check: lists the places where C or Python files break the layout
.PHONY: format format-check
format:
	@clang-format -i $$(git ls-files '*.c' '*.h' '*.cc' | grep -v /corpus/)
format-check:
	@runners/setup/check-format

## bench: runs every benchmark and prints ratios that were measured in one run
.PHONY: bench setup-bench
bench: setup-bench all
	@for b in $(BENCHES); do $(MAKE) --no-print-directory $$b || exit 1; done

## platforms: shows what can be built and run here, and what is missing for the others
.PHONY: platforms
platforms:
	@sh runners/platforms/list

## list: prints this list
.PHONY: list
list:
	@cat $(filter-out %.d,$(MAKEFILE_LIST)) | sed -n 's/^## //p' | sort

## clean: removes the build tree
.PHONY: clean
clean:
	rm -rf $(BUILD)
