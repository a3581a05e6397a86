// peft-host generate: a continuation, and nothing else, on stdout.
#include <unistd.h>

#include <iostream>
#include <iterator>

#include "base/utf8.h"
#include "cli/adapter_choices.h"
#include "cli/engine_library.h"
#include "cli/fetch_recipe.h"
#include "cli/generation_flags.h"
#include "cli/observers.h"
#include "cli/recipe_argument.h"
#include "cli/results.h"
#include "cli/signals.h"
#include "cli/verb_options.h"
#include "cli/verbs.h"
#include "peft/error.h"

namespace peft::host {
namespace {

// `-` is standard input, without the newline that ends it.
std::string prompt_text(const std::optional<std::string>& given) {
  if (!given) throw UsageError("found no --prompt, expected one (--prompt - reads standard input)");
  std::string prompt = *given;
  if (prompt == "-") {
    prompt.assign(std::istreambuf_iterator<char>(std::cin), {});
    if (!prompt.empty() && prompt.back() == '\n') prompt.pop_back();
  }
  const size_t valid = valid_utf8_prefix(prompt);
  if (valid < prompt.size()) {
    throw UsageError("--prompt: found byte " + std::to_string(valid + 1) +
                     " that is no UTF-8, expected a text in UTF-8");
  }
  return prompt;
}

OptionSpec samples_spec() {
  OptionSpec spec;
  spec.name = "samples";
  spec.type = OptionType::integer;
  spec.range = at_least(1);
  spec.doc = "so many continuations, one after the other";
  return spec;
}

void print_texts(const std::vector<std::string>& texts) {
  for (size_t i = 0; i < texts.size(); ++i) {
    // Beside the results: a file of them holds continuations alone.
    if (texts.size() > 1) std::cerr << "-- sample " << i + 1 << " of " << texts.size() << std::endl;
    std::cout << texts[i] << std::endl;
  }
}

}  // namespace

ExitCode generate(const Invocation& invocation) {
  VerbOptions options(invocation);
  GenerateRequest request;
  std::optional<std::string> prompt;
  Value counts = Value::Map{};
  bool json = false;
  options.text("prompt", "TEXT", prompt, "what to continue; - reads standard input");
  options.flag("base", request.base, "the base model, without what was tuned");
  options.flag("raw", request.raw, "the prompt as it stands, without the run's template");
  std::optional<std::string> adapters;
  options.text("adapters", "A,B=0.5", adapters, adapters_doc);
  const GenerationFlags flags(options);
  options.value(samples_spec(), counts);
  options.remark(
      "Greedy, unless --temperature, --top-k, --top-p, --seed or more than one of --samples is given: then "
      "at\n"
      "temperature 1 unless told otherwise. --max-new-tokens and --repetition-penalty are the recipe's "
      "unless given.");
  options.flag("json", json, "the continuations as a JSON list");
  const auto words = options.parse();
  if (!words) return ExitCode::done;

  if (adapters) request.adapters = parse_adapters(*adapters);
  if (adapters && request.base) throw UsageError("found --base and --adapters, expected one of them");
  const std::string run_folder = run_or_first_adapter(*words, request.adapters);
  request.prompt = prompt_text(prompt);
  if (const Value* samples = counts.find("samples")) request.samples = samples->as_integer();
  const PluginCatalogue catalogue = find_catalogue(options.plugin_folders);
  catalogue.throw_if_problems();
  Recipe recipe = load_run({run_folder, {}}, catalogue, {.needs_data = false});
  request.generation = flags.settings(recipe.evaluate.generation, request.samples > 1);
  // To a reader who waits, as it comes.
  request.stream = request.samples == 1 && !json && ::isatty(STDOUT_FILENO) == 1;

  catch_interruptions();
  const std::unique_ptr<Observer> observer = make_observer();
  if (!fetch_recipe_or_throw(recipe, {.needs_data = false}, catalogue, *observer))
    return ExitCode::interrupted;
  const std::unique_ptr<Engine> engine = open_engine(catalogue);
  const std::vector<std::string> texts = engine->generate(recipe, request, *observer);
  if (json) {
    print_json(Value::List(texts.begin(), texts.end()));
  } else if (request.stream) {
    std::cout << "\n";
  } else {
    print_texts(texts);
  }
  return interrupted() ? ExitCode::interrupted : ExitCode::done;
}

}  // namespace peft::host
