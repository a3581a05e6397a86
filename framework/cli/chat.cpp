// peft-host chat: a conversation with a run, a message a line.
#include <filesystem>
#include <iostream>
#include <utility>

#include "cli/engine_library.h"
#include "cli/fetch_recipe.h"
#include "cli/generation_flags.h"
#include "cli/line_reader.h"
#include "cli/observers.h"
#include "cli/recipe_argument.h"
#include "cli/results.h"
#include "cli/signals.h"
#include "cli/verb_options.h"
#include "cli/verbs.h"

namespace peft::host {
namespace {

struct Speaker {
  const char* name;
  bool base;
};

class Chat {
 public:
  Chat(OpenRun& run, std::vector<Speaker> speakers, bool json, Observer& observer)
      : run_(run), speakers_(std::move(speakers)), json_(json), observer_(observer) {}

  void talk() {
    if (lines_.is_terminal())
      std::cerr << "A message a line; /new begins anew, the end of input (Ctrl-D) leaves.\n";
    while (const std::optional<std::string> line = lines_.next()) {
      if (line->empty()) continue;
      if (*line == "/new") {
        conversation_ = {};
      } else {
        answer(*line);
      }
    }
    if (lines_.is_terminal()) std::cerr << "\n";
  }

 private:
  // The last speaker's answer is what the conversation goes on from.
  void answer(const std::string& message) {
    conversation_.turns.push_back({.role = "user", .content = message});
    Value said = Value::Map{{"user", message}};
    Answer last;
    for (const Speaker& speaker : speakers_) {
      last = answer_of(speaker);
      said.set(speaker.name, last.text);
    }
    conversation_.turns.push_back({.role = "assistant", .content = last.text});
    if (json_) print_json_line(said);
  }

  // Interrupted, an answer ends where it is; between answers an interruption ends the program.
  Answer answer_of(const Speaker& speaker) {
    const bool streams = !json_;
    // Who speaks is no part of a single speaker's answer: a file of them holds answers alone.
    if (streams && (lines_.is_terminal() || speakers_.size() > 1))
      std::cout << speaker.name << "> " << std::flush;
    catch_interruptions("");
    const Answer answer = run_.answer(conversation_, speaker.base, streams, observer_);
    const bool was_interrupted = interrupted();
    stop_catching_interruptions();
    if (streams) std::cout << std::endl;
    if (lines_.is_terminal() && !answer.is_finished)
      std::cerr << (was_interrupted ? "(interrupted)\n" : "(cut off at --max-new-tokens)\n");
    return answer;
  }

  OpenRun& run_;
  std::vector<Speaker> speakers_;
  bool json_;
  Observer& observer_;
  LineReader lines_{"you> "};
  Conversation conversation_;
};

}  // namespace

ExitCode chat(const Invocation& invocation) {
  VerbOptions options(invocation);
  bool base = false;
  bool compare = false;
  bool json = false;
  options.flag("base", base, "talk to the base model, without what was tuned");
  options.flag("compare", compare, "both answer; the conversation goes on from the tuned model's answers");
  const GenerationFlags flags(options);
  options.flag("json", json, "each exchange as a line of JSON");
  options.remark(
      "Messages come from standard input: typed, a line each, or through a pipe. With --base RUN may be a\n"
      "recipe that has not been run yet.");
  const auto words = options.parse();
  if (!words) return ExitCode::done;

  const PluginCatalogue catalogue = find_catalogue(options.plugin_folders);
  catalogue.throw_if_problems();
  const RecipeArgument argument{only_argument(*words, "RUN"), {}};
  const bool is_recipe = base && !compare && std::filesystem::is_regular_file(argument.path);
  Recipe recipe = is_recipe ? load_recipe_or_throw(argument, catalogue, {.needs_data = false})
                            : load_run(argument, catalogue, {.needs_data = false});
  const std::unique_ptr<Observer> observer = make_observer();
  fetch_recipe_or_throw(recipe, {.needs_data = false}, catalogue, *observer);
  const std::unique_ptr<Engine> engine = open_engine(catalogue);
  const std::unique_ptr<OpenRun> run =
      engine->open(recipe, flags.settings(recipe.evaluate.generation), is_recipe, *observer);
  std::vector<Speaker> speakers;
  if (base || compare) speakers.push_back({"base", true});
  if (!base || compare) speakers.push_back({"tuned", false});
  Chat(*run, std::move(speakers), json, *observer).talk();
  return ExitCode::done;
}

}  // namespace peft::host
