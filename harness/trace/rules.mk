# The common part of reproducers is taken in as it is; dependency files do not know of it.
$(BUILD)/obj/harness/trace/emit_c.c.o: harness/trace/repro.c.in
