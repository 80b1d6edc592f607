# Builds for another platform with its cross compiler and the libraries of its sysroot. Included by the top Makefile.
#
# A native build goes into $(BUILD), another one into $(BUILD)/PLATFORM, the sysroots into $(BUILD)/sysroot. ON runs a
# program on the platform. In its build tree, a program names the sysroot's dynamic linker and libraries. Where the
# kernel can run it, it starts like any other program, and /proc/self/exe and LD_PRELOAD have their usual meaning.
# `make portable` makes a program that can leave the build tree.

export ASSAY_BUILD := $(abspath $(patsubst %/$(PLATFORM),%,$(BUILD)))
export ASSAY_BINDINGS ?= $(CURDIR)/conformance/bindings
comma := ,
ON := sh runners/on $(PLATFORM)

ifeq ($(PLATFORM),native)
PKG_CONFIG := pkg-config
CC  := $(if $(filter default,$(origin CC)),gcc,$(CC))
CXX := $(if $(filter default,$(origin CXX)),g++,$(CXX))
else
PLATFORM_ROW := $(shell awk -F '\t' '$$1 == "$(PLATFORM)"' runners/platforms/platforms.tsv)
PLATFORM_NAMES := $(shell grep -v '^\#' runners/platforms/platforms.tsv | cut -f 1)
$(if $(PLATFORM_ROW),,$(error PLATFORM=$(PLATFORM) is not native or one of: $(PLATFORM_NAMES)))
TRIPLET   := $(word 4,$(PLATFORM_ROW))
MULTIARCH := $(word 5,$(PLATFORM_ROW))
SYSROOT   := $(ASSAY_BUILD)/sysroot/$(PLATFORM)
SYSROOT_READY := $(SYSROOT)/packages
SETUP      = $(PLATFORM) $(shell sh runners/platforms/emulation $(PLATFORM))
override BUILD := $(patsubst %/$(PLATFORM),%,$(BUILD))/$(PLATFORM)

CC  := $(if $(filter default,$(origin CC)),$(TRIPLET)-gcc,$(CC))
CXX := $(if $(filter default,$(origin CXX)),$(TRIPLET)-g++,$(CXX))
AR  := $(if $(filter default,$(origin AR)),$(TRIPLET)-ar,$(AR))
SYSROOT_LIBRARIES := $(SYSROOT)/usr/lib/$(MULTIARCH) $(SYSROOT)/lib/$(MULTIARCH)
override CFLAGS += --sysroot=$(SYSROOT)
IN_TREE := $(addprefix -Wl$(comma)-rpath$(comma),$(SYSROOT_LIBRARIES)) -Wl,--disable-new-dtags \
	-Wl,--dynamic-linker=$(SYSROOT)/$(word 6,$(PLATFORM_ROW))
override LDFLAGS += $(addprefix -L,$(SYSROOT_LIBRARIES)) $(IN_TREE)
PKG_CONFIG := PKG_CONFIG_LIBDIR=$(SYSROOT)/usr/lib/$(MULTIARCH)/pkgconfig pkg-config
CHECK_LIBS := -lcheck_pic -lsubunit -lrt -lm -pthread

$(SYSROOT_READY): runners/platforms/sysroot
	@sh runners/setup/install $(PLATFORM)
	@echo "  sysroot $(PLATFORM)"
	@sh runners/platforms/sysroot $(PLATFORM) $(SYSROOT)
	@# The shell expands this one: make would expand it before the sysroot exists.
	@sh runners/setup/install $$(sh runners/platforms/emulation $(PLATFORM)) $(PLATFORM)
endif

# Installs and unpacks what the platform's build needs before it can compile.
.PHONY: sysroot
sysroot: $(SYSROOT_READY)
	@$(if $(SETUP),sh runners/setup/install $(SETUP))
