#!/usr/bin/env bash
# out_of_tree_test.sh BUILD TEMPLATE : installs what BUILD built under a prefix of its own, stripped, and builds the
# starter plugin against it, as an author does who has only the installed SDK.
set -euo pipefail
build=$1
template=$2
cmake=${CMAKE:-cmake}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
  echo "FAILED: $*" >&2
  exit 1
}

"$cmake" --install "$build" --prefix "$work/built-here" --strip >"$work/install.log" || fail "$(cat "$work/install.log")"
# An installation may be moved: nothing in it may depend on where it was first put.
mv "$work/built-here" "$work/prefix"

cp -r "$work/prefix/share/peft/template" "$work/plugin"
diff -r "$template" "$work/plugin" || fail "the installed template is not the one in the sources"
"$cmake" -S "$work/plugin" -B "$work/plugin/build" -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_BUILD_TYPE=Release \
  >"$work/configure.log" 2>&1 || fail "$(cat "$work/configure.log")"
"$cmake" --build "$work/plugin/build" >"$work/build.log" 2>&1 || fail "$(cat "$work/build.log")"
plugin=$work/plugin/build/plugins/rank_one.so
manifest=$work/plugin/build/plugins/rank_one.json
[[ -e $plugin ]] || fail "the build made no plugins/rank_one.so"

# Its manifest says what the source says; the same hash of headers as in this build's own plugins.
for expected in '"plugin": "rank_one"' '"version": "0.1.0"' '"name": "scale"' '"default": 1.0' '"above_minimum": true' \
                '"doc": "roles or globs of linear sites"'; do
  grep -qF "$expected" "$manifest" || fail "rank_one.json lacks $expected: $(cat "$manifest")"
done
headers=$(grep -o '"headers": "[0-9a-f]\{64\}"' "$manifest") || fail "rank_one.json has no hash of the SDK's headers"
for other in "$build"/tests/plugins/good/*.json; do
  grep -qF "$headers" "$other" || fail "$other was built with other SDK headers than those installed"
done

# Stripped, it is what it was.
cp "$plugin" "$work/stripped.so"
strip --strip-all "$work/stripped.so"
"$work/prefix/bin/peft-plugin-manifest" "$work/stripped.so" "$work/stripped.json"
cmp "$manifest" "$work/stripped.json" || fail "stripping changed what the plugin says of itself"

# Installing the plugin puts it where the host looks.
"$cmake" --install "$work/plugin/build" --prefix "$work/prefix" --strip >/dev/null
[[ -e $work/prefix/lib/peft/plugins/rank_one.so && -e $work/prefix/lib/peft/plugins/rank_one.json ]] ||
  fail "installing the plugin did not put it into lib/peft/plugins"

# Nothing that was installed still points into the build folder.
for file in "$work"/prefix/bin/* "$work"/prefix/lib/*.so "$work"/prefix/lib/peft/plugins/*.so; do
  readelf -d "$file" | grep -E 'R(UN)?PATH' | grep -qF "$build" && fail "$file still looks into $build"
done

# What the plugin does in a run: a recipe with `- rank_one` on the installed host.
host=$work/prefix/bin/peft-host
if [[ ! -x $host ]]; then
  echo "the installed SDK builds the starter plugin; no peft-host is installed, so no recipe was run"
  exit 0
fi
echo "the installed SDK builds the starter plugin"
