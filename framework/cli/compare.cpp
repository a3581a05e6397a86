// peft-host compare: base and tuned models side by side.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <utility>

#include "base/json.h"
#include "base/utf8.h"
#include "cli/adapter_choices.h"
#include "cli/engine_library.h"
#include "cli/fetch_recipe.h"
#include "cli/generation_flags.h"
#include "cli/line_reader.h"
#include "cli/observers.h"
#include "cli/recipe_argument.h"
#include "cli/results.h"
#include "cli/shown_text.h"
#include "cli/side_by_side.h"
#include "cli/signals.h"
#include "cli/verb_options.h"
#include "cli/verbs.h"
#include "peft/error.h"

namespace peft::host {
namespace {

// A model's answers to all prompts.
struct Answers {
  std::string who;
  std::vector<std::string> texts;
};

// A prompt a line; blank lines separate nothing.
std::vector<std::string> read_prompts(const std::string& name) {
  std::ifstream file;
  if (name != "-") {
    file.open(name);
    if (!file) throw UsageError("--prompts: cannot read '" + name + "'");
  }
  std::istream& from = name == "-" ? std::cin : file;
  std::vector<std::string> prompts;
  std::string line;
  for (int64_t number = 1; std::getline(from, line); ++number) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    const size_t valid = valid_utf8_prefix(line);
    if (valid < line.size()) {
      throw UsageError(name + ":" + std::to_string(number) + ":" + std::to_string(valid + 1) +
                       ": error: found a byte that is no UTF-8, expected text in UTF-8");
    }
    if (!line.empty()) prompts.push_back(line);
  }
  if (prompts.empty()) throw UsageError("--prompts: found no prompt in '" + name + "', expected one a line");
  return prompts;
}

// Runs whose bases answer alike.
std::string base_of(const Recipe& recipe) {
  return recipe.model.weights + "\n" + dump_json(to_value(recipe.data.conversation_template)) + "\n" +
         recipe.dtype;
}

class Comparison {
 public:
  Comparison(std::vector<std::string> prompts, std::vector<Answers> answers, bool blind)
      : prompts_(std::move(prompts)), answers_(std::move(answers)), blind_(blind) {
    std::mt19937_64 generator(std::random_device{}());
    for (size_t p = 0; p < prompts_.size(); ++p) {
      std::vector<size_t> order(answers_.size());
      for (size_t i = 0; i < order.size(); ++i) order[i] = i;
      if (blind_) std::shuffle(order.begin(), order.end(), generator);
      orders_.push_back(std::move(order));
    }
  }

  Value value() const {
    Value::List all;
    for (size_t p = 0; p < prompts_.size(); ++p) {
      Value answers = Value::Map{};
      Value key = Value::Map{};
      for (size_t i = 0; i < answers_.size(); ++i) {
        const Answers& model = answers_[orders_[p][i]];
        answers.set(title(p, i), model.texts[p]);
        key.set(title(p, i), model.who);
      }
      Value one = Value::Map{{"prompt", prompts_[p]}, {"answers", answers}};
      if (blind_) one.set("key", key);
      all.push_back(std::move(one));
    }
    return all;
  }

  // On a terminal a blind comparison asks which answer is the best, prompt by prompt.
  void show() const {
    LineReader best("best (a letter, or nothing): ");
    const bool asks = blind_ && best.is_terminal();
    std::map<std::string, int64_t> chosen;
    std::string keys;
    for (size_t p = 0; p < prompts_.size(); ++p) {
      if (p > 0) std::cout << "\n";
      std::cout << p + 1 << "/" << prompts_.size() << "  " << without_controls(prompts_[p]) << "\n";
      std::vector<Column> columns;
      std::string key;
      for (size_t i = 0; i < answers_.size(); ++i) {
        const Answers& model = answers_[orders_[p][i]];
        columns.push_back({title(p, i), model.texts[p]});
        key += (key.empty() ? "" : ", ") + title(p, i) + " " + model.who;
      }
      std::cout << side_by_side(columns, output_width()) << std::flush;
      keys += "  " + std::to_string(p + 1) + ": " + key + "\n";
      if (asks && !ask(best, p, chosen)) break;
    }
    if (!blind_) return;
    std::cout << "\nwhich was which\n" << keys;
    for (const auto& [who, times] : chosen) std::cout << who << " chosen " << times << " times\n";
  }

