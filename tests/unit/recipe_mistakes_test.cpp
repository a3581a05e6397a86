// Every class of mistake, with its message and its place.
#include <catch2/catch.hpp>

#include "recipe_fixture.h"

using namespace peft::host;
using namespace peft::test;
using Catch::Contains;

namespace {

struct Mistake {
  std::string old_text;  // of `good_recipe`
  std::string new_text;
  std::string complaint;
};

void check(const std::vector<Mistake>& mistakes) {
  const RecipeFixture fixture;
  for (const Mistake& mistake : mistakes) {
    INFO(mistake.new_text);
    CHECK(fixture.complaints(recipe_with(mistake.old_text, mistake.new_text)) == mistake.complaint);
  }
}

}  // namespace

TEST_CASE("An unknown key is an error with the nearest one") {
  check({
      {"rank: 4", "rnak: 4", "recipe.yaml:5:12: error: unknown key 'lora.rnak'; did you mean 'rank'?"},
      {"output:", "ouptut:",
       "recipe.yaml:1:1: error: 'output' is missing; add it: the run's folder, relative to the working "
       "directory\nrecipe.yaml:11:1: error: unknown key 'ouptut'; did you mean 'output'?"},
      {"", "epochs: 3\n", "recipe.yaml:12:1: error: unknown key 'epochs'; it belongs to 'train'"},
      {"", "train: {lr: 1}\n",
       "recipe.yaml:12:9: error: unknown key 'train.lr'; known keys: epochs, steps, batch_size, accumulate, "
       "learning_rate, schedule, warmup, weight_decay, clip, recompute, checkpoint_every, keep, "
       "tokens_per_microbatch, memory_limit"},
      {"", "train: {epochs:4}\n",
       "recipe.yaml:12:9: error: unknown key 'train.epochs:4'; write a space after the ':'"},
      {"  source", "  languge: de\n  source",
       "recipe.yaml:9:3: error: unknown key 'data.languge'; did you mean 'language'?"},
      {"", "evaluate: {generation: {top-p: 0.5}}\n",
       "recipe.yaml:12:25: error: unknown key 'evaluate.generation.top-p'; did you mean 'top_p'?"},
      {"task: causal_lm", "task: {causal_lm: {beta: 1}}",
       "recipe.yaml:10:20: error: unknown key 'causal_lm.beta'; there are no keys here"},
      {"threads\n", "plain\n  columns: {txt: body}\n",
       "recipe.yaml:9:13: error: unknown column 'data.columns.txt' of 'plain'; did you mean 'text'? (there "
       "are: text, group); write the dataset's name of a column first, then the file's"},
  });
}

TEST_CASE("A component that no plugin brings is an error with the nearest one and all of them") {
  check({
      {"lora:", "lroa:",
       "recipe.yaml:5:5: error: unknown method 'lroa'; did you mean 'lora'? (there are: lora, prefix)"},
      {"family: tiny", "family: bert",
       "recipe.yaml:2:11: error: unknown model family 'bert'; there are: gpt2, tiny"},
      {"dataset: threads", "dataset: thread",
       "recipe.yaml:8:12: error: unknown dataset 'thread'; did you mean 'threads'? (there are: "
       "openassistant, plain, "
       "threads)"},
      {"causal_lm", "causal_ml",
       "recipe.yaml:10:7: error: unknown task 'causal_ml'; did you mean 'causal_lm'? (there are: causal_lm)"},
      {"", "evaluate: {metrics: [blue]}\n",
       "recipe.yaml:12:22: error: unknown metric 'blue'; did you mean 'bleu'? (there are: bleu, perplexity)"},
  });
}

