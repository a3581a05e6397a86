#!/usr/bin/env bash
# layers_test.sh ROOT : holds the layers on the includes (and on the names) of all sources.
#
#   sdk ← plugins, sdk ← framework; the framework names no plugin, plugins include neither it nor each other.
#   The SDK's headers show ATen's Tensor and the standard library, nothing else.
#   Nobody includes torch/torch.h or ATen/ATen.h: half a minute of compile time a file.
set -uo pipefail
shopt -s lastpipe  # `… | expect_none` counts in this shell
cd "$1" || exit 1
failures=0

# The includes of the sources in a folder, as FILE:LINE:#include …
includes() {
  grep -rnE '^[[:space:]]*#[[:space:]]*include' --include='*.h' --include='*.cpp' "$@"
}

# expect_none RULE < offending lines
expect_none() {
  local offending
  offending=$(cat)
  [[ -z $offending ]] && return
  failures=$((failures + 1))
  printf 'rule broken: %s\n%s\n\n' "$1" "$offending"
}

# Standard headers have no dot and no slash in their names.
standard='<[a-z0-9_]+>'

# A test that looks at nothing passes: there must be something to look at.
for folder in sdk/include sdk/src framework plugins; do
  [[ -n $(includes "$folder" | head -n 1) ]] || { echo "found no include in $folder"; exit 1; }
done

includes sdk framework plugins tests | grep -E '<(torch/torch|torch/extension|ATen/ATen|ATen/Functions)\.h>' |
  expect_none "sources include single ATen headers, never all of LibTorch"

includes sdk/include | grep -vE "include (\"peft/[a-z0-9_]+\.h\"|$standard|<ATen/core/[A-Za-z_]+\.h>)" |
  # Where the LibTorch version stands depends on the LibTorch; both headers hold macros alone.
  grep -vE '^sdk/include/peft/plugin_info\.h:[0-9]+:#include <torch/(headeronly|csrc/api/include/torch)/version\.h>' |
  expect_none "the SDK's headers show ATen/core and the standard library, nothing else"

# sdk/src may use its own headers, ATen and c10; sdk/template is a plugin.
includes sdk/src sdk/template | grep -v '^sdk/src/simd/' | grep -vE "include (\"(peft/|simd/)?[a-z0-9_]+\.h\"|$standard|<(ATen|c10|torch/headeronly|torch/csrc/autograd)/[A-Za-z0-9_/.]+>)" |
  expect_none "the SDK is built on LibTorch and the standard library"

# Inner loops: plain pointers, vectors, and nothing of LibTorch.
includes sdk/src/simd | grep -vE "include (\"simd/[a-z0-9_]+(-inl)?\.h\"|$standard|<hwy/[a-z0-9_/-]+\.h>)" |
  expect_none "the vectorised kernels are built on Highway and the standard library"

# The part without LibTorch, and what starts before it is needed.
includes sdk/src/core framework/base framework/recipe framework/cli 2>/dev/null | grep -E '<(ATen|c10|torch)/' |
  expect_none "peft_core, base, recipe and cli start without LibTorch"

# A plugin's own folder, the SDK, ATen, the standard library; system libraries where its CMakeLists.txt links one.
includes plugins | grep -E 'include ["<](\.\./|framework/|plugins/)' |
  expect_none "plugins include peft/… and their own folder"
for component in framework/*/; do
  component=$(basename "$component")
  includes plugins sdk | grep -E "include [\"<]$component/" |
    expect_none "neither the SDK nor a plugin includes the framework ($component)"
done

includes framework | grep -E 'include ["<](\.\./|sdk/|plugins/|tests/)' |
  expect_none "the framework includes peft/… and component/… headers"

# Plugins by name: their folders' names as whole words within quotes. Words that are also something else to the host
# (the kind of an option, a key of a recipe) stand in `common`; the tokeniser's are keys of tokenizer.json.
common='text|full|prompt|conversations|labelled_text|pairs|preferences|loss'
for plugin in plugins/*/*/; do
  plugin=$(basename "$plugin")
  [[ $plugin =~ ^($common|\*)$ ]] && continue
  grep -rnE "\"$plugin\"" --include='*.h' --include='*.cpp' framework sdk/include sdk/src |
    grep -vE '^framework/tokenizer/|^[^:]*:[0-9]+:[[:space:]]*//|//.*"'"$plugin"'"' |
    expect_none "the framework and the SDK name no plugin ('$plugin')"
  includes framework sdk plugins | grep -E "include [\"<]$plugin/" |
    expect_none "nobody includes a plugin ('$plugin')"
done

# Two classes of one name are one to the linker, which keeps one's destructor for both.
for folder in framework sdk; do
  grep -rhE '^(class|struct) [A-Za-z0-9]+( final)?( :.*)? \{' --include='*.h' "$folder" |
    sed -E 's/^(class|struct) ([A-Za-z0-9]+).*/\2/' | sort | uniq -d |
    expect_none "classes of a namespace have names of their own ($folder)"
done

((failures == 0)) && echo "the layers hold"
exit $((failures > 0))
