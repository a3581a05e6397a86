// A plugin's component chosen in a recipe: a name, or a map {name: {options}}.
#pragma once

#include <optional>
#include <string>

#include "recipe/recipe.h"
#include "recipe/section.h"

namespace peft::host {

// What was written, before the options are read.
struct WrittenComponent {
  std::string name;
  RecipeLocation where;                 // of the name
  Section section;                      // its options
  const ComponentInfo* info = nullptr;  // null where no plugin brings it, which has been reported
};

// Nothing where `node` is neither form, which is reported. `path` is the node's.
std::optional<WrittenComponent> read_component(const Node& node, ComponentKind kind, const std::string& path,
                                               ReadContext& context);

// The component `name` of the catalogue; null, and an error at `where` naming the nearest ones, where there
// is none.
const ComponentInfo* find_component(ComponentKind kind, const std::string& name, const RecipeLocation& where,
                                    ReadContext& context);

// A component with no more to it than its options. A default one where there was a mistake.
ComponentChoice read_choice(const Node& node, ComponentKind kind, const std::string& path,
                            ReadContext& context);

// "; did you mean 'lora'? (there are: lora, prefix)", to be appended to a message about an unknown name.
std::string nearest_and_all(const std::string& name, const std::vector<std::string>& names);

// The entries of `values` that `table` names.
peft::Value pick(const peft::Value& values, const peft::OptionTable& table);

}  // namespace peft::host
