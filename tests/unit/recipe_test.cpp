// What a good recipe becomes.
#include <catch2/catch.hpp>

#include "recipe/host_keys.h"
#include "recipe_fixture.h"

using namespace peft::host;
using namespace peft::test;

TEST_CASE("A recipe is resolved with every default in its place") {
  const RecipeFixture fixture;
  const LoadedRecipe loaded = fixture.load(good_recipe);
  INFO(text(loaded.diagnostics));
  REQUIRE(loaded.recipe);
  CHECK(loaded.diagnostics.empty());
  const Recipe& recipe = *loaded.recipe;
  CHECK(recipe.name == "recipe");
  CHECK(recipe.seed == 42);
  CHECK(recipe.device == "auto");
  CHECK(recipe.dtype == "float32");
  CHECK(!recipe.threads);
  CHECK(recipe.model.family == "tiny");
  CHECK(recipe.model.weights == fixture.path("model"));
  CHECK(recipe.model.tokenizer == recipe.model.weights);
  CHECK(recipe.model.config.is_null());
  CHECK(recipe.data.source == SourcePaths{fixture.path("chats.jsonl")});
  CHECK(std::get<double>(recipe.data.validation) == 0.05);
  CHECK(recipe.data.dataset.options.at("language").as_text() == "en");
  CHECK(recipe.train.epochs == 3);
  CHECK(recipe.train.batch_size == 8);
  CHECK(recipe.train.accumulate == 1);
  CHECK(recipe.train.learning_rate == 5e-5);
  CHECK(recipe.train.schedule == "linear");
  CHECK(recipe.train.warmup == 0.0);
  CHECK(recipe.train.weight_decay == 0.0);
  CHECK(recipe.train.clip == 1.0);
  CHECK(!recipe.train.steps);
  CHECK(!recipe.train.tokens_per_microbatch);
  CHECK(!recipe.train.memory_limit);
  CHECK(recipe.train.recompute == "off");
  CHECK(recipe.evaluate.metrics.empty());
  CHECK(recipe.sweep.is_null());
  CHECK(recipe.output == (std::filesystem::current_path() / "runs/good").string());
}

TEST_CASE("Methods carry their options, and the reserved keys apart from them") {
  const RecipeFixture fixture;
  fixture.folder.write("adapter.h5", "");
  const LoadedRecipe loaded = fixture.load(recipe_with(
      "  - prefix: {tokens: 5}",
      "  - lora: {name: second, targets: mlp.in, learning_rate: 1e-3, weight_decay: 0, trainable: false,\n"
      "           init_from: adapter.h5}\n"
      "  - lora:\n"
      "      name: third\n"));
  INFO(text(loaded.diagnostics));
  REQUIRE(loaded.recipe);
  const std::vector<RecipeMethod>& methods = loaded.recipe->methods;
  REQUIRE(methods.size() == 3);
  CHECK(methods[0].name == "lora");
  CHECK(methods[0].component.path == "methods.0.lora");
  CHECK(methods[0].component.options.at("rank").as_integer() == 4);
  CHECK(methods[0].component.options.find("name") == nullptr);
  CHECK(methods[0].trainable);
  CHECK(!methods[0].learning_rate);
  CHECK(methods[1].name == "second");
  CHECK(methods[1].component.name == "lora");
  CHECK(methods[1].component.options.at("targets") == peft::Value(peft::Value::List{"mlp.in"}));
  CHECK(methods[1].learning_rate == 1e-3);
  CHECK(methods[1].weight_decay == 0.0);
  CHECK(!methods[1].trainable);
  CHECK(methods[1].init_from == fixture.path("adapter.h5"));
  CHECK(methods[2].name == "third");
}

TEST_CASE("A name alone stands for a component with its defaults") {
  const RecipeFixture fixture;
  const LoadedRecipe loaded =
      fixture.load(recipe_with("lora: {rank: 4}", "lora") + "evaluate: {metrics: [perplexity, bleu: {}]}\n");
  REQUIRE(loaded.recipe);
  CHECK(loaded.recipe->methods[0].component.options.at("rank").as_integer() == 8);
  CHECK(loaded.recipe->task.name == "causal_lm");
  REQUIRE(loaded.recipe->evaluate.metrics.size() == 2);
  CHECK(loaded.recipe->evaluate.metrics[1].name == "bleu");
  CHECK(loaded.recipe->evaluate.metrics[1].path == "evaluate.metrics.1.bleu");
}

TEST_CASE("Random weights take the family's options and a tokeniser") {
  const RecipeFixture fixture;
  const LoadedRecipe loaded = fixture.load(
      recipe_with("weights: model", "weights: random\n  tokenizer: model\n  config: {layers: 3}"));
  INFO(text(loaded.diagnostics));
  REQUIRE(loaded.recipe);
  CHECK(loaded.recipe->model.has_random_weights());
  CHECK(loaded.recipe->model.tokenizer == fixture.path("model"));
  CHECK(loaded.recipe->model.config.at("layers").as_integer() == 3);
  CHECK(loaded.recipe->model.config.at("hidden_size").as_integer() == 64);
}

TEST_CASE("Validation is a share, or files of its own") {
  const RecipeFixture fixture;
  const auto validation = [&](const std::string& text) {
    return fixture.load(recipe_with("source:", "validation: " + text + "\n  source:"))
        .recipe.value()
        .data.validation;
  };
  CHECK(std::get<double>(validation("0")) == 0.0);
  CHECK(std::get<double>(validation("0.25")) == 0.25);
  const SourcePaths held_out{fixture.path("held_out.jsonl")};
  CHECK(std::get<SourcePaths>(validation("held_out.jsonl")) == held_out);
  CHECK(std::get<SourcePaths>(validation("[held_out.jsonl]")) == held_out);
}