TEST_CASE("A value of the wrong type, out of range or not among the choices is an error at the value") {
  check({
      {"rank: 4", "rank: four",
       "recipe.yaml:5:18: error: 'lora.rank': found 'four', expected an integer at least 1; write it without "
       "quotes, units and separators"},
      {"rank: 4", "rank: 0", "recipe.yaml:5:18: error: 'lora.rank': found 0, expected an integer at least 1"},
      {"rank: 4", "rank: 4e0",
       "recipe.yaml:5:18: error: 'lora.rank': found 4, expected an integer at least 1; write it without '.' "
       "and 'e'"},
      {"rank: 4", "dropout: 1.0",
       "recipe.yaml:5:21: error: 'lora.dropout': found 1, expected a number at least 0 and below 1"},
      {"rank: 4", "alpha: .nan",
       "recipe.yaml:5:19: error: 'lora.alpha': found nan, expected a number above 0"},
      {"rank: 4", "use_dora: on",
       "recipe.yaml:5:22: error: 'lora.use_dora': found 'on', expected a boolean; write true or false"},
      {"rank: 4", "init: gausian",
       "recipe.yaml:5:18: error: 'lora.init': found 'gausian', expected one of kaiming, gaussian"},
      {"rank: 4", "targets: {a: 1}",
       "recipe.yaml:5:21: error: 'lora.targets': found a map, expected a list of texts"},
      {"rank: 4",
       "rank:", "recipe.yaml:5:12: error: 'lora.rank' has no value; write one, or leave the key out for 8"},
      {"tokens: 5",
       "tokens: ", "recipe.yaml:6:14: error: 'prefix.tokens' has no value; write one: virtual tokens"},
      {"", "threads: 0\n",
       "recipe.yaml:12:10: error: 'threads': found 0, expected auto or an integer from 1 to 1024"},
      {"", "threads: many\n",
       "recipe.yaml:12:10: error: 'threads': found 'many', expected auto or an integer from 1 to 1024"},
      {"", "device: gpu\n",
       "recipe.yaml:12:9: error: 'device': found 'gpu', expected one of auto, cpu, cuda"},
      {"", "train: 3\n", "recipe.yaml:12:8: error: 'train': found 3, expected a map"},
      {"", "train: {learning_rate: -1e-4}\n",
       "recipe.yaml:12:24: error: 'train.learning_rate': found -0.0001, expected a number above 0"},
      {"", "train: {warmup: 1.5}\n",
       "recipe.yaml:12:17: error: 'train.warmup': found 1.5, expected a fraction below 1 or a whole number "
       "of steps"},
      {"", "train: {schedule: square}\n",
       "recipe.yaml:12:19: error: 'train.schedule': found 'square', expected one of constant, linear, "
       "cosine"},
      {"", "train: {recompute: layers}\n",
       "recipe.yaml:12:20: error: 'train.recompute': found 'layers', expected one of off, blocks"},
      {"", "train: {tokens_per_microbatch: 0}\n",
       "recipe.yaml:12:32: error: 'train.tokens_per_microbatch': found 0, expected auto, off or an integer "
       "at "
       "least 1"},
      {"", "train: {tokens_per_microbatch: on}\n",
       "recipe.yaml:12:32: error: 'train.tokens_per_microbatch': found 'on', expected auto, off or an "
       "integer at least 1"},
      {"", "train: {memory_limit: 8 apples}\n",
       "recipe.yaml:12:23: error: 'train.memory_limit': found '8 apples', expected auto, a number of bytes, "
       "or a number with a unit such as 8GB or 1.5GiB"},
      {"", "train: {memory_limit: 8}\n",
       "recipe.yaml:12:23: error: 'train.memory_limit': found 8, which is 8 B, expected at least 100 MB; a "
       "number alone counts bytes, so write the unit, as in 8GB"},
      {"  source", "  validation: 1\n  source",
       "recipe.yaml:9:15: error: 'data.validation': found 1, expected a share, at least 0 and below 1, or "
       "files of its own"},
      {"  source", "  max_length: 0\n  source",
       "recipe.yaml:9:15: error: 'data.max_length': found 0, expected an integer at least 1"},
      {"output: runs/good", "output: ''",
       "recipe.yaml:11:9: error: 'output': found an empty text; write the run's folder, relative to the "
       "working directory"},
      {"weights: model", "weights: \"\"",
       "recipe.yaml:3:12: error: 'model.weights': found an empty text; write a folder in Hugging Face "
       "layout, hub://OWNER/NAME, or random"},
      {"", "name: 12\n", "recipe.yaml:12:7: error: 'name': found 12, expected a text; put it in quotes"},
      {"", "evaluate: {generation: {top_p: 0}}\n",
       "recipe.yaml:12:32: error: 'evaluate.generation.top_p': found 0, expected a number above 0 and at "
       "most 1"},
      {"dataset: threads", "dataset: {threads: {}}",
       "recipe.yaml:8:12: error: 'data.dataset': found a map, expected the name of a dataset; its options "
       "stand beside it"},
  });
}

