#include "cli/generation_flags.h"

#include "peft/error.h"
#include "recipe/host_keys.h"

namespace peft::host {

GenerationFlags::GenerationFlags(VerbOptions& options) {
  const Options<RecipeGeneration> settings = generation_options();
  for (const OptionSpec& spec : settings.table()) options.value(spec, given_);
}

RecipeGeneration GenerationFlags::settings(const RecipeGeneration& recipe, bool sampled) const {
  for (const char* key : {"top_k", "top_p", "seed"}) sampled |= given_.find(key) != nullptr;
  Value resolved = Value::Map{{"max_new_tokens", recipe.max_new_tokens},
                              {"temperature", sampled ? 1.0 : 0.0},
                              {"top_k", RecipeGeneration().top_k},
                              {"top_p", RecipeGeneration().top_p},
                              {"repetition_penalty", recipe.repetition_penalty},
                              {"seed", recipe.seed},
                              {"beams", sampled ? RecipeGeneration().beams : recipe.beams},
                              {"length_penalty", recipe.length_penalty},
                              {"stop", Value::List(recipe.stop.begin(), recipe.stop.end())}};
  for (const auto& [key, value] : given_.as_map()) resolved.set(key, value);
  RecipeGeneration settings = generation_options().read(resolved);
  if (settings.beams > 1 && settings.temperature > 0)
    throw UsageError(
        "--beams searches for the likeliest answer; --temperature, --top-k, --top-p, --seed and --samples "
        "above 1 draw answers; give one or the other");
  return settings;
}

}  // namespace peft::host
