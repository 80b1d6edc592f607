# Building for another platform: its cross compiler, and the libraries of its sysroot. Included by the top Makefile.
#
# A native build goes into $(BUILD), another one into $(BUILD)/PLATFORM, the sysroots into $(BUILD)/sysroot. ON runs a program there.
# In its build tree a program names the sysroot's dynamic linker and libraries: where the kernel can run it, it starts as any other does,
# and /proc/self/exe and LD_PRELOAD mean what they should. `make portable` makes the one that leaves the build tree.

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
$(if $(PLATFORM_ROW),,$(error PLATFORM=$(PLATFORM) is not native or one of: $(shell grep -v '^\#' runners/platforms/platforms.tsv | cut -f 1)))
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
	@# In the shell: make would ask before there is a sysroot.
	@sh runners/setup/install $$(sh runners/platforms/emulation $(PLATFORM)) $(PLATFORM)
endif

# What the platform's build needs before anything is compiled.
.PHONY: sysroot
sysroot: $(SYSROOT_READY)
	@$(if $(SETUP),sh runners/setup/install $(SETUP))