TEST_CASE("A key that must be there and is not is an error where it belongs") {
  check({
      {"  family: tiny\n", "", "recipe.yaml:2:3: error: 'model.family' is missing; add it: the model family"},
      {"task: causal_lm\n", "", "recipe.yaml:1:1: error: 'task' is missing; add it: one of causal_lm"},
      {"  source: chats.jsonl\n", "",
       "recipe.yaml:8:3: error: 'data.source' is missing; add it: files, folders or globs, or "
       "hub://OWNER/NAME"},
      {"  dataset: threads\n", "",
       "recipe.yaml:8:3: error: 'data.dataset' is missing; add it: one of openassistant, plain, threads"},
      {"{tokens: 5}", "{}", "recipe.yaml:6:13: error: 'prefix.tokens' is missing; add it: virtual tokens"},
      {"prefix: {tokens: 5}", "prefix",
       "recipe.yaml:6:5: error: 'prefix.tokens' is missing; add it: virtual tokens"},
      {"weights: model", "weights: random\n  tokenizer: model",
       "recipe.yaml:2:3: error: 'model.config' is missing; add it: the options of 'tiny', which weights: "
       "random cannot do without ({}: all defaults)"},
      {"weights: model", "weights: random\n  config: {}",
       "recipe.yaml:2:3: error: 'model.tokenizer' is missing; add it: the tokeniser's folder; weights: "
       "random come without one"},
      {"  source: chats.jsonl", "  source: []",
       "recipe.yaml:9:11: error: 'data.source': found an empty list, expected at least one file, folder or "
       "glob"},
  });
}

TEST_CASE("The list of methods is checked as a list") {
  const std::string both = "  - lora: {rank: 4}\n  - prefix: {tokens: 5}\n";
  check({
      {"methods:\n" + both, "",
       "recipe.yaml:1:1: error: 'methods' is missing; add it: at least one method, such as '- NAME: "
       "{options}'"},
      {"methods:\n" + both, "methods: []\n",
       "recipe.yaml:4:10: error: 'methods': found an empty list, expected at least one method, such as '- "
       "NAME: {options}'"},
      {both, "  lora: {rank: 4}\n",
       "recipe.yaml:5:3: error: 'methods': found a map, expected a list; put '- ' before each method"},
      {"lora: {rank: 4}", "{}",
       "recipe.yaml:5:5: error: 'methods.0': found a map, expected the name of a method or a map {name: "
       "{options}}"},
      {"lora: {rank: 4}", "8",
       "recipe.yaml:5:5: error: 'methods.0': found 8, expected the name of a method or a map {name: "
       "{options}}"},
      {"lora: {rank: 4}", "lora: 8", "recipe.yaml:5:11: error: 'lora': found 8, expected a map"},
      {"lora: {rank: 4}", "lora:\n    rank: 4",
       "recipe.yaml:5:5: error: 'methods.0': found the keys 'lora', 'rank', expected one method; if 'rank' "
       "is an option of 'lora', indent it further"},
      {"lora: {rank: 4}", "{lora: {}, prefix: {tokens: 1}}",
       "recipe.yaml:5:5: error: 'methods.0': found the keys 'lora', 'prefix', expected one method; give each "
       "an item of its own"},
      {"prefix: {tokens: 5}", "lora",
       "recipe.yaml:6:5: error: two methods are called 'lora', the first at recipe.yaml:5:5; give one of "
       "them a name of its own with 'name: …'"},
      {"prefix: {tokens: 5}", "prefix: {tokens: 5, name: a/b}",
       "recipe.yaml:6:31: error: 'prefix.name': found 'a/b', expected letters, digits, '_' and '-'"},
      {"prefix: {tokens: 5}", "prefix: {tokens: 5, init_from: nowhere}",
       "recipe.yaml:6:36: error: 'prefix.init_from': there is no nowhere; expected a Hugging Face PEFT "
       "adapter folder or a checkpoint"},
      {"prefix: {tokens: 5}", "prefix: {tokens: 5, learning_rate: 0}",
       "recipe.yaml:6:40: error: 'prefix.learning_rate': found 0, expected a number above 0"},
  });
}

TEST_CASE("Files that are not there are errors, before anything is loaded") {
  check({
      {"weights: model", "weights: modle",
       "recipe.yaml:3:12: error: 'model.weights': there is no folder modle"},
      {"weights: model", "weights: chats.jsonl",
       "recipe.yaml:3:12: error: 'model.weights': chats.jsonl is not a folder"},
      {"weights: model", "weights: model\n  config: {layers: 2}",
       "recipe.yaml:4:11: error: 'model.config': is for weights: random only; a folder of weights has a "
       "config.json of its own"},
      {"weights: model", "weights: model\n  tokenizer: words",
       "recipe.yaml:4:14: error: 'model.tokenizer': there is no folder words"},
      {"source: chats.jsonl", "source: chat.jsonl",
       "recipe.yaml:9:11: error: 'data.source': no such file or folder: chat.jsonl; did you mean "
       "'chats.jsonl'?"},
  });
}

