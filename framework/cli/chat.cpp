// peft-host chat: a conversation with a run, a message a line.
#include <filesystem>
#include <iostream>
#include <utility>

#include "cli/adapter_choices.h"
#include "cli/engine_library.h"
#include "cli/errors.h"
#include "cli/fetch_recipe.h"
#include "cli/generation_flags.h"
#include "cli/line_reader.h"
#include "cli/observers.h"
#include "cli/recipe_argument.h"
#include "cli/results.h"
#include "cli/signals.h"
#include "cli/verb_options.h"
#include "cli/verbs.h"
#include "peft/error.h"

namespace peft::host {
namespace {

struct Speaker {
  const char* name;
  bool base;
};

const Speaker base_speaker{"base", true};
const Speaker tuned_speaker{"tuned", false};

constexpr std::string_view commands =
    "/new begins anew; /base, /tuned and /both say who answers; /adapters lists what is loaded,\n"
    "/adapters A,B=0.5 lets these answer; the end of input (Ctrl-D) leaves.\n";

// "/bse", "/help": what a user means as a command. "/etc/hosts" is no single word.
bool looks_like_command(std::string_view line) {
  return line.starts_with('/') && line.substr(0, line.find(' ')).find('/', 1) == std::string_view::npos;
}

class Chat {
 public:
  // `has_tuned`: there is something tuned to answer, from the beginning.
  Chat(OpenRun& run, std::vector<Speaker> speakers, bool has_tuned, bool json, Observer& observer)
      : run_(run), speakers_(std::move(speakers)), has_tuned_(has_tuned), json_(json), observer_(observer) {}

  void talk() {
    if (lines_.is_terminal()) std::cerr << "A message a line. " << commands;
    while (const std::optional<std::string> line = lines_.next()) {
      if (!line->empty() && !obeyed(*line)) answer(*line);
    }
    if (lines_.is_terminal()) std::cerr << "\n";
  }

 private:
  static constexpr std::string_view adapters_command = "/adapters ";

  // Was it a command? A slip is told on terminals; through a pipe, whatever is none is a message.
  bool obeyed(const std::string& line) {
    if (line == "/new") {
      conversation_ = {};
    } else if (line == "/base") {
      speakers_ = {base_speaker};
    } else if (line == "/tuned") {
      let_tuned_answer({tuned_speaker});
    } else if (line == "/both") {
      let_tuned_answer({base_speaker, tuned_speaker});
    } else if (line == "/adapters") {
      if (speakers_.size() == 1 && speakers_.front().base) std::cerr << "the base alone answers\n";
      std::cerr << adapters_table(run_.adapters());
    } else if (line.starts_with(adapters_command)) {
      attempt([&] { switch_to(line.substr(adapters_command.size())); });
    } else if (lines_.is_terminal() && looks_like_command(line)) {
      std::cerr << (line == "/help" ? "" : "no command is called '" + line + "'\n") << commands;
    } else {
      return false;
    }
    return true;
  }

  // What cannot be done is told, and nothing has changed: on a terminal the user tries again; through a pipe,
  // what follows was meant for adapters that are not there.
  template <class Command>
  void attempt(const Command& command) {
    try {
      command();
    } catch (const Error& error) {
      if (!lines_.is_terminal()) throw;
      std::cerr << error_text(error.what());
    }
  }

  // The conversation goes on.
  void switch_to(const std::string& adapters) {
    run_.use(parse_adapters(adapters), observer_);
    has_tuned_ = true;
    if (speakers_.size() == 1) speakers_ = {tuned_speaker};
  }

  void let_tuned_answer(std::vector<Speaker> speakers) {
    attempt([&] {
      if (!has_tuned_) {
        throw UsageError("found nothing tuned to answer; /adapters RUN loads what a run has trained");
      }
      speakers_ = std::move(speakers);
    });
  }

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
  bool has_tuned_;
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
  std::optional<std::string> adapters;
  options.text("adapters", "A,B=0.5", adapters, adapters_doc);
  options.flag("base", base, "talk to the base model, without what was tuned");
  options.flag("compare", compare, "both answer; the conversation goes on from the tuned model's answers");
  const GenerationFlags flags(options);
  options.flag("json", json, "each exchange as a line of JSON");
  options.remark(
      "Messages come from standard input: typed, a line each, or through a pipe. With --base or\n"
      "--adapters RUN may be a recipe that has not been run yet. Some lines are commands:\n" +
      std::string(commands));
  const auto words = options.parse();
  if (!words) return ExitCode::done;

  const PluginCatalogue catalogue = find_catalogue(options.plugin_folders);
  catalogue.throw_if_problems();
  const std::vector<AdapterChoice> chosen =
      adapters ? parse_adapters(*adapters) : std::vector<AdapterChoice>();
  const RecipeArgument argument{run_or_first_adapter(*words, chosen), {}};
  const bool needs_own = chosen.empty() && (!base || compare);
  const bool is_recipe = !needs_own && std::filesystem::is_regular_file(argument.path);
  Recipe recipe = is_recipe ? load_recipe_or_throw(argument, catalogue, {.needs_data = false})
                            : load_run(argument, catalogue, {.needs_data = false});
  const std::unique_ptr<Observer> observer = make_observer();
  fetch_recipe_or_throw(recipe, {.needs_data = false}, catalogue, *observer);
  const std::unique_ptr<Engine> engine = open_engine(catalogue);
  const std::unique_ptr<OpenRun> run = engine->open(recipe, flags.settings(recipe.evaluate.generation),
                                                    is_recipe || !chosen.empty(), *observer);
  if (!chosen.empty()) run->use(chosen, *observer);
  std::vector<Speaker> speakers;
  if (base || compare) speakers.push_back(base_speaker);
  if (!base || compare) speakers.push_back(tuned_speaker);
  const bool has_tuned = !is_recipe || !chosen.empty();
  Chat(*run, std::move(speakers), has_tuned, json, *observer).talk();
  return ExitCode::done;
}

}  // namespace peft::host
