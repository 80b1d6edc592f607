# Measures what the oracle's checks cost, compared with the same calls without them.
BENCHES += bench-oracle

$(BUILD)/bench_oracle: $(BUILD)/obj/harness/oracle/bench/bench_oracle.c.o $(BUILD)/libharness.a
	@[ $(V) != 0 ] || echo "  link $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

## bench-oracle: measures a million operations with and without the oracle's checks, by size of block
.PHONY: bench-oracle
bench-oracle: $(BUILD)/bench_oracle $(BUILD)/libreference_alloc.so
	@$(ON) $(BUILD)/bench_oracle $(BUILD)/libreference_alloc.so
