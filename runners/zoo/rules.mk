# The allocators that Debian packages, judged.
ZOO_WHERE = $(if $(filter native,$(PLATFORM)),,--root $(patsubst $(CURDIR)/%,%,$(SYSROOT)) --multiarch $(MULTIARCH) --platform $(PLATFORM))
ZOO_ASSAY = $(if $(filter native,$(PLATFORM)),$(BUILD)/assay,sh runners/on $(PLATFORM) assay)

## zoo: judges Debian's allocators through every binding that fits, and says what changed since results/
.PHONY: zoo
zoo: setup
	@$(MAKE) --no-print-directory $(BUILD)/assay
	@$(PYTHON) runners/zoo/zoo.py --assay "$(ZOO_ASSAY)" $(ZOO_WHERE) --keep $(BUILD)/zoo --expect results -- $(ARGS)

## results: renews the published verdicts in results/, and says what changed since
.PHONY: results
results: setup
	@$(MAKE) --no-print-directory $(BUILD)/assay
	@$(PYTHON) runners/zoo/zoo.py --assay "$(ZOO_ASSAY)" $(ZOO_WHERE) --keep $(BUILD)/zoo --expect results -- $(ARGS); \
	 status=$$?; [ $$status = 2 ] || { mkdir -p results && cp -r $(BUILD)/zoo/* results/; }; [ $$status != 2 ]
