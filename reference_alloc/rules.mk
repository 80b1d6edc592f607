# The reference allocator: position independent, only its own symbols visible, nothing of libc's allocator.
REFERENCE_FLAGS = -fPIC -fvisibility=hidden -fno-builtin-malloc

$(BUILD)/libreference_alloc.so: reference_alloc/reference_alloc.c reference_alloc/reference_alloc.h reference_alloc/layout.h
	@mkdir -p $(@D)
	@[ $(V) != 0 ] || echo "  so   $@"
	$(Q)$(CC) $(CFLAGS) $(REFERENCE_FLAGS) -shared -o $@ $< $(LDFLAGS)
