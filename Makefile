# A thin front for CMake.  `make` builds the program, build/release/pymemlint.

PYTHON ?= python3
CTEST_ENV = PYMEMLINT_BIN=build/dev/pymemlint PYMEMLINT_UNIT=build/dev/pymemlint-unit \
	PYMEMLINT_ASAN_BIN=build/asan/pymemlint \
	PYMEMLINT_ASAN_UNIT=build/asan/pymemlint-unit
C_FILES = git ls-files -z --cached --others --exclude-standard \
	'src/*.[ch]' 'rules/*.[ch]' 'tests/*.[ch]'

.PHONY: release dev asan fuzz deps demo test bench real prove format check-format bless \
	readme new-rule clean

release dev asan fuzz: %: deps build/%/build.ninja
	@cmake --build build/$@

build/%/build.ninja: CMakePresets.json
	@mkdir -p build
	@cmake --preset $* >build/configure-$*.log 2>&1 || { cat build/configure-$*.log; exit 1; }
	@touch $@

deps:
	@$(PYTHON) tools/deps.py
	@$(PYTHON) vendor/fetch.py

demo: release
	@$(PYTHON) tools/demo.py build/release/pymemlint

test: dev asan
	@$(PYTHON) tools/get_sarif_multitool.py
	@$(CTEST_ENV) $(PYTHON) tests/run.py $(ARGS)

bench: release
	@$(PYTHON) tools/demo.py build/release/pymemlint --bench

# Needs real code: `make real FOLDERS="site-packages/networkx ..."`, each checked alone.
real: release
	@$(PYTHON) tests/real/fix_real.py build/release/pymemlint $(FOLDERS)

prove:
	@$(PYTHON) tests/prove.py --write

bless: dev
	@$(CTEST_ENV) PYMEMLINT_BLESS=1 $(PYTHON) tests/run.py $(ARGS)

readme: release
	@$(PYTHON) tools/readme.py build/release/pymemlint

format:
	@$(PYTHON) tools/deps.py clang-format
	@$(C_FILES) | xargs -0r clang-format -i

check-format:
	@$(PYTHON) tools/deps.py clang-format
	@$(C_FILES) | xargs -0r clang-format --dry-run --Werror

new-rule:
	@$(PYTHON) tools/new_rule.py "$(NAME)" "$(CODE)"

clean:
	rm -rf build
