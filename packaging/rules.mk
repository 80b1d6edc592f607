# Installing and packaging. Included by the Makefile at the top; packaging/README.md says what goes where.

VERSION = $(shell sed -n 's/^\#define ASSAY_VERSION "\(.*\)"/\1/p' harness/report/report.h)
ZSH_FUNCTIONS ?= share/zsh/site-functions

# How the program built for PLATFORM is run: completion and the manual page come from its own help texts.
BUILT_ASSAY = $(if $(filter native,$(PLATFORM)),$(BUILD)/assay,$(ON) assay)
STAGE       = VERSION=$(VERSION) ZSH_FUNCTIONS=$(ZSH_FUNCTIONS) packaging/stage

## install: installs program, bindings, manual pages, completion, pages and pytest plugin [PREFIX=/usr/local DESTDIR=]
## uninstall: removes what install put there, and nothing else
.PHONY: install install-built uninstall
install: $(BUILD)/assay
	@$(MAKE) --no-print-directory install-built
# What is built already, whatever flags it was built with: for packagers, whose build is a step of its own.
install-built:
	@$(STAGE) $(BUILD)/stage $(BUILD)/assay $(PREFIX) $(BUILT_ASSAY)
	@mkdir -p "$(DESTDIR)$(PREFIX)" && cp -R $(BUILD)/stage$(PREFIX)/. "$(DESTDIR)$(PREFIX)"
	@echo "installed in $(DESTDIR)$(PREFIX)"
uninstall:
	@packaging/uninstall "$(DESTDIR)$(PREFIX)"

## dist: writes the sources of the last commit as an archive, build/assay-VERSION.tar.gz
.PHONY: dist
dist:
	@mkdir -p $(BUILD)
	@git archive --prefix=assay-$(VERSION)/ -o $(BUILD)/assay-$(VERSION).tar.gz HEAD
	@echo $(BUILD)/assay-$(VERSION).tar.gz

## deb: makes a Debian package of what is built; rpm: does the same for Fedora and Mageia
.PHONY: deb rpm
deb: $(BUILD)/assay
	@VERSION=$(VERSION) packaging/debian/make-deb $(BUILD)
rpm: $(BUILD)/assay
	@VERSION=$(VERSION) packaging/rpm/make-rpm $(BUILD)
