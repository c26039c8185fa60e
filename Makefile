# What this project can do, in one word each. `make help` lists the words.

CARGO ?= cargo
PYTHON ?= python3
CC ?= cc
CFLAGS ?= -O2 -g
PREFIX ?= /usr/local
DESTDIR ?=

VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
SONAME := libbojagi.so.$(basename $(VERSION))
WARNINGS := -std=c99 -pedantic -Wall -Wextra -Werror
EXAMPLES := tcp_echo kv_server kv_client poll_echo udp_ping http_get http_server decode pipe fields
RELEASE := target/release

.PHONY: help all library examples demo test bench bench-codec bench-net conformance
.PHONY: bare cross install lint clean fuzz fuzz-short

help:
	@echo 'make demo          C, Python and curl clients against a C server, layer by layer'
	@echo 'make test          every test; installs what it needs when it may'
	@echo 'make bench         every benchmark; figures in target/bench/'
	@echo 'make bench-codec   [SEED=n] [INPUTS=folder of raw heads] [QUICK=1]'
	@echo 'make bench-net     [QUICK=1] [ONLY=beginning of a case]'
	@echo 'make conformance   CASES=file.jsonl [OUT=verdicts.jsonl]'
	@echo 'make bare          the codec for bare metal: [TARGET=triple] [FEATURES=sweep]'
	@echo 'make cross         the codec on Arm, AArch64 and s390x, by emulators'
	@echo 'make fuzz          hours of fuzzing; [FUZZ_SECONDS=n a target] [FUZZ_TARGETS=names]'
	@echo 'make fuzz-short    seconds of it, as continuous integration does'
	@echo 'make install       PREFIX=/usr/local DESTDIR='
	@echo 'make lint          format, clippy, header, bindings and ABI lists'
	@echo 'make all           the library and the C examples'
	@echo 'make clean         removes target/'

all: library examples

library:
	$(CARGO) build --release

# The soname link lets a program find the library in the build tree.
$(RELEASE)/$(SONAME): library
	ln -sf libbojagi.so $@

examples: $(EXAMPLES:%=target/examples/%)

target/examples/%: examples/c/%.c examples/c/*.h $(RELEASE)/$(SONAME)
	@mkdir -p $(@D)
	$(CC) $(WARNINGS) $(CFLAGS) -Iinclude $< -o $@ -L$(RELEASE) -lbojagi -lpthread \
	    '-Wl,-rpath,$$ORIGIN/../release'

demo: all
	@$(PYTHON) examples/demo.py

test:
	@tests/all.sh

bench: bench-codec bench-net

bench-codec: library
	@CC='$(CC)' CARGO='$(CARGO)' PYTHON='$(PYTHON)' benches/peers.sh codec
	$(CARGO) run --quiet --release --package bojagi-bench --bin bench-codec

bench-net: library
	@CC='$(CC)' benches/peers.sh net
	$(CARGO) run --quiet --release --package bojagi-bench --bin bench-net

conformance: library
	@$(PYTHON) tests/conformance.py $(CASES) $(if $(OUT),--out $(OUT))

# For Linux Rust brings a core with unwind tables. Firmware has no use for them; for other targets Rust
# makes none.
BARE := target/bare$(if $(TARGET),/$(TARGET))

bare:
	$(CARGO) build --release --manifest-path bare/Cargo.toml --target-dir target/bare \
	    $(if $(TARGET),--target $(TARGET)) $(if $(FEATURES),--features $(FEATURES))
ifdef TARGET
	cp $(BARE)/release/libbojagi.a $(BARE)/libbojagi.a
else
	objcopy -g -R .eh_frame -R .rela.eh_frame $(BARE)/release/libbojagi.a $(BARE)/libbojagi.a
endif

cross:
	@tests/cross.sh

fuzz:
	@PYTHON='$(PYTHON)' fuzz/run.sh long

fuzz-short:
	@PYTHON='$(PYTHON)' fuzz/run.sh short

install: library
	@bindings/c/install.sh '$(VERSION)' '$(PREFIX)' '$(DESTDIR)'

lint:
	@tests/lint.sh

clean:
	$(CARGO) clean
