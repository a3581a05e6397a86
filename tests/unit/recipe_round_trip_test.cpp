// The resolved recipe, and recipes with random damage.
#include <catch2/catch.hpp>
#include <random>

#include "recipe/host_keys.h"
#include "recipe_fixture.h"

using namespace peft::host;
using namespace peft::test;

namespace {

// A recipe that says something about everything.
const std::string full_recipe = R"(name: "full: of # signs"
seed: 7
device: cpu
dtype: bfloat16
threads: 2
model: {family: tiny, weights: random, tokenizer: model, config: {layers: 3}}
methods:
  - lora: {rank: 4, alpha: 0.1, targets: ["**.qkv", attn.q], learning_rate: 1e-3, weight_decay: 0.01}
  - lora: {name: second, trainable: false, init_from: chats.jsonl}
  - prefix: {tokens: 3, text: "You are\n\thelpful…", bank: chats.jsonl}
data:
  dataset: plain
  source: [chats.jsonl, "*.jsonl"]
  columns: {text: body}
  template:
    begin: "{begin_of_text}"
    system: "{content}\n"
    default_system: "Be\tkind."
    user: "{{Q}} {content}\n"
    assistant: "A:{reply} {content|trim}{end_of_text}{/reply}\n"
  train_on: all
  max_length: 99
  max_target_length: 17
  shuffle: false
  validation: held_out.jsonl
task: causal_lm
train: {epochs: 2, steps: 10, batch_size: 3, accumulate: 2, learning_rate: 3.3e-5, schedule: cosine, warmup: 0.03,
        weight_decay: 0.1, clip: 0, tokens_per_microbatch: 640, memory_limit: 1.5GiB, recompute: blocks,
        checkpoint_every: 5, keep: 1}
evaluate: {metrics: [perplexity, bleu], examples: 3, every: 4, prompts: ["true", "- a", "it's", "012"],
           generation: {max_new_tokens: 9, temperature: 0.7, top_k: 5, top_p: 0.9, repetition_penalty: 1.1, seed: 3}}
output: runs/full
sweep: {search: grid, space: {methods.0.lora.rank: [4, 8], train.learning_rate: {log: [1e-5, 1e-3]}},
        objective: {metric: perplexity, goal: minimize}}
)";

// One random edit: a byte or a line removed, doubled, replaced or moved.
std::string damaged(std::string text, std::mt19937& random) {
  static const std::string bytes = "{}[]:,-?!&*#|>@%'\"\\\n\t 01.eE~<=x\xC3\xFF";
  const auto below = [&](size_t count) { return random() % std::max<size_t>(count, 1); };
  if (text.empty()) return text;
  const size_t at = below(text.size());
  const size_t line = text.rfind('\n', at) + 1;
  const size_t line_size = std::min(text.find('\n', at), text.size()) - line;
  switch (below(7)) {
    case 0: return text.erase(at, 1);
    case 1: return text.insert(at, 1, bytes[below(bytes.size())]);
    case 2: text.at(at) = bytes[below(bytes.size())]; return text;
    case 3: return text.erase(line, line_size);
    case 4: return text.insert(line, text.substr(line, line_size) + "\n");
    case 5: return text.insert(line, 1 + below(3), ' ');
    default: return text.insert(below(text.size()), text.substr(at, below(30)));
  }
}

}  // namespace

TEST_CASE("A resolved recipe reads back as the same recipe, from anywhere") {
  const RecipeFixture fixture;
  for (const std::string& written : {std::string(good_recipe), full_recipe}) {
    const LoadedRecipe first = fixture.load(written);
    INFO(text(first.diagnostics));
    REQUIRE(first.recipe);
    const std::string resolved = to_yaml(*first.recipe);
    INFO(resolved);
    const std::filesystem::path here = std::filesystem::current_path();
    std::filesystem::create_directories(fixture.folder.path() / "away");
    std::filesystem::current_path("/");
    const LoadedRecipe second = fixture.load(resolved, {}, "away/recipe.yaml");
    std::filesystem::current_path(here);
    INFO(text(second.diagnostics));
    REQUIRE(second.recipe);
    CHECK(*second.recipe == *first.recipe);
    CHECK(second.recipe->methods == first.recipe->methods);
    CHECK(second.recipe->data == first.recipe->data);
    CHECK(second.recipe->train == first.recipe->train);
    CHECK(second.recipe->evaluate == first.recipe->evaluate);
    CHECK(second.recipe->model == first.recipe->model);
    CHECK(to_yaml(*second.recipe) == resolved);
  }
}

