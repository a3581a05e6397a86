// One map of a recipe, read against its option table.
#pragma once

#include <string>
#include <vector>

#include "peft/options.h"
#include "peft/value.h"
#include "recipe/catalogue.h"
#include "recipe/diagnostics.h"
#include "recipe/host_keys.h"
#include "recipe/node.h"

namespace peft::host {

// What the readers of a recipe's sections share.
struct ReadContext {
  const Catalogue& catalogue;
  Diagnostics& diagnostics;
  bool complete = true;    // else a missing key may stand in a file that could not be read
  bool needs_data = true;  // else data files may be gone
};

struct Section {
  Node map;           // empty where the recipe has none
  std::string path;   // "methods.0.lora"
  std::string label;  // as messages name it: "lora"; "" for the recipe itself

  // "lora.rank".
  std::string label_of(std::string_view key) const;
};

// The section `key` of `parent`. Absent or null, it is an empty one; anything but a map is an error.
Section child_section(const Section& parent, const std::string& key, ReadContext& context);

enum class UnknownKeys {
  refuse,
  ignore  // of a plugin that is not known either
};

// The value of every option in `table`: converted, or its default, or null where that is missing or wrong and
// has been reported. Paths become absolute. `structured` are keys that the caller reads by itself.
peft::Value read_options(const Section& section, const peft::OptionTable& table,
                         const std::vector<StructuredKey>& structured, ReadContext& context,
                         UnknownKeys unknown = UnknownKeys::refuse);

// Reports "'train.epochs': found …" at `node`, unless the node has been reported already.
void report_value(const Node& node, const std::string& label, const std::string& problem,
                  ReadContext& context);
// Reports "'model.family' is missing; …" where the section stands.
void report_missing(const Section& section, const std::string& key, const std::string& advice,
                    ReadContext& context);

}  // namespace peft::host
