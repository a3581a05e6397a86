#!/usr/bin/env bash
# `make check`: what the compiler does not say.
#
#   QUICK=1   format; clang-tidy on the sources that the last commit or the working tree changed (at most eight)
#   else      format; clang-tidy on all of them; the unit tests under AddressSanitizer and UBSan. Takes long.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source cmake/packages.sh
ensure_packages <<'EOT'
clang-format tool:clang-format
clang-tidy   tool:clang-tidy
EOT

# The C++ files that git knows; in a release's archive, which has no git, all of them.
sources() {
  git ls-files -- '*.h' '*.cpp' 2>/dev/null || find framework plugins sdk tests -name '*.h' -o -name '*.cpp'
}
changed() {
  { git diff --name-only --diff-filter=d HEAD -- '*.cpp'
    git diff --name-only --diff-filter=d HEAD~1 HEAD -- '*.cpp'; } 2>/dev/null | sort -u
}

echo "format"
sources | xargs -r clang-format --dry-run -Werror

if [[ -n ${QUICK:-} ]]; then
  cmake --preset release >/dev/null
  # The core in any case, so that there is always something read; it includes no LibTorch, and is quick to read.
  { sources | grep '^sdk/src/core/.*cpp$'; changed | head -n 8; } | sort -u >build/tidy-files
  # Only what this build compiles: a plugin made to be bad on purpose may not be in it.
  grep -F -f <(sed -n 's/^ *"file": ".*\/\(.*\)",\{0,1\}$/\1/p' build/compile_commands.json) build/tidy-files >build/tidy-known
  echo "clang-tidy on $(wc -l <build/tidy-known) files"
  xargs -r -n1 -P"$(nproc)" clang-tidy -p build --quiet --warnings-as-errors='*' <build/tidy-known
else
  echo "clang-tidy on everything"
  cmake --preset tidy >/dev/null
  cmake --build --preset tidy
  echo "unit tests under AddressSanitizer and UndefinedBehaviorSanitizer"
  cmake --preset sanitize >/dev/null
  cmake --build --preset sanitize
  ctest --preset sanitize --test-dir build-sanitize/tests/unit
fi
echo "check passed"
