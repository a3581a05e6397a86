// The methods that are put together in every way: one file each in tests/methods, NAME.json, for GPT-2, and
// in a folder there for another family (PEFT_FAMILY=llama).
//
//   method     the plugin's name for it
//   options    as in a recipe
//   trained    how many parameters are trained, as a sum of products of numbers and of the model's layers,
//              width, heads, vocabulary and positions; Llama's also inner, the feed-forward's width, and
//              queries and keys, the widths of what these are in all heads
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
#include <memory>
#include <string>
#include <vector>

#include "peft/method.h"
#include "peft/value.h"
#include "plugin/plugin_catalogue.h"
#include "plugin/plugin_set.h"
#include "support/tiny_gpt2.h"

namespace peft::test {

struct MethodCase {
  std::string name;
  std::string plugin;
  Value options;
  int64_t trained = 0;  // on the family's tiny model
  std::string refused;  // empty: it is not
  bool has_own_gradients = true;
  std::map<std::string, std::string> not_with;
};

// Of PEFT_FAMILY, by name, and PEFT_CASE behind them. Throws `peft::Error` naming the file that is not as
// above.
std::vector<MethodCase> method_cases();

// The case that must be in every composition, by its name; empty: none.
std::string wanted_case();

host::PluginSet& plugins_of_cases();

// Methods together on a tiny model. Of two cases of the same name, the second is called NAME_again.
using Composition = std::vector<const MethodCase*>;

enum class Sets { one, one_each };

struct Composed {
  Composed(const Composition& cases, at::ScalarType dtype, Sets layout);

  std::vector<MethodInstance*> methods() const;
  std::vector<ActiveSet> active() const;

  std::vector<std::unique_ptr<AdapterSet>> sets;  // outlive the model they are on
  std::unique_ptr<Model> model;
};

std::string name_of(const Composition& cases);

}  // namespace peft::test
