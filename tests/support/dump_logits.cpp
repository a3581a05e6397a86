// dump_logits RECIPE_OR_RUN SEQUENCES.jsonl LOGITS.safetensors [--base]: the logits of token id lists, one a
// line, as one tensor `logits` [tokens of all of them, vocabulary], virtual tokens left out. Of a run's
// folder: with its newest checkpoint; of a recipe: with its methods as they start (`init_from` included);
// --base: with none of them. Plugins are those of PEFT_PLUGIN_PATH. For parity with Python.
#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "base/json.h"
#include "engine/environment.h"
#include "engine/session.h"
#include "engine/tensor_bytes.h"
#include "model_io/safetensors_writer.h"
#include "peft/error.h"
#include "plugin/search_path.h"
#include "recipe/load_recipe.h"

namespace {

using namespace peft;
using namespace peft::host;

class Silent : public Observer {
 public:
  void note(const std::string&) override {}
  void warning(const std::string& text) override { std::cerr << text << '\n'; }
  void on_step(const StepLine&) override {}
  void on_evaluation(int64_t, const std::map<std::string, double>&) override {}
  void on_progress(std::string_view, int64_t, int64_t) override {}
  void on_text(std::string_view) override {}
  bool interrupted() const override { return false; }
};

Recipe read_recipe(const std::filesystem::path& path, const Catalogue& catalogue) {
  LoadedRecipe loaded = load_recipe(path, {}, catalogue, {.needs_data = false});
  if (!loaded.recipe) throw UsageError(text(loaded.diagnostics));
  resolve_environment(*loaded.recipe);
  return *std::move(loaded.recipe);
}

std::vector<EncodedExample> read_sequences(const std::filesystem::path& path) {
  std::vector<EncodedExample> examples;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const Value ids = parse_json(line);
    EncodedSequence& sequence = examples.emplace_back().inputs.emplace_back();
    for (const Value& id : ids.as_list()) sequence.ids.push_back(id.as_integer());
  }
  return examples;
}

at::Tensor logits(Session& session, bool base, const EncodedExample& example) {
  const Batch batch = pack({&example}, session.device);
  ForwardOptions options;
  if (!base) options.sets = {session.set.get()};
  Forward forward(session.model(), batch, options);
  const at::Tensor hidden = session.model().hidden(forward);
  return forward.linear(*session.model().language_head(), hidden).index_select(0, forward.real_rows());
}

void dump(const std::vector<std::string>& arguments) {
  const at::NoGradGuard no_grad;
  const std::filesystem::path source = arguments.at(0);
  const PluginCatalogue catalogue(
      find_plugins(plugin_folders({.environment = std::getenv("PEFT_PLUGIN_PATH")})));
  catalogue.throw_if_problems();
  PluginSet plugins(catalogue);
  Silent observer;
  const bool is_run = std::filesystem::is_directory(source);
  const Recipe recipe = read_recipe(is_run ? source / recipe_file_name : source, catalogue);
  Session session =
      is_run ? open_run(recipe, plugins, observer) : open_session(recipe, plugins, BaseContent::weights);
  const bool base = arguments.size() > 3 && arguments[3] == "--base";
  std::vector<at::Tensor> rows;
  for (const EncodedExample& example : read_sequences(arguments.at(1)))
    rows.push_back(logits(session, base, example));
  write_safetensors(arguments.at(2), {tensor_view("logits", at::cat(rows, 0))});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "usage: dump_logits RECIPE_OR_RUN SEQUENCES.jsonl LOGITS.safetensors [--base]\n";
    return 2;
  }
  try {
    dump({argv + 1, argv + argc});
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << '\n';
    return 1;
  }
}