TEST_CASE("A folder without a config.json, and a glob that matches nothing, are no model and no data") {
  const RecipeFixture fixture;
  CHECK_THAT(fixture.complaints(recipe_with("weights: model", "weights: .")),
             Catch::Matchers::StartsWith("recipe.yaml:3:12: error: 'model.weights': the folder ") &&
                 Catch::Matchers::EndsWith("holds no config.json, expected a model in Hugging Face layout"));
  CHECK_THAT(fixture.complaints(recipe_with("chats.jsonl", "'*.csv'")),
             Catch::Matchers::StartsWith("recipe.yaml:9:11: error: 'data.source': "));
  CHECK(fixture.load(recipe_with("chats.jsonl", "'*.jsonl'")).recipe);
}

TEST_CASE("A path that would be right from the working directory is told how to be written") {
  const RecipeFixture fixture;
  const std::filesystem::path here = std::filesystem::current_path();
  std::filesystem::current_path(fixture.folder.path());
  std::filesystem::create_directory("recipes");
  const std::filesystem::path file = "recipes/recipe.yaml";
  fixture.folder.write(file.string(), good_recipe);
  const std::string said = fixture.shown(text(load_recipe(file, {}, fixture.catalogue).diagnostics));
  std::filesystem::current_path(here);
  CHECK(said ==
        "recipes/recipe.yaml:3:12: error: 'model.weights': there is no folder recipes/model; paths in a "
        "recipe are relative to its file, so write '../model'\nrecipes/recipe.yaml:9:11: error: "
        "'data.source': no such file or folder: recipes/chats.jsonl; paths in a recipe are relative to its "
        "file, so write '../chats.jsonl'");
}

TEST_CASE("An address that none can be is refused before anybody is asked") {
  const std::string expected =
      "; expected hub://OWNER/NAME, hub://OWNER/NAME@REVISION or hub://OWNER/NAME/PATH";
  check({
      {"weights: model", "weights: hub://name",
       "recipe.yaml:3:12: error: 'model.weights': 'hub://name': found 'name' alone" + expected},
      {"weights: model", "weights: hub://owner/../name",
       "recipe.yaml:3:12: error: 'model.weights': 'hub://owner/../name': '..' is no name of the hub's" +
           expected},
      {"weights: model", "weights: hub://owner/name/onnx",
       "recipe.yaml:3:12: error: 'model.weights': found the path 'onnx' in the address of a model, expected "
       "hub://owner/name alone"},
      {"source: chats.jsonl", "source: [chats.jsonl, hub://owner/name@a..b/../x]",
       "recipe.yaml:9:25: error: 'data.source': 'hub://owner/name@a..b/../x': '../x' is no path in a "
       "repository" +
           expected},
  });
}

TEST_CASE("Settings without effect are warnings, and the recipe loads") {
  const RecipeFixture fixture;
  const std::string recipe = recipe_with("source:", "validation: 0\n  source:") +
                             "evaluate: {metrics: [bleu], generation: {top_k: 5}}\n";
  const LoadedRecipe loaded = fixture.load(recipe);
  CHECK(loaded.recipe);
  CHECK(fixture.shown(text(loaded.diagnostics)) ==
        "recipe.yaml:9:15: warning: 'evaluate.metrics' has nothing to measure on: 'data.validation' is 0; "
        "hold out a share such as 0.05, or name files\nrecipe.yaml:13:49: warning: "
        "'evaluate.generation.top_k' has no effect: with temperature 0 the likeliest token is taken always; "
        "set a temperature above 0 to sample");
  const LoadedRecipe used =
      load_recipe(fixture.folder.write("used.yaml", recipe), {}, fixture.catalogue, {.needs_data = false});
  CHECK_THAT(text(used.diagnostics), !Contains("nothing to measure on"));
}

