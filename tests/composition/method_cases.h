// The methods that are put together in every way: one file each in tests/methods, NAME.json, for GPT-2, and
// in a folder there for another family: llama, t5.
//
//   method     the plugin's name for it
//   options    as in a recipe
//   trained    how many parameters are trained, as a sum of products of numbers and of the model's
//   dimensions,
//              as tiny_family.cpp calls them: layers, width, heads, vocabulary …
//   refused    where the family cannot have it: a part of the error that says why
//   gradients  where they are not the loss's own, why (a part is detached on purpose): not compared with
//              finite differences
//   not_with   other cases it cannot be combined with: their names, and a part of the error that says why
//
// A new method is in all pairs by adding its file. One that is not the host's own is put together with all of
// them by `peft-test-method CASE.json --plugin-dir FOLDER`, which sets
//
//   PEFT_METHOD_CASES  the folder of the host's own cases      (absent: this source's)
//   PEFT_HOST_PLUGINS  the folder of their plugins             (absent: the build's)
//   PEFT_CASE          the case that is in every composition   (absent: any)
//   PEFT_PLUGIN_PATH   where its plugin is, folders between colons
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "peft/value.h"
#include "tiny_family.h"

namespace peft::test {

struct MethodCase {
  std::string name;
  std::string plugin;
  Value options;
  int64_t trained = 0;       // on the family's tiny model
  std::string refused = {};  // empty: it is not
  bool has_own_gradients = true;
  std::map<std::string, std::string> not_with = {};
};

// The family's, by name, and PEFT_CASE behind them. Throws `peft::Error` naming the file that is not as
// above.
std::vector<MethodCase> method_cases(const TinyFamily& family);

// The case that must be in every composition, by its name; empty: none.
std::string wanted_case();

// Methods together on a model.
using Composition = std::vector<const MethodCase*>;

std::string name_of(const Composition& cases);

}  // namespace peft::test
