# The proof of the suite: seeded faults must be convicted, and odd but correct variants acquitted.
MUTANTS = $(PYTHON) reference_alloc/mutants.py --assay "$(ON) $(BUILD)/assay" --cc "$(MUTANT_CC)" --build $(BUILD) $(if $(filter i686 armhf,$(PLATFORM)),--width 32)
MUTANT_CC = $(CC) $(if $(filter native,$(PLATFORM)),,--sysroot=$(SYSROOT) $(LDFLAGS))

## mutants: judges every seeded fault and variant at three seeds, prints fault by clause [ARGS="--only GLOB --seeds 1"]
.PHONY: mutants mutants-quick
mutants: setup-check
	@$(MAKE) --no-print-directory $(BUILD)/assay
	@ASSAY_BINDINGS=$(CURDIR)/conformance/bindings $(MUTANTS) $(ARGS)

## mutants-quick: judges a sample of the faults and all variants, at one seed
mutants-quick: setup-check
	@$(MAKE) --no-print-directory $(BUILD)/assay
	@ASSAY_BINDINGS=$(CURDIR)/conformance/bindings $(MUTANTS) --seeds 1 --every 8 --narrow $(ARGS)