TEST_CASE("Paths are relative to the file they stand in, on the command line to the working directory") {
  const RecipeFixture fixture;
  std::filesystem::create_directory(fixture.folder.path() / "sub");
  fixture.folder.write("common.yaml", good_recipe);
  const std::vector<std::string> from_command_line = {
      "data.source=" + std::filesystem::proximate(fixture.path("held_out.jsonl")).string()};
  const LoadedRecipe loaded = fixture.load(
      "extends: ../common.yaml\ndata: {validation: ../held_out.jsonl}\nmethods: [prefix: {tokens: 1, bank: "
      "b}]\n",
      from_command_line, "sub/recipe.yaml");
  INFO(text(loaded.diagnostics));
  REQUIRE(loaded.recipe);
  CHECK(loaded.recipe->model.weights == fixture.path("model"));
  CHECK(loaded.recipe->data.source == SourcePaths{fixture.path("held_out.jsonl")});
  CHECK(std::get<SourcePaths>(loaded.recipe->data.validation) == SourcePaths{fixture.path("held_out.jsonl")});
  CHECK(loaded.recipe->methods[0].component.options.at("bank").as_text() == fixture.path("sub/b"));
  CHECK(loaded.recipe->output == (std::filesystem::current_path() / "runs/good").string());
}

TEST_CASE("A recipe knows where its keys were written") {
  const RecipeFixture fixture;
  const LoadedRecipe loaded =
      fixture.load(recipe_with("{rank: 4}", "{rank: 4, targets: [attn.q, attn.x]}"), {"data.max_length=9"});
  REQUIRE(loaded.recipe);
  const auto where = [&](std::string_view path) { return fixture.shown(loaded.recipe->where(path).text()); };
  CHECK(where("methods.0.lora.targets") == "recipe.yaml:5:30");
  CHECK(where("methods.0.lora.targets.1") == "recipe.yaml:5:39");
  CHECK(where("methods.0.lora.alpha") == "recipe.yaml:5:11");  // not written: the map it would be in
  CHECK(where("train.clip") == "recipe.yaml:1:1");
  CHECK(where("data.max_length") == "command line: 'data.max_length=9'");
}

TEST_CASE("Verbs that need no data load a recipe whose data is gone") {
  const RecipeFixture fixture;
  const std::filesystem::path file = fixture.folder.write("recipe.yaml", good_recipe);
  std::filesystem::remove(fixture.path("chats.jsonl"));
  CHECK(!load_recipe(file, {}, fixture.catalogue).recipe);
  CHECK(load_recipe(file, {}, fixture.catalogue, {.needs_data = false}).recipe);
}

TEST_CASE("Every host key is documented and has a range where it is a number") {
  for (const KeySection& section : key_sections()) {
    for (const peft::OptionSpec& option : section.options) {
      INFO(section.path << "." << option.name);
      CHECK(!option.doc.empty());
      const bool is_number =
          option.type == peft::OptionType::integer || option.type == peft::OptionType::number;
      CHECK((!is_number || option.range.minimum.has_value()));
    }
    for (const StructuredKey& key : section.structured) CHECK(!key.doc.empty());
  }
}

TEST_CASE("Micro-batches and memory are numbers, amounts with a unit, or left to the engine") {
  const RecipeFixture fixture;
  const auto train = [&](const std::string& keys) {
    return fixture.load(recipe_with("", "train: {" + keys + "}\n")).recipe.value().train;
  };
  CHECK(!train("tokens_per_microbatch: auto").tokens_per_microbatch);
  CHECK(train("tokens_per_microbatch: off").tokens_per_microbatch == whole_batches);
  CHECK(train("tokens_per_microbatch: 640").tokens_per_microbatch == 640);
  CHECK(!train("memory_limit: auto").memory_limit);
  CHECK(train("memory_limit: 8000000000").memory_limit == 8'000'000'000);
  CHECK(train("memory_limit: 8e9").memory_limit == 8'000'000'000);
  CHECK(train("memory_limit: 8GB").memory_limit == 8'000'000'000);
  CHECK(train("memory_limit: 1.5 GiB").memory_limit == 1'610'612'736);
  CHECK(train("recompute: blocks").recompute == "blocks");
}

TEST_CASE("The recipe of the hybrid asks for the hub, and takes local files in its place") {
  const RecipeFixture fixture;
  const std::filesystem::path recipe = std::filesystem::path(PEFT_RECIPES) / "hybrid.yaml";
  const LoadedRecipe as_it_stands = load_recipe(recipe, {}, fixture.catalogue);
  INFO(text(as_it_stands.diagnostics));
  REQUIRE(as_it_stands.recipe);
  CHECK(as_it_stands.recipe->model.weights == "hub://openai-community/gpt2-medium");
  CHECK(as_it_stands.recipe->model.tokenizer == as_it_stands.recipe->model.weights);
  CHECK(as_it_stands.recipe->data.source == SourcePaths{"hub://OpenAssistant/oasst1"});

  const LoadedRecipe loaded = load_recipe(
      recipe, {"model.weights=" + fixture.path("model"), "data.source=" + fixture.path("chats.jsonl")},
      fixture.catalogue);
  INFO(text(loaded.diagnostics));
  REQUIRE(loaded.recipe);
  CHECK(loaded.diagnostics.empty());
  REQUIRE(loaded.recipe->methods.size() == 2);
  CHECK(loaded.recipe->methods[0].component.options.at("rank").as_integer() == 8);
  CHECK(loaded.recipe->methods[0].component.options.at("alpha").as_number() == 16.0);
  CHECK(loaded.recipe->methods[1].component.options.at("tokens").as_integer() == 20);
  CHECK(loaded.recipe->train.learning_rate == 2e-4);
}
