# The allocators that Debian packages, and the reference allocator, judged. ONLY=GLOB: those of these names.
ZOO_WHERE = $(if $(filter native,$(PLATFORM)),,--root $(patsubst $(CURDIR)/%,%,$(SYSROOT)) --multiarch $(MULTIARCH) --platform $(PLATFORM))
ZOO_WHICH = --also $(BUILD)/libreference_alloc.so --only "$(or $(ONLY),*)"
ZOO_ASSAY = $(if $(filter native,$(PLATFORM)),$(BUILD)/assay,sh runners/on $(PLATFORM) assay)

## zoo: judges Debian's allocators through every binding that fits, and says what changed since results/ [ONLY=GLOB]
.PHONY: zoo
zoo: setup
	@$(MAKE) --no-print-directory $(BUILD)/assay $(BUILD)/libreference_alloc.so
	@$(PYTHON) runners/zoo/zoo.py --assay "$(ZOO_ASSAY)" $(ZOO_WHERE) $(ZOO_WHICH) --keep $(BUILD)/zoo --expect results -- $(ARGS)

## results: renews the published verdicts in results/, and says what changed since [ONLY=GLOB]
.PHONY: results
results: setup
	@$(MAKE) --no-print-directory $(BUILD)/assay $(BUILD)/libreference_alloc.so
	@$(PYTHON) runners/zoo/zoo.py --assay "$(ZOO_ASSAY)" $(ZOO_WHERE) $(ZOO_WHICH) --keep $(BUILD)/zoo --expect results --publish results -- $(ARGS)
