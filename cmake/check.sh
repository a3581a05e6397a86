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
# What the last commit and the working tree changed; nothing where there is no history to compare with.
changed() {
  { git diff --name-only --diff-filter=d HEAD -- '*.cpp'
    git diff --name-only --diff-filter=d HEAD~1 HEAD -- '*.cpp'; } 2>/dev/null || true
}
# Of the files on stdin, those that the release build compiles: only their flags are known.
compiled() {
  local file
  while read -r file; do
    grep -qF "\"file\": \"$PWD/$file\"" build/compile_commands.json && echo "$file"
  done
  true
}

echo "format"
sources | xargs -r clang-format --dry-run -Werror

# Without OpenMP: LibTorch's parallel loops would include omp.h, and clang-tidy may have none that it can read.
strict=(--warnings-as-errors='*' --extra-arg=-fno-openmp)

if [[ -n ${QUICK:-} ]]; then
  cmake --preset release >/dev/null
  # The core in any case, so that there is always something read; it includes no LibTorch, and is quick to read.
  files=$({ sources | grep '^sdk/src/core/.*cpp$'; changed | sort -u | compiled | sed -n 1,8p; } | sort -u)
  echo "clang-tidy on $(wc -l <<<"$files") files"
  xargs -r -n1 -P"$(nproc)" clang-tidy -p build --quiet "${strict[@]}" <<<"$files" 2>&1 |
    sed '/^[0-9]* warnings\{0,1\} generated\.$/d'  # those of headers that are not ours
else
  echo "clang-tidy on everything"
  cmake --preset tidy -DCMAKE_CXX_CLANG_TIDY="$(IFS=';'; echo "clang-tidy;${strict[*]}")" >/dev/null
  cmake --build --preset tidy
  echo "unit tests under AddressSanitizer and UndefinedBehaviorSanitizer"
  cmake --preset sanitize >/dev/null
  cmake --build --preset sanitize
  ctest --preset sanitize -L '^unit$'
fi
echo "check passed"
