# ---- the readers of untrusted files as a fuzz target: harness/linkage/fuzz/README.md ----
# The sources are compiled anew with each, so that the engine sees their branches and the sanitizers their mistakes.
LINKAGE_FUZZED   := $(filter-out harness/linkage/graph%,$(wildcard harness/linkage/*.c harness/base/*.c)) harness/linkage/fuzz/fuzz_target.c
LINKAGE_FUZZ_ALL := $(LINKAGE_FUZZED) $(wildcard harness/linkage/*.h harness/base/*.h)
LINKAGE_SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined
FUZZ_CLANG ?= clang-14
FUZZ_AFL   ?= afl-clang-fast

$(BUILD)/fuzz-linkage-libfuzzer: $(LINKAGE_FUZZ_ALL) $(BUILD)/flags
	@[ $(V) != 0 ] || echo "  link $@"
	$(Q)$(FUZZ_CLANG) $(CFLAGS) $(LINKAGE_SANITIZE) -fsanitize=fuzzer -o $@ $(LINKAGE_FUZZED) $(LIBS)

$(BUILD)/fuzz-linkage-afl: $(LINKAGE_FUZZ_ALL) harness/trace/fuzz/fuzz_main.c $(BUILD)/flags
	@[ $(V) != 0 ] || echo "  link $@"
	$(Q)$(FUZZ_AFL) $(CFLAGS) $(LINKAGE_SANITIZE) -o $@ $(LINKAGE_FUZZED) harness/trace/fuzz/fuzz_main.c $(LIBS)

$(BUILD)/fuzz-linkage: $(LINKAGE_FUZZ_ALL) harness/trace/fuzz/fuzz_main.c $(BUILD)/flags
	@[ $(V) != 0 ] || echo "  link $@"
	$(Q)$(CC) $(CFLAGS) $(LINKAGE_SANITIZE) $(LDFLAGS) -o $@ $(LINKAGE_FUZZED) harness/trace/fuzz/fuzz_main.c $(LIBS)

# The one without an engine replays the corpus with every other test, on the machine itself.
ifeq ($(PLATFORM),native)
check-run: $(BUILD)/fuzz-linkage
endif

## fuzz-linkage-libfuzzer: the readers of ELF files and archives as a target for libFuzzer (clang)
## fuzz-linkage-afl: the same for AFL++; fuzz-linkage: without an engine, sanitized
.PHONY: fuzz-linkage-libfuzzer fuzz-linkage-afl fuzz-linkage
fuzz-linkage-libfuzzer: $(BUILD)/fuzz-linkage-libfuzzer
fuzz-linkage-afl: $(BUILD)/fuzz-linkage-afl
fuzz-linkage: $(BUILD)/fuzz-linkage
