// `extends` and overrides.
#include <catch2/catch.hpp>

#include "recipe_fixture.h"

using namespace peft::host;
using namespace peft::test;

TEST_CASE("Maps are merged key by key, lists are replaced whole") {
  const RecipeFixture fixture;
  fixture.folder.write("ground.yaml", good_recipe);
  fixture.folder.write("base.yaml",
                       "extends: ground.yaml\ntrain: {epochs: 5, clip: 0.5}\nevaluate: {prompts: [a, b]}\n");
  const LoadedRecipe loaded = fixture.load(
      "extends: base.yaml\ntrain: {epochs: 7}\nmethods: [lora: {rank: 2}]\nevaluate: {prompts: [c]}\n");
  INFO(text(loaded.diagnostics));
  REQUIRE(loaded.recipe);
  CHECK(loaded.recipe->train.epochs == 7);
  CHECK(loaded.recipe->train.clip == 0.5);
  CHECK(loaded.recipe->methods.size() == 1);
  CHECK(loaded.recipe->evaluate.prompts == std::vector<std::string>{"c"});
  CHECK(loaded.recipe->data.dataset.name == "threads");
  CHECK(loaded.recipe->name == "recipe");
}

TEST_CASE("A mistake is named in the file it stands in") {
  const RecipeFixture fixture;
  fixture.folder.write("base.yaml", recipe_with("rank: 4", "rank: 0"));
  CHECK(fixture.complaints("extends: base.yaml\ntrain: {clip: -1}\n") ==
        "base.yaml:5:18: error: 'lora.rank': found 0, expected an integer at least 1\n"
        "recipe.yaml:2:15: error: 'train.clip': found -1, expected a number at least 0");
}

TEST_CASE("A chain of recipes that cannot be followed is an error where it breaks") {
  const RecipeFixture fixture;
  CHECK(fixture.complaints("extends: nowhere.yaml\n") ==
        "recipe.yaml:1:10: error: there is no recipe nowhere.yaml");
  CHECK(fixture.complaints("extends: model\n") == "recipe.yaml:1:10: error: model is not a file");
  CHECK(fixture.complaints("extends: [a]\n") ==
        "recipe.yaml:1:10: error: 'extends': found a list, expected the path of another recipe, relative to "
        "this "
        "file");
  CHECK(fixture.complaints("extends: recipe.yaml\n") ==
        "recipe.yaml:1:10: error: recipes extend each other in a circle (recipe.yaml -> recipe.yaml); remove "
        "one "
        "'extends'");
  fixture.folder.write("other.yaml", "extends: ./model/../recipe.yaml\n");
  CHECK(fixture.complaints("extends: other.yaml\n") ==
        "other.yaml:1:10: error: recipes extend each other in a circle (recipe.yaml -> other.yaml -> "
        "recipe.yaml); "
        "remove one 'extends'");
}

TEST_CASE("What a file that cannot be read might have held is not reported as missing") {
  const RecipeFixture fixture;
  fixture.folder.write("base.yaml", "model: [\n");
  CHECK(fixture.complaints("extends: base.yaml\ntrain: {epoch: 1}\n") ==
        "base.yaml:2:1: error: this is not valid YAML: end of sequence flow not found; is a ',' or ']' "
        "missing?\n"
        "recipe.yaml:2:9: error: unknown key 'train.epoch'; did you mean 'epochs'?");
}

TEST_CASE("A recipe that is absent, empty or no map is one error") {
  const RecipeFixture fixture;
  const std::string expected = ", expected a map with keys such as 'model:', 'methods:' and 'data:'";
  CHECK(fixture.complaints("") == "recipe.yaml:1:1: error: this recipe is empty" + expected);
  CHECK(fixture.complaints("# nothing\n") == "recipe.yaml:1:1: error: this recipe is empty" + expected);
  CHECK(fixture.complaints("- lora\n") == "recipe.yaml:1:1: error: found a list" + expected);
  CHECK(fixture.complaints("lora") == "recipe.yaml:1:1: error: found 'lora'" + expected);
  CHECK(fixture.shown(text(load_recipe(fixture.path("absent.yaml"), {}, fixture.catalogue).diagnostics)) ==
        "absent.yaml:1:1: error: there is no recipe absent.yaml");
  CHECK(fixture.shown(text(load_recipe(fixture.path("model"), {}, fixture.catalogue).diagnostics)) ==
        "model:1:1: error: model is not a file");
}

