#include "engine/saved_adapter.h"

#include <optional>
#include <utility>
#include <vector>

#include "checkpoint/load.h"
#include "engine/adapters.h"
#include "engine/peft_folder.h"
#include "engine/run_checkpoint.h"
#include "engine/text_services.h"
#include "peft/error.h"
#include "peft/names.h"
#include "peft/peft_import.h"

namespace peft::host {
namespace {

namespace fs = std::filesystem;

// What a run says of a base: "the gpt2 in /models/gpt2 (xxh3-128:0123…)".
std::string base_text(const std::string& family, const std::string& weights, const std::string& identity) {
  const std::string where = weights == random_weights ? " with random weights" : " in " + weights;
  return "the " + family + where + (identity.empty() ? "" : " (" + identity + ")");
}

std::string text_at(const Value& map, std::string_view key) {
  const Value* found = map.find(key);
  return found != nullptr && found->is_text() ? found->as_text() : "";
}

// The resolved recipe that a checkpoint was trained with.
const Value& recipe_of(const Checkpoint& checkpoint, const fs::path& path) {
  const Value* recipe = checkpoint.metadata.find("recipe_value");
  const bool is_whole = recipe != nullptr && recipe->is_map() && recipe->find("methods") != nullptr &&
                        recipe->at("methods").is_list() && recipe->find("model") != nullptr &&
                        recipe->at("model").is_map() && recipe->find("seed") != nullptr;
  if (!is_whole) {
    throw Error(path.string() +
                ": found no recipe with methods in its metadata; expected a checkpoint of 'peft-host run'");
  }
  return *recipe;
}

// A method as a resolved recipe writes it: {plugin: {name: …, options}}.
RecipeMethod method_of(const Value& written, PluginSet& plugins, const fs::path& path) {
  const auto& [plugin, values] = written.as_map().front();
  RecipeMethod method;
  method.name = text_at(values, "name");
  method.trainable = false;
  method.component.name = plugin;
  method.component.options =
      resolve_known_options(plugins.method(plugin).options, values, path.string() + ": " + plugin);
  return method;
}

void attach_checkpoint(const Checkpoint& checkpoint, const fs::path& path, const Recipe& recipe,
                       PluginSet& plugins, Session& session, AdapterSet& set, Observer& observer) {
  require_same_base(checkpoint, path, recipe, session.base);
  const Value& trained = recipe_of(checkpoint, path);
  BaseTextServices texts(session.model(), *session.codec);
  for (const Value& written : trained.at("methods").as_list()) {
    attach_method(method_of(written, plugins, path), trained.at("seed").as_integer(), plugins,
                  session.model(), set, &texts);
  }
  restore_set(checkpoint, set);
  const Value* data = trained.find("data");
  const Value* form = data == nullptr ? nullptr : data->find("template");
  if (form != nullptr && *form != to_value(recipe.data.conversation_template)) {
    const std::string other = form->is_text() ? "'" + form->as_text() + "'" : "one written in its recipe";
    observer.warning(path.string() + ": was trained with the template " + other +
                     "; prompts here are in this run's, " + title_of(recipe.data.conversation_template));
  }
}

// A plugin that reads folders of a type, and how it would be written in a recipe to take this one.
RecipeMethod reader_of(const PeftFolder& folder, const Model& model, PluginSet& plugins) {
  const std::string type = text_at(folder.config, "peft_type");
  for (const std::string& name : plugins.method_names()) {
    const MethodDescriptor& descriptor = plugins.method(name);
    const std::unique_ptr<Method> method =
        descriptor.create(resolve_known_options(descriptor.options, Value::Map{}, name));
    const auto* format = query<PeftFormat>(*method);
    if (format == nullptr || !format->reads(type)) continue;
    const auto* import = query<PeftImport>(*method);
    if (import == nullptr) {
      throw Error("the method '" + name + "' reads folders of the type " + type +
                  " where a recipe says its options; give the folder to a recipe's methods." + name +
                  ".init_from");
    }
    RecipeMethod found;
    found.name = name;
    found.trainable = false;
    found.component.name = name;
    found.component.options =
        resolve_known_options(descriptor.options, import->options_of(folder, model), name);
    return found;
  }
  throw Error("its peft_type is " + type +
              ", which no method reads; there are: " + join(plugins.method_names()));
}

void attach_peft(const fs::path& path, const Recipe& recipe, PluginSet& plugins, Session& session,
                 AdapterSet& set, Observer& observer) {
  const PeftFolder folder = read_peft_folder(path);
  try {
    const RecipeMethod method = reader_of(folder, session.model(), plugins);
    BaseTextServices texts(session.model(), *session.codec);
    MethodInstance& instance = attach_method(method, recipe.seed, plugins, session.model(), set, &texts);
    query<PeftFormat>(*instance.method)->from_peft(folder, session.model(), instance);
  } catch (const Error& error) {
    throw Error(path.string() + ": " + error.what());
  }
  // PEFT keeps no hash of the base, and a base that lies elsewhere may be the same.
  const std::string base = text_at(folder.config, "base_model_name_or_path");
  const std::string here = peft_settings(recipe, session.peft_task_type).base;
  if (base != here) {
    observer.warning(path.string() + ": says that it was trained on '" + base + "', and the base here is '" +
                     here + "'; only the tensors' names and shapes could be compared");
  }
}

}  // namespace

void require_same_base(const Checkpoint& checkpoint, const fs::path& path, const Recipe& recipe,
                       const BaseModel& base) {
  const Value& model = recipe_of(checkpoint, path).at("model");
  const std::string family = text_at(model, "family");
  const std::string identity = text_at(checkpoint.metadata, "base");
  const std::string here = base.identity.valid() ? base.identity.get() : "";
  if (family == recipe.model.family && (here.empty() || identity == here)) return;
  throw Error(path.string() + ": was trained on " + base_text(family, text_at(model, "weights"), identity) +
              ", and the base here is " + base_text(recipe.model.family, recipe.model.weights, here) +
              "; an adapter is of use on the base it was trained on alone");
}

void attach_saved(const fs::path& source, const Recipe& recipe, PluginSet& plugins, Session& session,
                  AdapterSet& set, Observer& observer) {
  if (fs::is_regular_file(source)) {
    return attach_checkpoint(read_checkpoint(source), source, recipe, plugins, session, set, observer);
  }
  if (holds_checkpoints(source / "checkpoints")) {
    const LoadedCheckpoint loaded = read_latest(source / "checkpoints");
    for (const std::string& warning : loaded.warnings) observer.warning(warning);
    return attach_checkpoint(loaded.checkpoint, loaded.path, recipe, plugins, session, set, observer);
  }
  if (is_peft_folder(source)) return attach_peft(source, recipe, plugins, session, set, observer);
  throw UsageError(source.string() + ": found " +
                   (fs::exists(source) ? "a folder with neither checkpoints nor an adapter" : "nothing") +
                   ", expected a run's folder, a checkpoint or an adapter folder of Hugging Face PEFT");
}

}  // namespace peft::host
