// A recipe's hub:// addresses become files on this machine before anything is computed.
#pragma once

#include "engine/engine.h"
#include "plugin/plugin_catalogue.h"
#include "recipe/diagnostics.h"
#include "recipe/recipe.h"

namespace peft::host {

struct FetchOptions {
  // False for verbs that use a finished run without its data.
  bool needs_data = true;
};

// Fetches what is not in Hugging Face's cache, and puts the commit into each address, so that the resolved
// recipe means the same files always; a run that has begun in the recipe's output keeps its commits, where
// the recipe names no revision. All repositories are asked before the first file is fetched, and what is
// wrong with any of them is said at once. False where it was interrupted. Nothing is done, and nobody asked,
// for a recipe without addresses.
//
// What is wrong with an address or with fetching it is told at its place.
bool fetch_recipe(Recipe& recipe, const FetchOptions& options, const Catalogue& catalogue, Observer& observer,
                  Diagnostics& diagnostics);

// Throws it: `peft::UsageError`, or `peft::Error` where the recipe is right and the hub or the network fails.
bool fetch_recipe_or_throw(Recipe& recipe, const FetchOptions& options, const Catalogue& catalogue,
                           Observer& observer);

}  // namespace peft::host
