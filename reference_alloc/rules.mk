# The reference allocator: its library, its tests and its benchmark. Included by the top Makefile.

# A thread finds its cache through thread-local storage. The initial-exec model reaches it without a call and without an
# allocation. musl cannot load such a library at run time, but its general model does not allocate either.
REFERENCE_TLS    = $(if $(findstring musl,$(shell $(CC) -dumpmachine)),,-ftls-model=initial-exec)
REFERENCE_FLAGS  = $(REFERENCE_TLS) -fPIC -fvisibility=hidden -fno-stack-protector
REFERENCE_SOURCE := reference_alloc/reference_alloc.c
REFERENCE_DEPS   := $(REFERENCE_SOURCE) $(wildcard reference_alloc/*.h) $(BUILD)/flags

$(BUILD)/libreference_alloc.so: $(REFERENCE_DEPS)
	@mkdir -p $(@D)
	@[ $(V) != 0 ] || echo "  so   $@"
	$(Q)$(CC) $(CFLAGS) $(REFERENCE_FLAGS) -shared -nostartfiles -Wl,-z,now -o $@ $(REFERENCE_SOURCE) $(LDFLAGS)

# C's malloc family over it: the allocator is included, not linked.
$(BUILD)/libreference_malloc.so: reference_alloc/reference_malloc.c $(REFERENCE_DEPS)
	@mkdir -p $(@D)
	@[ $(V) != 0 ] || echo "  so   $@"
	$(Q)$(CC) $(CFLAGS) $(REFERENCE_FLAGS) -shared -Wl,-z,now -o $@ $< $(LDFLAGS)

# The tests link the allocator itself, except the test of the sizes, which includes its source.
REFERENCE_TESTS := $(patsubst reference_alloc/tests/%.c,$(BUILD)/tests/reference_alloc/%,$(wildcard reference_alloc/tests/test_*.c))
TESTS += $(REFERENCE_TESTS)
$(REFERENCE_TESTS): $(BUILD)/tests/reference_alloc/%: reference_alloc/tests/%.c $(REFERENCE_DEPS)
	@mkdir -p $(@D)
	@[ $(V) != 0 ] || echo "  link $@"
	$(Q)$(CC) $(CFLAGS) $(CHECK_CFLAGS) -o $@ $< $(if $(findstring _sizes,$<),,$(REFERENCE_SOURCE)) $(LDFLAGS) $(CHECK_LIBS)

$(BUILD)/bench/traces: reference_alloc/bench/traces.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -o $@ $< $(LDFLAGS) -ldl -pthread

## bench-reference: compares the reference allocator with glibc, jemalloc and mimalloc [ROUNDS=5]
BENCHES += bench-reference
.PHONY: bench-reference
bench-reference: $(BUILD)/libreference_alloc.so $(BUILD)/bench/traces | setup-bench
	@$(PYTHON) reference_alloc/bench/compare.py $(BUILD)/bench/traces $(BUILD)/libreference_alloc.so $(ROUNDS)
