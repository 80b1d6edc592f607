# The table of sources is compiled: it is in the program, wherever that is copied to.
$(BUILD)/obj/%.tsv.c: %.tsv conformance/sources.awk
	@mkdir -p $(@D)
	$(Q)LC_ALL=C awk -f conformance/sources.awk $< >$@

$(BUILD)/obj/%.tsv.o: $(BUILD)/obj/%.tsv.c $(BUILD)/flags
	@[ $(V) != 0 ] || echo "  cc   $*.tsv"
	$(Q)$(CC) $(CFLAGS) -MMD -MP -c $< -o $@

# The exploration compiled otherwise: tests/test_reproducible.c holds its traces against the usual build's.

# Where a compiler evaluates arguments in another order, the calls must stay the same. Clang on the machine's
# own platform if it is there, else the same compiler without optimisation.
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
