# Judges the allocators that Debian packages, and the reference allocator. ONLY=GLOB selects them by name.
ZOO_FOREIGN = --root $(patsubst $(CURDIR)/%,%,$(SYSROOT)) --multiarch $(MULTIARCH) --platform $(PLATFORM)
ZOO_WHERE = $(if $(filter native,$(PLATFORM)),,$(ZOO_FOREIGN))
ZOO_WHICH = --also $(BUILD)/libreference_alloc.so --only "$(or $(ONLY),*)"
ZOO_ASSAY = $(if $(filter native,$(PLATFORM)),$(BUILD)/assay,sh runners/on $(PLATFORM) assay)

ZOO = $(PYTHON) runners/zoo/zoo.py --assay "$(ZOO_ASSAY)" $(ZOO_WHERE) $(ZOO_WHICH) --keep $(BUILD)/zoo --expect results

## zoo: judges Debian's allocators through every binding that fits, and prints the changes since results/ [ONLY=GLOB]
.PHONY: zoo
zoo: setup
	@$(MAKE) --no-print-directory $(BUILD)/assay $(BUILD)/libreference_alloc.so
	@$(ZOO) -- $(ARGS)

## results: renews the published verdicts in results/, and prints the changes [ONLY=GLOB]
.PHONY: results
results: setup
	@$(MAKE) --no-print-directory $(BUILD)/assay $(BUILD)/libreference_alloc.so
	@$(ZOO) --publish results -- $(ARGS)
