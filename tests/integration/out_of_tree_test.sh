#!/usr/bin/env bash
# out_of_tree_test.sh BUILD TEMPLATE : installs what BUILD built under a prefix of its own, stripped, and builds the
# starter plugin against it, as an author does who has only the installed SDK; then trains it on the installed host.
set -euo pipefail
build=$1
template=$2
source "$(dirname "${BASH_SOURCE[0]}")/installed.sh"

install_to "$work/built-here"
# An installation may be moved: nothing in it may depend on where it was first put.
mv "$work/built-here" "$work/prefix"

cp -r "$work/prefix/share/peft/template" "$work/plugin"
diff -r "$template" "$work/plugin" || fail "the installed template is not the one in the sources"
build_plugin "$work/plugin" "$work/prefix"
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

# Its case holds. (Beside other methods, own_method_test.sh tests one.)
"$work/prefix/bin/peft-test-method" "$work/plugin/rank_one.json" --plugin-dir "$work/plugin/build/plugins" \
  -- 'A method alone*' >"$work/case.log" 2>&1 || fail "$(tail -n 40 "$work/case.log")"

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

# What the plugin does in a run: a recipe with `- rank_one` on the installed host, which nobody tells where plugins are.
host=$work/prefix/bin/peft-host
[[ -x $host ]] || fail "no bin/peft-host was installed, so no recipe can be run"
write_recipe "$work/run" "[rank_one: {scale: 2}]" "steps: 3"
(cd "$work" && "$host" run recipe.yaml) >"$work/run.log" 2>&1 || fail "$(cat "$work/run.log")"
[[ -e $work/run/checkpoints/step-000003.h5 ]] || fail "the run left no checkpoint of its three steps"
# In each of two blocks a [32] and b [96], at the fused projection.
grep -qF '"trainable_parameters": 256' "$work/run/evaluation.json" ||
  fail "rank_one does not train 256 parameters: $(cat "$work/run/evaluation.json")"
# What it trained acts: base and tuned differ.
[[ $(grep -o '"perplexity": [0-9.][0-9.]*' "$work/run/evaluation.json" | sort -u | wc -l) == 2 ]] ||
  fail "rank_one changed nothing: $(cat "$work/run/evaluation.json")"
echo "the installed SDK builds the starter plugin, and the installed host trains it"
