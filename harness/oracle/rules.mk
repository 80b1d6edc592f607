# What watching costs, beside the same calls unwatched.
BENCHES += bench-oracle

$(BUILD)/bench_oracle: $(BUILD)/obj/harness/oracle/bench/bench_oracle.c.o $(BUILD)/libharness.a
	@[ $(V) != 0 ] || echo "  link $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

## bench-oracle: a million operations checked and unchecked, by size of block
.PHONY: bench-oracle
bench-oracle: $(BUILD)/bench_oracle $(BUILD)/libreference_alloc.so
	@$(ON) $(BUILD)/bench_oracle $(BUILD)/libreference_alloc.so
