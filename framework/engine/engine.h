// The engine as the command line sees it: everything that computes, behind one interface without LibTorch in
// it, so that a program can open the engine's library only when a verb needs it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/evaluation_table.h"
#include "peft/example.h"
#include "peft/value.h"
#include "plugin/plugin_catalogue.h"
#include "recipe/diagnostics.h"
#include "recipe/recipe.h"

namespace peft::host {

// One optimiser step, as it stands in metrics.jsonl.
struct StepLine {
  int64_t step = 0;
  int64_t total_steps = 0;
  double epoch = 0.0;
  double loss = 0.0;
  double learning_rate = 0.0;
  int64_t tokens = 0;
  double tokens_per_second = 0.0;
  double seconds = 0.0;
  int64_t peak_memory_bytes = 0;
  double gradient_norm = 0.0;
  std::optional<double> penalty;  // beside the loss; nothing where no method has one
  double seconds_left = 0.0;
};

// Bytes on their way from the hub.
struct TransferLine {
  std::string what;  // "openai-community/gpt2-medium"
  int64_t done = 0;
  int64_t total = 0;
  double bytes_per_second = 0.0;  // 0: not known yet
  double seconds_left = -1.0;     // below 0: not known yet
};

// Who watches the engine work. Calls come from the calling thread, in order.
class Observer {
 public:
  virtual ~Observer() = default;
  // A line about what was found or done: "trainable parameters: 1,769,472 of 356,592,640 (0.50 %)".
  virtual void note(const std::string& text) = 0;
  // Something the user should know and may want to change. The framework never prints.
  virtual void warning(const std::string& text) = 0;
  virtual void on_step(const StepLine& line) = 0;
  // Figures of an evaluation in the middle of a run.
  virtual void on_evaluation(int64_t step, const std::map<std::string, double>& figures) = 0;
  // Long work other than training: "tokenising", "evaluating base". `total` is 0 where it is not known.
  virtual void on_progress(std::string_view what, int64_t done, int64_t total) = 0;
  virtual void on_transfer(const TransferLine&) {}
  // Generated text as it comes; whole characters only.
  virtual void on_text(std::string_view text) = 0;
  // Asked often. Once true, the engine saves what there is to save and comes back.
  virtual bool interrupted() const = 0;
};

struct RunOutcome {
  bool interrupted = false;  // a checkpoint was saved; --resume goes on from it
  std::filesystem::path folder;
  std::filesystem::path checkpoint;  // the last one
  int64_t step = 0;
  int64_t total_steps = 0;
  bool makes_text = true;                     // the verbs that generate have a meaning for it
  std::optional<EvaluationTable> evaluation;  // of a run that was finished
};

// What `validate` finds out where nothing is wrong.
struct Preflight {
  struct Method {
    std::string name;
    std::string plugin;
    int64_t trainable_parameters = 0;
    int64_t virtual_tokens = 0;
  };
  std::vector<Method> methods;
  int64_t trainable_parameters = 0;
  int64_t total_parameters = 0;
  int64_t virtual_tokens = 0;
  int64_t positions = 0;  // the model has; 0: no limit
  int64_t max_length = 0;
  int64_t training_examples = 0;
  int64_t validation_examples = 0;
  int64_t steps_per_epoch = 0;
  int64_t total_steps = 0;
  int64_t longest_example = 0;        // tokens
  int64_t memory_estimate_bytes = 0;  // the peak of the whole run; 0: not known on this device
  int64_t memory_limit_bytes = 0;
  int64_t tokens_per_microbatch = 0;  // 0: batches are computed whole
  std::vector<std::string> notes;     // counted and skipped rows, ignored tensors
  struct Piece {
    std::string text;
    bool trained = false;
  };
  std::vector<Piece> example;  // the first training example, rendered
  std::string label;           // its label's name, of a task that labels; else empty
};

struct ValidateOutcome {
  std::vector<Diagnostic> diagnostics;
  std::optional<Preflight> preflight;  // nothing where there are errors
};

// An adapter that a user names, and how much of it acts: by 1 as it was trained, by 0.5 half of what it
// changes.
struct AdapterChoice {
  std::string source;  // a run's folder, a checkpoint, or an adapter folder of Hugging Face PEFT
  double weight = 1.0;
};

struct GenerateRequest {
  std::string prompt;
  bool base = false;                      // with no set active
  std::vector<AdapterChoice> adapters{};  // where not empty, in the place of the run's own
  bool raw = false;                       // the prompt as it stands, without the run's template
  RecipeGeneration generation;
  int64_t samples = 1;
  bool stream = false;  // through Observer::on_text
};

// An adapter that is in memory.
struct LoadedAdapter {
  std::string name;                    // as it was first asked for
  double weight = 0.0;                 // 0: it does not act
  std::vector<std::string> methods{};  // by their names
  int64_t parameters = 0;
  int64_t virtual_tokens = 0;
};

struct Answer {
  std::string text;
  bool is_finished = false;  // the model ended it; else it was cut off
};

// A run whose model stays in memory: what is asked of it is answered at once.
class OpenRun {
 public:
  virtual ~OpenRun() = default;
  // These act from now on in the place of those that did, the run's own at first; what is not in memory is
  // loaded, beside what is. Throws as the engine's verbs do, and then nothing has changed.
  virtual void use(const std::vector<AdapterChoice>& adapters, Observer& observer) = 0;
  virtual std::vector<LoadedAdapter> adapters() const = 0;
  // To a conversation that ends in a user's turn; by the base where asked for, else with what acts.
  // Whole turns are dropped from its front where it is too long. Streamed through Observer::on_text where
  // asked for.
  virtual Answer answer(const Conversation& conversation, bool base, bool stream, Observer& observer) = 0;
  // To each prompt as a conversation of its own. Nothing where interrupted.
  virtual std::optional<std::vector<std::string>> answers(const std::vector<std::string>& prompts, bool base,
                                                          Observer& observer) = 0;
};

enum class ExportFormat { peft, merged };

struct ExportRequest {
  std::filesystem::path to;
  ExportFormat format = ExportFormat::peft;
  std::optional<std::string> dtype;  // of a merged model's weights; nothing: the recipe's
};

struct ExportOutcome {
  std::vector<std::filesystem::path> folders;  // what was written, a model first
  std::vector<std::string> notes;              // what could not be merged, and how good what could be is
};

struct RunOptions {
  bool resume = false;
};

class Engine {
 public:
  virtual ~Engine() = default;
  // Each throws `peft::UsageError` (exit 2) or `peft::Error` (exit 1). A run's folder holds the recipe that
  // `folder`-verbs use.
  virtual RunOutcome run(const Recipe& recipe, const RunOptions& options, Observer& observer) = 0;
  virtual ValidateOutcome validate(const Recipe& recipe, Observer& observer) = 0;
  // Of a run's folder: its newest checkpoint against its base. Writes evaluation.json and samples.jsonl
  // there. Nothing, and nothing written, where it was interrupted.
  virtual std::optional<EvaluationTable> evaluate(const Recipe& recipe, Observer& observer) = 0;
  // One text for each sample.
  virtual std::vector<std::string> generate(const Recipe& recipe, const GenerateRequest& request,
                                            Observer& observer) = 0;
  // With `base_only` the recipe need not have been run: its own adapter is not loaded.
  virtual std::unique_ptr<OpenRun> open(const Recipe& recipe, const RecipeGeneration& generation,
                                        bool base_only, Observer& observer) = 0;
  virtual ExportOutcome export_run(const Recipe& recipe, const ExportRequest& request,
                                   Observer& observer) = 0;
};

// What the engine's library exports, under `engine_entry_point`. The catalogue must outlive the engine.
using MakeEngine = Engine* (*)(const PluginCatalogue& catalogue);
inline constexpr const char* engine_entry_point = "peft_make_engine";

// A run's folder: recipe.yaml, metrics.jsonl, evaluation.json, samples.jsonl, checkpoints/.
inline constexpr const char* recipe_file_name = "recipe.yaml";

}  // namespace peft::host
