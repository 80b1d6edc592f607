# ---- the readers of untrusted files as fuzz targets: harness/linkage/fuzz/README.md ----
# fuzz-files reads ELF files, archives and the loader's cache. fuzz-graph reads descriptions of crate graphs. For an
# engine, the sources are compiled again with its instrumentation.
LINKAGE_FUZZED   := $(wildcard harness/linkage/*.c harness/base/*.c)
LINKAGE_HEADERS  := $(wildcard harness/linkage/*.h harness/base/*.h)
LINKAGE_SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined
LINKAGE_MAIN     := harness/trace/fuzz/fuzz_main.c
FUZZ_CLANG ?= clang-14
FUZZ_AFL   ?= afl-clang-fast

$(BUILD)/fuzz-%-libfuzzer: harness/linkage/fuzz/fuzz_%.c $(LINKAGE_FUZZED) $(LINKAGE_HEADERS) $(BUILD)/flags
	@[ $(V) != 0 ] || echo "  link $@"
	$(Q)$(FUZZ_CLANG) $(CFLAGS) -Wno-unknown-warning-option $(LINKAGE_SANITIZE) -fsanitize=fuzzer -o $@ $(filter %.c,$^) $(LIBS)

$(BUILD)/fuzz-%-afl: harness/linkage/fuzz/fuzz_%.c $(LINKAGE_FUZZED) $(LINKAGE_MAIN) $(LINKAGE_HEADERS) $(BUILD)/flags
	@[ $(V) != 0 ] || echo "  link $@"
	$(Q)$(FUZZ_AFL) $(CFLAGS) -Wno-unknown-warning-option $(LINKAGE_SANITIZE) -o $@ $(filter %.c,$^) $(LIBS)

# These are part of `make check`. The sources are compiled once for both targets.
$(BUILD)/sanitized/%.c.o: %.c $(LINKAGE_HEADERS) $(BUILD)/flags
	@mkdir -p $(@D)
	@[ $(V) != 0 ] || echo "  cc   $< (sanitized)"
	$(Q)$(CC) $(CFLAGS) $(LINKAGE_SANITIZE) -c $< -o $@

$(BUILD)/fuzz-%: $(BUILD)/sanitized/harness/linkage/fuzz/fuzz_%.c.o $(LINKAGE_FUZZED:%=$(BUILD)/sanitized/%.o) $(LINKAGE_MAIN:%=$(BUILD)/sanitized/%.o)
	@[ $(V) != 0 ] || echo "  link $@"
	$(Q)$(CC) $(CFLAGS) $(LINKAGE_SANITIZE) $(LDFLAGS) -o $@ $^ $(LIBS)

# The targets without an engine replay the corpus among the other tests, on the native platform only.
ifeq ($(PLATFORM),native)
check-run: $(BUILD)/fuzz-files $(BUILD)/fuzz-graph
endif

## fuzz-linkage-libfuzzer: the readers of the linkage rule as targets for libFuzzer (clang): fuzz-files, fuzz-graph
## fuzz-linkage-afl: the same targets for AFL++; fuzz-linkage: the same without an engine, with sanitizers
.PHONY: fuzz-linkage-libfuzzer fuzz-linkage-afl fuzz-linkage
fuzz-linkage-libfuzzer: $(BUILD)/fuzz-files-libfuzzer $(BUILD)/fuzz-graph-libfuzzer
fuzz-linkage-afl: $(BUILD)/fuzz-files-afl $(BUILD)/fuzz-graph-afl
fuzz-linkage: $(BUILD)/fuzz-files $(BUILD)/fuzz-graph

## bench-linkage: files per second of the linkage rule, of lddtree and of a script with pyelftools [SAMPLE=200]
BENCHES += bench-linkage
.PHONY: bench-linkage
bench-linkage: $(BUILD)/assay | setup-bench
	@python=$(call python_with,bench) && $$python harness/linkage/bench/bench_linkage.py $(BUILD)/assay $(SAMPLE)
