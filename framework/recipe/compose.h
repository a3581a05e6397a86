// A recipe's file and all that it extends, as one tree.
#pragma once

#include <filesystem>

#include "recipe/diagnostics.h"
#include "recipe/node.h"

namespace peft::host {

struct ComposedRecipe {
  Node root;  // a map, without the key `extends`; every node remembers the file it comes from
  // False where a file of the chain could not be read: keys that seem to be missing may stand there.
  bool complete = true;
};

// Reads `path`, and underneath it what its key `extends` names, relative to the extending file. Maps are
// merged key by key, anything else is replaced whole. Mistakes go to `diagnostics`; nothing is thrown.
ComposedRecipe compose_recipe(const std::filesystem::path& path, Diagnostics& diagnostics);

// `over` laid on `base`.
Node merge(Node base, Node over);

}  // namespace peft::host