 private:
  std::string title(size_t p, size_t i) const {
    return blind_ ? std::string(1, static_cast<char>('A' + i)) : answers_[orders_[p][i]].who;
  }

  // False at the end of the input.
  bool ask(LineReader& reader, size_t p, std::map<std::string, int64_t>& chosen) const {
    for (;;) {
      const std::optional<std::string> line = reader.next();
      if (!line) return false;
      if (line->empty()) return true;
      const auto choice = static_cast<size_t>((line->front() | 0x20) - 'a');
      if (line->size() == 1 && choice < answers_.size()) {
        ++chosen[answers_[orders_[p][choice]].who];
        return true;
      }
      std::cerr << "found '" << *line << "', expected a letter from A to " << title(p, answers_.size() - 1)
                << "\n";
    }
  }

  std::vector<std::string> prompts_;
  std::vector<Answers> answers_;
  bool blind_;
  std::vector<std::vector<size_t>> orders_;  // of each prompt, which model stands where
};

}  // namespace

ExitCode compare(const Invocation& invocation) {
  VerbOptions options(invocation);
  std::optional<std::string> prompts_file;
  bool blind = false;
  bool json = false;
  options.text("prompts", "FILE", prompts_file,
               "a prompt a line, - reads standard input; without it the first run's evaluate.prompts");
  options.flag("blind", blind, "as A, B, … in an order of chance; which was which is told at the end");
  std::vector<std::string> adapters;
  options.texts("adapters", "A,B=0.5", adapters,
                "these on the first run's base, by the weights behind '='; may be given several times");
  const GenerationFlags flags(options);
  options.flag("json", json, "the answers as JSON");
  const auto words = options.parse();
  if (!words) return ExitCode::done;
  std::vector<std::vector<AdapterChoice>> stacks;
  for (const std::string& stack : adapters) stacks.push_back(parse_adapters(stack));
  // Without a run, the first adapter's base is the base of all.
  std::vector<std::string> runs = *words;
  if (runs.empty() && !stacks.empty()) runs.push_back(stacks.front().front().source);
  if (runs.empty()) throw UsageError("found no RUN, expected the folder of one or more");

  const PluginCatalogue catalogue = find_catalogue(options.plugin_folders);
  catalogue.throw_if_problems();
  std::vector<Recipe> recipes;
  for (const std::string& run : runs)
    recipes.push_back(load_run({run, {}}, catalogue, {.needs_data = false}));
  const std::vector<std::string> prompts =
      prompts_file ? read_prompts(*prompts_file) : recipes.front().evaluate.prompts;
  if (prompts.empty()) {
    throw UsageError("found no evaluate.prompts in the recipe of '" + runs.front() +
                     "', expected --prompts FILE then");
  }

  catch_interruptions("\ninterrupted\n");
  const std::unique_ptr<Observer> observer = make_observer();
  for (Recipe& recipe : recipes)
    if (!fetch_recipe_or_throw(recipe, {.needs_data = false}, catalogue, *observer))
      return ExitCode::interrupted;
  const std::unique_ptr<Engine> engine = open_engine(catalogue);
  std::vector<Answers> answers;
  std::vector<std::string> bases;
  for (size_t i = 0; i < recipes.size(); ++i) {
    const std::unique_ptr<OpenRun> run =
        engine->open(recipes[i], flags.settings(recipes[i].evaluate.generation), words->empty(), *observer);
    const auto ask = [&](const std::string& who, bool base) {
      auto texts = run->answers(prompts, base, *observer);
      if (texts) answers.push_back({who, std::move(*texts)});
      return texts.has_value();
    };
    if (std::find(bases.begin(), bases.end(), base_of(recipes[i])) == bases.end()) {
      bases.push_back(base_of(recipes[i]));
      if (!ask(bases.size() == 1 ? "base" : "base of " + runs[i], true)) return ExitCode::interrupted;
    }
    if (!words->empty() && !ask(runs[i], false)) return ExitCode::interrupted;
    if (i > 0) continue;
    for (const std::vector<AdapterChoice>& stack : stacks) {
      run->use(stack, *observer);
      if (!ask(adapters_text(stack), false)) return ExitCode::interrupted;
    }
  }
  const Comparison comparison(prompts, std::move(answers), blind);
  if (json) {
    print_json(comparison.value());
  } else {
    comparison.show();
  }
  return ExitCode::done;
}

}  // namespace peft::host
