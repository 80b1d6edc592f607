# The common part of reproducers is included as it is, and the compiler's dependency files do not list it.
$(BUILD)/obj/harness/trace/emit_c.c.o: $(wildcard harness/trace/repro*.c.in)

# ---- the trace decoder as a fuzz target: harness/trace/fuzz/README.md ----
FUZZ_CLANG ?= clang-14
FUZZ_AFL   ?= afl-clang-fast
FUZZ_FLAGS = -std=gnu11 -D_GNU_SOURCE -O2 -g -I. -Wl,--dynamic-list=harness/trace/fuzz/exports.list

$(BUILD)/fuzz-trace-libfuzzer: harness/trace/fuzz/fuzz_target.c $(BUILD)/libharness.a
	@[ $(V) != 0 ] || echo "  link $@"
	$(Q)$(FUZZ_CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS)

$(BUILD)/fuzz-trace-afl: harness/trace/fuzz/fuzz_target.c harness/trace/fuzz/fuzz_main.c $(BUILD)/libharness.a
	@[ $(V) != 0 ] || echo "  link $@"
	$(Q)$(FUZZ_AFL) $(FUZZ_FLAGS) -o $@ $^ $(LIBS)

$(BUILD)/fuzz-trace: harness/trace/fuzz/fuzz_target.c harness/trace/fuzz/fuzz_main.c $(BUILD)/libharness.a
	@[ $(V) != 0 ] || echo "  link $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# The target without an engine runs among the other tests.
check-run: $(BUILD)/fuzz-trace

## fuzz-trace-libfuzzer: the trace decoder as a target for libFuzzer (clang)
## fuzz-trace-afl: the same target for AFL++; fuzz-trace: the same without an engine
.PHONY: fuzz-trace-libfuzzer fuzz-trace-afl fuzz-trace
fuzz-trace-libfuzzer: $(BUILD)/fuzz-trace-libfuzzer
fuzz-trace-afl: $(BUILD)/fuzz-trace-afl
fuzz-trace: $(BUILD)/fuzz-trace
