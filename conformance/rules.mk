# The table of sources is compiled into the program, so that it is there wherever the program is copied to.
$(BUILD)/obj/%.tsv.c: %.tsv conformance/sources.awk
	@mkdir -p $(@D)
	$(Q)LC_ALL=C awk -f conformance/sources.awk $< >$@

$(BUILD)/obj/%.tsv.o: $(BUILD)/obj/%.tsv.c $(BUILD)/flags
	@[ $(V) != 0 ] || echo "  cc   $*.tsv"
	$(Q)$(CC) $(CFLAGS) -MMD -MP -c $< -o $@

# The exploration is also compiled in another way, and tests/test_reproducible.c compares the traces of the two builds.
# The calls must stay the same when a compiler evaluates arguments in another order. The other compiler is clang, if the
# native platform has it, and otherwise the same compiler without optimisation.
CLANG_HERE := $(if $(filter native,$(PLATFORM)),$(firstword $(shell command -v clang clang-14)))
OTHERWISE_CC ?= $(or $(CLANG_HERE),$(CC))
OTHERWISE := conformance/scenario/run.c $(wildcard conformance/clauses/explore/*.c)

$(BUILD)/obj/otherwise/%.c.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	@[ $(V) != 0 ] || echo "  cc   $< (otherwise)"
	$(Q)$(OTHERWISE_CC) $(CFLAGS) -O0 -Wno-unknown-warning-option -MMD -MP -c $< -o $@

TESTED_TAPES := $(BUILD)/tests/conformance/tests/test_reproducible
$(TESTED_TAPES)-otherwise: $(patsubst %.c,$(BUILD)/obj/otherwise/%.c.o,$(OTHERWISE)) \
		$(call object,conformance/tests/test_reproducible.c $(filter-out $(OTHERWISE),$(CONFORMANCE))) \
		$(call object,$(filter-out %/main.c,$(CLI))) \
		$(BUILD)/libharness.a
	@mkdir -p $(@D)
	@[ $(V) != 0 ] || echo "  link $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(CHECK_LIBS) $(LIBS)

check-run: $(TESTED_TAPES)-otherwise
$(TESTED_TAPES): $(BUILD)/libreference_alloc.so
