// An engine that computes nothing, for tests of the command line. FAKE_ENGINE in the environment says how it
// behaves.
#include <csignal>
#include <cstdlib>
#include <limits>
#include <new>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>

#include "engine/engine.h"
#include "peft/error.h"

namespace {

using namespace peft;
using namespace peft::host;

std::string behaviour() {
  const char* value = std::getenv("FAKE_ENGINE");
  return value != nullptr ? value : "";
}

void misbehave() {
  if (behaviour() == "usage error") throw UsageError("recipe.yaml:3:5: error: found x, expected y");
  if (behaviour() == "error") throw Error("the disk is full");
  if (behaviour() == "out of memory") throw std::bad_alloc();
  if (behaviour() == "unexpected") throw std::logic_error("a bug");
  if (behaviour() == "no exception") throw 42;
}

EvaluationTable table() {
  EvaluationTable table;
  table.rows = {{"perplexity", 40.0, 30.0, true},
                {"bleu", 2.0, 1.0, false},
                {"odd", std::numeric_limits<double>::quiet_NaN(), 1.0, false}};
  table.examples = 100;
  table.trainable_parameters = 1769472;
  table.total_parameters = 356592640;
  table.signatures = {"bleu: nrefs:1"};
  table.samples = {{"Hello", "base says", "tuned\nsays"}};
  return table;
}

// Says what it was asked.
class FakeRun : public OpenRun {
 public:
  FakeRun(std::string folder, RecipeGeneration generation)
      : folder_(std::move(folder)), generation_(std::move(generation)) {}

  void use(const std::vector<AdapterChoice>& adapters, Observer&) override {
    if (adapters.front().source == "strange") throw Error("strange: was trained on another base");
    adapters_ = adapters;
  }

  std::vector<LoadedAdapter> adapters() const override {
    std::vector<LoadedAdapter> loaded;
    for (const AdapterChoice& adapter : adapters_) {
      loaded.push_back({.name = adapter.source,
                        .weight = adapter.weight,
                        .methods = {"lora", "prefix"},
                        .parameters = 1234,
                        .virtual_tokens = 20});
    }
    return loaded;
  }

  Answer answer(const Conversation& conversation, bool base, bool stream, Observer& observer) override {
    misbehave();
    std::string text = base ? "base of" : adapters_.empty() ? "tuned to" : "adapters" + names() + " to";
    for (const Turn& turn : conversation.turns) text += " " + turn.role + "=" + turn.content;
    text += " temperature=" + std::to_string(static_cast<int>(generation_.temperature));
    if (stream) observer.on_text(text);
    return {text, true};
  }

  std::optional<std::vector<std::string>> answers(const std::vector<std::string>& prompts, bool base,
                                                  Observer&) override {
    misbehave();
    if (behaviour() == "interrupt") return {};
    std::vector<std::string> texts;
    for (const std::string& prompt : prompts)
      texts.push_back((base ? "base: " : folder_ + names() + ": ") + prompt);
    return texts;
  }

 private:
  // " A B*0.5"
  std::string names() const {
    std::ostringstream text;
    for (const AdapterChoice& adapter : adapters_) {
      text << " " << adapter.source;
      if (adapter.weight != 1.0) text << "*" << adapter.weight;
    }
    return text.str();
  }

  std::string folder_;
  RecipeGeneration generation_;
  std::vector<AdapterChoice> adapters_;
};

class FakeEngine : public Engine {
 public:
  RunOutcome run(const Recipe& recipe, const RunOptions& options, Observer& observer) override {
    misbehave();
    observer.note(options.resume ? "resumed" : "from the start");
    StepLine line;
    line.total_steps = 4;
    RunOutcome outcome;
    outcome.folder = recipe.output;
    outcome.total_steps = line.total_steps;
    for (line.step = 1; line.step <= line.total_steps; ++line.step) {
      observer.on_step(line);
      outcome.step = line.step;
      if (behaviour() == "interrupt" || behaviour() == "interrupt twice") std::raise(SIGINT);
      if (behaviour() == "interrupt twice") std::raise(SIGTERM);
      if (!observer.interrupted()) continue;
      outcome.interrupted = true;
      outcome.checkpoint = outcome.folder / "checkpoints/step-000001.h5";
      return outcome;
    }
    outcome.evaluation = table();
    return outcome;
  }

  ValidateOutcome validate(const Recipe& recipe, Observer&) override {
    misbehave();
    ValidateOutcome outcome;
    if (behaviour() == "diagnostic") {
      outcome.diagnostics.push_back(
          {Diagnostic::Severity::error, recipe.where("methods.0.lora.targets"), "no site matches"});
      return outcome;
    }
    Preflight preflight;
    preflight.methods = {{"lora", "lora", 1000000, 0}, {"prefix", "prefix", 769472, 20}};
    preflight.trainable_parameters = 1769472;
    preflight.total_parameters = 356592640;
    preflight.virtual_tokens = 20;
    preflight.positions = 1024;
    preflight.max_length = 512;
    preflight.memory_estimate_bytes = 3'000'000'000;
    preflight.memory_limit_bytes = 8'000'000'000;
    preflight.tokens_per_microbatch = 1024;
    preflight.example = {{"### Assistant:", false}, {" Hi", true}, {" there", true}, {"\n", false}};
    outcome.preflight = preflight;
    return outcome;
  }

  std::optional<EvaluationTable> evaluate(const Recipe& recipe, Observer& observer) override {
    misbehave();
    observer.note("evaluates " + recipe.output);
    if (behaviour() == "interrupt") return std::nullopt;
    return table();
  }

  std::vector<std::string> generate(const Recipe&, const GenerateRequest& request, Observer&) override {
    misbehave();
    std::ostringstream text;
    text << "prompt=" << request.prompt << " temperature=" << request.generation.temperature
         << " top_k=" << request.generation.top_k << " max_new_tokens=" << request.generation.max_new_tokens
         << " base=" << request.base << " raw=" << request.raw;
    for (const AdapterChoice& adapter : request.adapters) {
      text << " " << adapter.source << "=" << adapter.weight;
    }
    return std::vector<std::string>(static_cast<size_t>(request.samples), text.str());
  }

  std::unique_ptr<OpenRun> open(const Recipe& recipe, const RecipeGeneration& generation, bool,
                                Observer&) override {
    return std::make_unique<FakeRun>(std::filesystem::path(recipe.output).filename().string(), generation);
  }

  ExportOutcome export_run(const Recipe&, const ExportRequest& request, Observer&) override {
    misbehave();
    return {{request.to / "lora"}, {"prefix stands beside"}};
  }
};

}  // namespace

extern "C" __attribute__((visibility("default"))) Engine* peft_make_engine(const PluginCatalogue&) {
  return new FakeEngine;
}