TEST_CASE("A resolved recipe spells out every key there is") {
  const RecipeFixture fixture;
  const LoadedRecipe loaded = fixture.load(full_recipe);
  INFO(text(loaded.diagnostics));
  REQUIRE(loaded.recipe);
  const peft::Value value = to_value(*loaded.recipe);
  for (const KeySection& section : key_sections()) {
    const peft::Value* map = &value;
    if (section.path == "evaluate.generation") {
      map = &value.at("evaluate").at("generation");
    } else if (section.path == "data.template") {
      map = &value.at("data").at("template");
    } else if (!section.path.empty()) {
      map = &value.at(section.path);
    }
    for (const std::string& key : section.names()) {
      INFO(section.path << "." << key);
      CHECK((map->find(key) != nullptr || key == "extends"));
    }
  }
  const peft::OptionTable reserved = reserved_method_options().table();
  for (const peft::OptionSpec& option : reserved) {
    CHECK(value.at("methods").as_list()[0].at("lora").find(option.name) != nullptr);
  }
}

TEST_CASE("A resolved recipe is plain to read") {
  const RecipeFixture fixture;
  const LoadedRecipe loaded = fixture.load(good_recipe);
  REQUIRE(loaded.recipe);
  const std::string yaml = fixture.shown(to_yaml(*loaded.recipe));
  CHECK_THAT(yaml, Catch::Matchers::Contains("threads: auto\n"
                                             "model:\n"
                                             "  family: tiny\n"
                                             "  weights: model\n"
                                             "  tokenizer: model\n"
                                             "methods:\n"
                                             "  - lora:\n"
                                             "      name: lora\n"
                                             "      learning_rate: null\n"
                                             "      weight_decay: null\n"
                                             "      trainable: true\n"
                                             "      init_from: null\n"
                                             "      rank: 4\n"
                                             "      alpha: 8.0\n"
                                             "      dropout: 0.0\n"
                                             "      targets: [attn.qkv]\n"));
  CHECK_THAT(yaml, Catch::Matchers::Contains("task: causal_lm\n"));
  CHECK_THAT(yaml, Catch::Matchers::Contains("  learning_rate: 5.0e-05\n"));
}

TEST_CASE("What the engine decides is written into the resolved recipe") {
  const RecipeFixture fixture;
  Recipe recipe = fixture.load(good_recipe).recipe.value();
  recipe.threads = 2;
  recipe.device = "cpu";
  recipe.train.tokens_per_microbatch = 768;
  CHECK_THAT(to_yaml(recipe), Catch::Matchers::Contains("device: cpu\n") &&
                                  Catch::Matchers::Contains("threads: 2\n") &&
                                  Catch::Matchers::Contains("tokens_per_microbatch: 768\n"));
}

TEST_CASE("A recipe with random damage loads or is refused with a place, and never worse") {
  const RecipeFixture fixture;
  std::mt19937 random(20240711);
  size_t loads = 0;
  size_t refusals = 0;
  for (int round = 0; round < 3'000; ++round) {
    std::string text = full_recipe;
    for (size_t edits = 1 + random() % 4; edits > 0; --edits) text = damaged(std::move(text), random);
    const LoadedRecipe loaded = fixture.load(text);
    bool has_error = false;
    for (const Diagnostic& diagnostic : loaded.diagnostics) {
      has_error |= diagnostic.severity == Diagnostic::Severity::error;
      if (diagnostic.message.empty() || diagnostic.where.line < 1 || diagnostic.where.column < 1) {
        FAIL(text << "\n" << diagnostic.text());
      }
    }
    if (has_error == loaded.recipe.has_value()) FAIL(text);
    ++(loaded.recipe ? loads : refusals);
    if (!loaded.recipe) continue;
    const std::string resolved = to_yaml(*loaded.recipe);
    const LoadedRecipe again = fixture.load(resolved, {}, "again.yaml");
    if (!again.recipe || !(*again.recipe == *loaded.recipe)) FAIL(text << "\n" << resolved);
  }
  CHECK(loads > 100);
  CHECK(refusals > 100);
}

TEST_CASE("Random overrides are applied or refused, and never worse") {
  const RecipeFixture fixture;
  const std::filesystem::path file = fixture.folder.write("recipe.yaml", full_recipe);
  std::mt19937 random(7);
  const std::vector<std::string> valid = {"methods.0.lora.rank=16", "train={epochs: 2}",
                                          "evaluate.prompts.2=a b", "sweep.space=null",
                                          "data.columns.text='x'"};
  for (int round = 0; round < 2'000; ++round) {
    std::string text = valid[random() % valid.size()];
    for (size_t edits = 1 + random() % 3; edits > 0; --edits) text = damaged(std::move(text), random);
    const LoadedRecipe loaded = load_recipe(file, {text}, fixture.catalogue);
    if (!loaded.recipe && loaded.diagnostics.empty()) FAIL(text);
  }
}
