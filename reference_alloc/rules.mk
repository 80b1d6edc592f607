# The reference allocator: its library, its tests, its benchmark. Included by the Makefile at the top.

# A thread's cache is found through thread-local storage that needs no call (and no allocation) to reach. musl loads no such
# library at run time, but its general model allocates nothing either.
REFERENCE_TLS   := $(if $(findstring musl,$(shell $(CC) -dumpmachine)),,-ftls-model=initial-exec)
REFERENCE_FLAGS := $(REFERENCE_TLS) -fPIC -fvisibility=hidden -fno-stack-protector
REFERENCE_DEPS  := $(wildcard reference_alloc/*.h)

$(BUILD)/libreference_alloc.so: reference_alloc/reference_alloc.c $(REFERENCE_DEPS)
	@mkdir -p $(@D)
	@[ $(V) != 0 ] || echo "  so   $@"
	$(Q)$(CC) $(CFLAGS) $(REFERENCE_FLAGS) -shared -nostartfiles -Wl,-z,now -o $@ $< $(LDFLAGS)