TEST_CASE("A sweep is checked for its form") {
  const std::string objective = ", objective: {metric: perplexity, goal: minimize}}\n";
  const RecipeFixture fixture;
  CHECK(fixture
            .load(recipe_with("",
                              "sweep: {search: asha, space: {methods.0.lora.rank: [4, 8], "
                              "train.learning_rate: {log: [1e-5, 1e-3]}}" +
                                  objective))
            .recipe);
  check({
      {"", "sweep: {space: {trian.epochs: [1]}" + objective,
       "recipe.yaml:12:17: error: unknown key 'trian.epochs' in 'sweep.space'; did you mean 'train'?; "
       "expected a path such as train.learning_rate"},
      {"", "sweep: {space: {train.epochs: {log: [0, 3]}}" + objective,
       "recipe.yaml:12:31: error: 'sweep.space.train.epochs': found a map, expected a list of values, {log: "
       "[low, high]} or {linear: [low, high]} with low below high (and above 0 for log)"},
      {"", "sweep: {search: gird" + objective,
       "recipe.yaml:12:8: error: 'sweep.space' is missing; add it: what to vary, such as "
       "{train.learning_rate: [1e-4, 1e-3]}\nrecipe.yaml:12:17: error: 'sweep.search': found 'gird', "
       "expected one of grid, random, asha"},
      {"", "sweep: {space: {train.epochs: [1]}, objective: {metric: bleu, goal: up}}\n",
       "recipe.yaml:12:69: error: 'sweep.objective.goal': found 'up', expected one of minimize, maximize"},
  });
}

TEST_CASE("All mistakes of all files are told at once, in order") {
  const RecipeFixture fixture;
  fixture.folder.write("base.yaml", "train: {epoch: 3}\ndata: {max_length: many}\n");
  CHECK(
      fixture.complaints("extends: base.yaml\nmodel: {family: tniy, weights: nowhere, weights: "
                         "model}\nmethods:\n  - lora: {rnak: 8, alpha: -1, dropout: 012}\n  - prefxi\ndata: "
                         "{dataset: threads, source: [a.jsonl, chats.jsonl]}\noutput: runs/x\n",
                         {"seed=-1", "threads.x=1", "trian.epochs=2"}) ==
      "base.yaml:1:9: error: unknown key 'train.epoch'; did you mean 'epochs'?\nbase.yaml:2:20: error: "
      "'data.max_length': found 'many', expected an integer at least 1; write it without quotes, units and "
      "separators\nrecipe.yaml:1:1: error: 'task' is missing; add it: one of causal_lm\nrecipe.yaml:2:17: "
      "error: unknown model family 'tniy'; did you mean 'tiny'? (there are: gpt2, tiny)\nrecipe.yaml:2:32: "
      "error: "
      "'model.weights': there is no folder nowhere\nrecipe.yaml:2:41: error: the key 'weights' is written "
      "twice in one map, first in line 2; remove one of them\nrecipe.yaml:4:12: error: unknown key "
      "'lora.rnak'; did you mean 'rank'?\nrecipe.yaml:4:28: error: 'lora.alpha': found -1, expected a number "
      "above 0\nrecipe.yaml:4:41: error: found '012', which some readers take for a decimal and others for "
      "an octal number; leave out the leading zeros, or put a text in quotes\nrecipe.yaml:5:5: error: "
      "unknown method 'prefxi'; did you mean 'prefix'? (there are: lora, prefix)\nrecipe.yaml:6:35: error: "
      "'data.source': no such file or folder: a.jsonl\ncommand line: 'seed=-1': error: 'seed': found -1, "
      "expected an integer at least 0\ncommand line: 'threads.x=1': error: 'threads': found a map, expected "
      "auto or an integer from 1 to 1024\ncommand line: 'trian.epochs=2': error: unknown key 'trian'; did "
      "you "
      "mean 'train'?");
}

TEST_CASE("Settings without effect on a method that is not trained are warned of") {
  const RecipeFixture recipes;
  const auto complaints = [&](const std::string& lora) {
    return recipes.complaints(recipe_with("lora: {rank: 4}", "lora: {rank: 4, " + lora + "}"));
  };
  recipes.folder.write("saved.h5", "");
  CHECK(complaints("learning_rate: 1e-3, trainable: false, init_from: saved.h5") ==
        "recipe.yaml:5:36: warning: 'lora.learning_rate' has no effect with 'trainable: false'; leave one of "
        "them out");
  CHECK(complaints("weight_decay: 0.1, trainable: false, init_from: saved.h5") ==
        "recipe.yaml:5:35: warning: 'lora.weight_decay' has no effect with 'trainable: false'; leave one of "
        "them out");
  CHECK(
      complaints("trainable: false") ==
      "recipe.yaml:5:32: warning: 'lora.trainable' is false and there is no 'init_from': the method stays as "
      "it starts");
  CHECK(complaints("trainable: false, init_from: saved.h5").empty());
  CHECK(complaints("learning_rate: 1e-3, weight_decay: 0.1").empty());
}
