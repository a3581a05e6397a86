// Recipes written for a test, beside a model and data, read against a few made-up plugins.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "recipe/load_recipe.h"
#include "support/temporary_folder.h"

namespace peft::test {

struct LowRankOptions {
  int64_t rank = 8;
  double alpha = 8.0;
  double dropout = 0.0;
  std::vector<std::string> targets = {"attn.qkv"};
  bool use_dora = false;
  std::string init = "kaiming";
};

struct VirtualTokensOptions {
  int64_t tokens = 0;
  std::string init = "random";
  std::optional<std::string> text;
  std::string bank;
};

struct TinyModelOptions {
  int64_t hidden_size = 64;
  int64_t layers = 2;
};

struct ThreadsOptions {
  std::string language = "en";
};

class FakeCatalogue : public host::Catalogue {
 public:
  FakeCatalogue() {
    Options<LowRankOptions> lora;
    lora.add("rank", &LowRankOptions::rank, "rank of the update", at_least(1));
    lora.add("alpha", &LowRankOptions::alpha, "scale", above(0));
    lora.add("dropout", &LowRankOptions::dropout, "share dropped", from_up_to_below(0, 1));
    lora.add("targets", &LowRankOptions::targets, "roles or globs");
    lora.add("use_dora", &LowRankOptions::use_dora, "magnitudes apart");
    lora.add("init", &LowRankOptions::init, "how it starts", {"kaiming", "gaussian"});
    Options<VirtualTokensOptions> prefix;
    prefix.add("tokens", &VirtualTokensOptions::tokens, "virtual tokens", at_least(1)).required();
    prefix.add("init", &VirtualTokensOptions::init, "how it starts", {"random", "zero", "text"});
    prefix.add("text", &VirtualTokensOptions::text, "a text to start from");
    prefix.add_path("bank", &VirtualTokensOptions::bank, "a file");
    Options<TinyModelOptions> tiny;
    tiny.add("hidden_size", &TinyModelOptions::hidden_size, "width", at_least(1));
    tiny.add("layers", &TinyModelOptions::layers, "depth", at_least(1));
    Options<ThreadsOptions> threads;
    threads.add("language", &ThreadsOptions::language, "of the messages");

    using Kind = host::ComponentKind;
    add(Kind::method, "lora", lora.table());
    add(Kind::method, "prefix", prefix.table());
    add(Kind::model, "tiny", tiny.table());
    add(Kind::model, "gpt2", {});
    add(Kind::dataset, "threads", threads.table());
    add(Kind::dataset, "openassistant", {});
    add(Kind::dataset, "plain", {});
    components_.back().columns = {"text"};
    components_.back().optional_columns = {"group"};
    add(Kind::metric, "bleu", {});
    add(Kind::metric, "perplexity", {});
    add(Kind::task, "causal_lm", {});
  }

  const host::ComponentInfo* find(host::ComponentKind kind, std::string_view name) const override {
    for (const host::ComponentInfo& component : components_) {
      if (component.kind == kind && component.name == name) return &component;
    }
    return nullptr;
  }

  std::vector<std::string> names(host::ComponentKind kind) const override {
    std::vector<std::string> names;
    for (const host::ComponentInfo& component : components_) {
      if (component.kind == kind) names.push_back(component.name);
    }
    std::sort(names.begin(), names.end());
    return names;
  }

 private:
  void add(host::ComponentKind kind, std::string name, OptionTable options) {
    host::ComponentInfo info;
    info.kind = kind;
    info.name = std::move(name);
    info.options = std::move(options);
    components_.push_back(std::move(info));
  }

  std::vector<host::ComponentInfo> components_;
};

// A recipe with nothing wrong in it.
inline constexpr std::string_view good_recipe = R"(model:
  family: tiny
  weights: model
methods:
  - lora: {rank: 4}
  - prefix: {tokens: 5}
data:
  dataset: threads
  source: chats.jsonl
task: causal_lm
output: runs/good
)";

class RecipeFixture {
 public:
  RecipeFixture() {
    std::filesystem::create_directory(folder.path() / "model");
    folder.write("model/config.json", "{}");
    folder.write("chats.jsonl", "{}\n");
    folder.write("held_out.jsonl", "{}\n");
  }

  // Under the name recipe.yaml unless another is given.
  host::LoadedRecipe load(std::string_view text, const std::vector<std::string>& overrides = {},
                          std::string_view name = "recipe.yaml") const {
    return host::load_recipe(folder.write(name, text), overrides, catalogue);
  }

  // Everything that is said about a recipe, a line each, with the folder's name taken out.
  std::string complaints(std::string_view text, const std::vector<std::string>& overrides = {}) const {
    return shown(host::text(load(text, overrides).diagnostics));
  }

  std::string shown(std::string text) const {
    const std::string prefix = folder.path().string() + "/";
    for (size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at)) {
      text.erase(at, prefix.size());
    }
    return text;
  }

  std::string path(std::string_view name) const { return (folder.path() / name).string(); }

  TemporaryFolder folder;
  FakeCatalogue catalogue;
};

// `good_recipe` with one piece of its text replaced; empty `old` appends.
inline std::string recipe_with(std::string_view old, std::string_view replacement) {
  std::string text(good_recipe);
  if (old.empty()) return text.append(replacement);
  return text.replace(text.find(old), old.size(), replacement);
}

}  // namespace peft::test