TEST_CASE("Overrides set values, whether the file has the key or not") {
  const RecipeFixture fixture;
  const LoadedRecipe loaded = fixture.load(
      recipe_with("- prefix: {tokens: 5}", "- prefix: {tokens: 5}\n  - lora"),
      {"methods.0.lora.rank=16", "methods.2.lora.name=bare", "train.learning_rate=2e-4", "train.epochs=1",
       "train.epochs=2", "methods.0.lora.targets=[attn.q, 'mlp.*']", "name=a=b", "evaluate.metrics.0=bleu",
       "evaluate.metrics.1=perplexity", "evaluate.generation={max_new_tokens: 7}", "threads=3"});
  INFO(text(loaded.diagnostics));
  REQUIRE(loaded.recipe);
  CHECK(loaded.recipe->methods[0].component.options.at("rank").as_integer() == 16);
  CHECK(loaded.recipe->methods[0].component.options.at("targets").as_list().size() == 2);
  CHECK(loaded.recipe->methods[2].name == "bare");
  CHECK(loaded.recipe->train.learning_rate == 2e-4);
  CHECK(loaded.recipe->train.epochs == 2);
  CHECK(loaded.recipe->name == "a=b");
  CHECK(loaded.recipe->evaluate.metrics.size() == 2);
  CHECK(loaded.recipe->evaluate.generation.max_new_tokens == 7);
  CHECK(loaded.recipe->threads == 3);
}

TEST_CASE("A mistaken override is an error that shows it") {
  const RecipeFixture fixture;
  const auto complaint = [&](const std::string& text) {
    const std::string said = fixture.complaints(good_recipe, {text});
    const std::string place = "command line: '" + text + "': error: ";
    INFO(said);
    CHECK(said.starts_with(place));
    return said.substr(std::min(place.size(), said.size()));
  };
  const std::string form = "expected key=value, such as train.epochs=2 or methods.0.lora.rank=16";
  CHECK(complaint("train.epochs") == form);
  CHECK(complaint("=2") == form);
  CHECK(complaint("train..epochs=2") == form);
  CHECK(complaint("train.epoch=2") == "unknown key 'train.epoch'; did you mean 'epochs'?");
  CHECK(complaint("train.epochs=two") ==
        "'train.epochs': found 'two', expected an integer at least 1; write it without quotes, units and "
        "separators");
  CHECK(complaint("train.epochs=") == "'train.epochs' has no value; write one, or leave the key out for 3");
  CHECK(complaint("methods.0.lora.rnak=2") == "unknown key 'lora.rnak'; did you mean 'rank'?");
  CHECK(complaint("methods.3=lora") == "'methods' has 2 items; expected an index up to 2, which appends");
  CHECK(complaint("methods.lora.rank=2") ==
        "'methods' is a list; expected the index of an item; did you mean 'methods.0.lora'?");
  CHECK(complaint("methods.x=2") == "'methods' is a list; expected the index of an item, as in 'methods.0'");
  CHECK(complaint("output.x=2") == "'output' is 'runs/good', which has nothing called 'x' in it");
  CHECK(complaint("extends=a.yaml") == "'extends' can be set in a file only");
  CHECK(complaint("data.source=absent/x.jsonl").starts_with("'data.source': no such file or folder: "));
  CHECK_THAT(complaint("train={epochs: 2"), Catch::Matchers::StartsWith("this is not valid YAML: "));
}

TEST_CASE("A long override is shown by its beginning") {
  const RecipeFixture fixture;
  const std::string said = fixture.complaints(good_recipe, {"train.clip=" + std::string(500, 'x')});
  CHECK_THAT(said, Catch::Matchers::StartsWith("command line: 'train.clip=xxx"));
  CHECK(said.find("…': error: ") < 90);
}
