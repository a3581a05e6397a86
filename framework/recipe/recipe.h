// A recipe, checked and resolved: every default filled in, every path absolute.
//
// Structs hold the defaults; host_keys.cpp says what may be written for each field.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "peft/value.h"
#include "recipe/fetched.h"
#include "recipe/source_map.h"
#include "templates/template_texts.h"

namespace peft::host {

// A plugin's component and its options, all of its table present; null for one that has no default and was
// not given.
struct ComponentChoice {
  std::string name;
  peft::Value options;
  std::string path;  // of the options in the recipe, "evaluate.metrics.1.bleu": for `Recipe::where`

  bool operator==(const ComponentChoice&) const = default;
};

inline constexpr std::string_view random_weights = "random";

struct RecipeModel {
  std::string family;
  std::string weights;    // a folder, an address of the hub's, or `random_weights`
  std::string tokenizer;  // a folder or an address
  peft::Value config;     // the family's options, of random weights; else null

  bool has_random_weights() const { return weights == random_weights; }
  bool operator==(const RecipeModel&) const = default;
};

struct RecipeMethod {
  std::string name;  // this method's own among the recipe's methods; the component's unless given
  ComponentChoice component;
  std::optional<double> learning_rate;  // else train.learning_rate
  std::optional<double> weight_decay;   // else train.weight_decay
  bool trainable = true;
  std::optional<std::string> init_from;  // an adapter folder of HF PEFT, or a checkpoint

  bool operator==(const RecipeMethod&) const = default;
};

// Files, folders, globs or addresses of the hub's.
using SourcePaths = std::vector<std::string>;

struct RecipeData {
  ComponentChoice dataset;
  SourcePaths source;
  TemplateChoice conversation_template = "human_assistant";  // the key `template`
  std::string train_on = "replies";
  int64_t max_length = 512;
  std::optional<int64_t> max_target_length;
  bool shuffle = true;
  std::variant<double, SourcePaths> validation = 0.05;  // a share of the groups, or sources of its own
  std::map<std::string, std::string> columns;           // the dataset's name -> the file's
  std::string bad_rows = "error";

  bool operator==(const RecipeData&) const = default;
};

// Of tokens_per_microbatch: `off`, a step's parts are batches of `batch_size` examples.
inline constexpr int64_t whole_batches = 0;

struct RecipeTrain {
  int64_t epochs = 3;
  std::optional<int64_t> steps;
  int64_t batch_size = 8;
  int64_t accumulate = 1;
  double learning_rate = 5e-5;
  std::string schedule = "linear";
  double warmup = 0.0;
  double weight_decay = 0.0;
  double clip = 1.0;
  // The engine puts a number in the place of `auto` (none) before the recipe is kept; or `whole_batches`.
  std::optional<int64_t> tokens_per_microbatch;
  std::optional<int64_t> memory_limit;  // bytes; none is `auto`, a share of the machine's
  std::string recompute = "off";
  int64_t checkpoint_every = 200;
  int64_t keep = 3;

  bool operator==(const RecipeTrain&) const = default;
};

struct RecipeGeneration {
  int64_t max_new_tokens = 64;
  double temperature = 0.0;
  int64_t top_k = 0;
  double top_p = 1.0;
  double repetition_penalty = 1.0;
  int64_t seed = 0;
  int64_t beams = 1;
  double length_penalty = 1.0;
  std::vector<std::string> stop;

  bool operator==(const RecipeGeneration&) const = default;
};

struct RecipeEvaluate {
  std::vector<ComponentChoice> metrics;
  int64_t examples = 100;
  int64_t every = 0;
  std::vector<std::string> prompts;
  RecipeGeneration generation;

  bool operator==(const RecipeEvaluate&) const = default;
};

struct Recipe {
  std::string name;
  int64_t seed = 42;
  std::string device = "auto";     // the engine writes what it chose before the recipe is kept,
  std::optional<int64_t> threads;  // and here: none is `auto`
  std::string dtype = "float32";
  RecipeModel model;
  std::vector<RecipeMethod> methods;
  RecipeData data;
  ComponentChoice task;
  RecipeTrain train;
  RecipeEvaluate evaluate;
  std::string output;  // a folder, which need not exist yet
  // As it was written, checked for form: its space refers to other keys. Null where there is none.
  peft::Value sweep;

  SourceMap sources;
  // What its hub:// addresses are on this machine, once they are fetched; it says the same without.
  Fetched fetched;

  // Where `path` was written ("methods.0.lora.targets"), for an error that shows only once the model is
  // known.
  RecipeLocation where(std::string_view path) const { return sources.where(path); }
};

// Whether they say the same; where it was written does not count.
bool operator==(const Recipe& a, const Recipe& b);

// With every default spelled out: what `to_yaml` writes and a checkpoint keeps.
peft::Value to_value(const Recipe& recipe);

// The same text for the same recipe, always. Read back, it is an equal recipe, from any working directory.
std::string to_yaml(const Recipe& recipe);

}  // namespace peft::host
