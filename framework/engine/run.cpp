#include "engine/run.h"

#include <filesystem>
#include <optional>
#include <utility>

#include "base/figures.h"
#include "base/files.h"
#include "base/shell.h"
#include "checkpoint/commit.h"
#include "checkpoint/load.h"
#include "engine/adapters.h"
#include "engine/answering.h"
#include "engine/check_evaluation.h"
#include "engine/environment.h"
#include "engine/evaluate_run.h"
#include "engine/memory_plan.h"
#include "engine/metrics_log.h"
#include "engine/output_folder.h"
#include "engine/run_checkpoint.h"
#include "engine/run_data.h"
#include "engine/run_template.h"
#include "engine/session.h"
#include "engine/train_options.h"
#include "peft/error.h"
#include "train/trainer.h"

namespace peft::host {
namespace {

namespace fs = std::filesystem;

// What is needed from the first step to the last.
struct Run {
  Run(Recipe resolved, PluginSet& plugin_set, Observer& watching)
      : recipe(std::move(resolved)), plugins(plugin_set), observer(watching) {}

  Recipe recipe;
  PluginSet& plugins;
  Observer& observer;
  Session session;
  RunData data;
  MemoryPlan memory;
  RunIdentity identity;
  std::optional<Trainer> trainer;
  std::optional<MetricsLog> log;
  fs::path last_checkpoint;
};

RunIdentity identify(const Run& run) {
  return {.recipe = to_yaml(run.recipe),
          .recipe_value = to_value(run.recipe),
          .plugins = run.plugins.loaded(),
          .base = run.session.base.identity,
          .data = content_hash(run.data.training.examples),
          .examples = static_cast<int64_t>(run.data.training.examples.size()),
          .libtorch = libtorch_version(),
          .cpu_capability = cpu_capability()};
}

// The recipe that a run leaves behind says where the run was. Where that folder has been moved since, going
// on by its recipe would begin anew in the old place.
void refuse_run_elsewhere(const Recipe& recipe) {
  const RecipeLocation where = recipe.where("output");
  const fs::path file = where.is_command_line() ? "" : where.file;
  if (file.filename() != recipe_file_name || !holds_checkpoints(file.parent_path() / "checkpoints")) return;
  const std::string folder = fs::absolute(file).lexically_normal().parent_path().string();
  throw UsageError(where.text() + ": error: --resume found no checkpoint in 'output', " + recipe.output +
                   ", but the folder of this recipe, " + folder + ", holds a run; go on with it by output=" +
                   folder + ", or begin anew by another output=FOLDER");
}

std::optional<LoadedCheckpoint> checkpoint_to_resume(const Recipe& recipe, const RunOptions& options,
                                                     Observer& observer) {
  if (!holds_checkpoints(checkpoint_folder(recipe))) {
    if (options.resume) refuse_run_elsewhere(recipe);
    if (options.resume)
      observer.note("no checkpoint to go on from in " + typed_path(recipe.output) +
                    ": starting from the beginning");
    return {};
  }
  if (!options.resume) {
    throw UsageError(
        recipe.output +
        ": already holds a run with checkpoints; go on from it with --resume, or give another output=FOLDER");
  }
  LoadedCheckpoint loaded = read_latest(checkpoint_folder(recipe));
  for (const std::string& warning : loaded.warnings) observer.warning(warning);
  return loaded;
}

// A number for `auto` may differ on another day; the run keeps those it began with.
void keep_resolved_numbers(Recipe& recipe, const LoadedCheckpoint& loaded) {
  const Value* then = loaded.checkpoint.metadata.find("recipe_value");
  if (then == nullptr) return;
  const auto keep = [](std::optional<int64_t>& number, const Value* began_with) {
    if (!number && began_with != nullptr && began_with->is_integer()) number = began_with->as_integer();
  };
  keep(recipe.threads, then->find("threads"));
  const Value* train = then->find("train");
  if (train != nullptr) keep(recipe.train.tokens_per_microbatch, train->find("tokens_per_microbatch"));
}

void go_on_from(Run& run, const LoadedCheckpoint& loaded) {
  std::string obstacles;
  for (const std::string& obstacle : resume_obstacles(loaded.checkpoint, run.identity))
    obstacles += "\n  " + obstacle;
  if (!obstacles.empty()) {
    throw UsageError(loaded.path.string() + ": this recipe cannot go on from it:" + obstacles +
                     "\nrun the recipe it was begun with (" + run.recipe.output + "/" + recipe_file_name +
                     "), or give another output=FOLDER");
  }
  for (const std::string& warning : resume_warnings(loaded.checkpoint, run.identity))
    run.observer.warning(warning);
  restore_set(loaded.checkpoint, *run.session.set);
  restore_optimizer(loaded.checkpoint, run.trainer->optimizer());
  run.trainer->resume_after(loaded.checkpoint.step);
  run.last_checkpoint = loaded.path;
  run.observer.note("going on after step " + std::to_string(loaded.checkpoint.step) + " from " +
                    typed_path(loaded.path));
}

void tell_what_is_trained(const Run& run) {
  for (const std::string& note : run.data.notes) run.observer.note(note);
  const int64_t trained = run.session.set->trained_elements();
  const int64_t total = total_parameters(run.session);
  run.observer.note("trainable parameters: " + with_separators(trained) + " of " + with_separators(total) +
                    " (" + share_of(trained, total) + ")");
  run.observer.note(with_separators(static_cast<int64_t>(run.data.training.examples.size())) +
                    " training examples, " + with_separators(run.data.validation_examples) + " held out; " +
                    with_separators(run.trainer->total_steps()) + " steps on " + run.recipe.device +
                    " with " + std::to_string(*run.recipe.threads) +
                    (*run.recipe.threads == 1 ? " thread (" : " threads (") + run.identity.cpu_capability +
                    ")");
  run.observer.note(run.memory.text());
  if (const auto warning = run.memory.warning()) run.observer.warning(*warning);
}

void save(Run& run) {
  const Checkpoint checkpoint = make_checkpoint(run.identity, *run.session.set, run.trainer->optimizer(),
                                                run.trainer->step(), run.log->text());
  const Committed committed =
      write_checkpoint(checkpoint_folder(run.recipe), checkpoint, run.recipe.train.keep);
  for (const std::string& warning : committed.warnings) run.observer.warning(warning);
  run.last_checkpoint = committed.path;
}

StepLine line_of(const StepReport& report, const Trainer& trainer, double average_seconds) {
  return {.step = report.step,
          .total_steps = trainer.total_steps(),
          .epoch = report.epoch,
          .loss = report.loss,
          .learning_rate = report.learning_rate,
          .tokens = report.tokens,
          .tokens_per_second = static_cast<double>(report.tokens) / report.seconds,
          .seconds = report.seconds,
          .peak_memory_bytes = peak_memory_bytes(),
          .gradient_norm = report.gradient_norm,
          .penalty = report.penalty,
          .seconds_left = average_seconds * static_cast<double>(trainer.total_steps() - report.step)};
}

bool due(int64_t step, int64_t every) {
  return every > 0 && step % every == 0;
}

bool evaluation_is_due(const Run& run) {
  const int64_t step = run.trainer->step();
  return step > 0 && due(step, run.recipe.evaluate.every) && !run.log->ends_in_evaluation();
}

void log_evaluation(Run& run, const std::map<std::string, double>& figures) {
  if (figures.empty()) return;
  run.log->add(run.trainer->step(), figures);
  run.observer.on_evaluation(run.trainer->step(), figures);
}

// Before the step that follows, so that a run which was stopped in an evaluation makes up for it when it goes
// on: the checkpoint then has its step's line without the evaluation's.
void evaluate_where_due(Run& run) {
  if (!evaluation_is_due(run)) return;
  const auto figures = quick_figures(run.recipe, run.session, run.data, run.plugins, run.observer);
  if (figures) log_evaluation(run, *figures);
}

// True where it came to the end.
bool train(Run& run) {
  Trainer& trainer = *run.trainer;
  double seconds = 0.0;
  const int64_t first = trainer.step();
  int64_t saved_at = run.last_checkpoint.empty() ? -1 : first;
  while (!trainer.done() && !run.observer.interrupted()) {
    evaluate_where_due(run);
    if (run.observer.interrupted()) break;
    const StepReport report = trainer.advance();
    seconds += report.seconds;
    const StepLine line = line_of(report, trainer, seconds / static_cast<double>(report.step - first));
    run.log->add(line);
    run.observer.on_step(line);
    if (due(report.step, run.recipe.train.checkpoint_every)) {
      save(run);
      saved_at = report.step;
    }
  }
  if (saved_at != trainer.step()) save(run);
  return trainer.done();
}

void check_evaluation_of(Run& run, const Session& shapes) {
  Diagnostics diagnostics;
  check_evaluation(run.recipe, run.plugins, shapes, diagnostics);
  diagnostics.throw_if_errors();
  for (const Diagnostic& warning : diagnostics.sorted()) run.observer.warning(warning.text());
}

// Methods whose options do not fit the number of steps.
void check_length_of(const Run& run) {
  const auto examples = static_cast<int64_t>(run.data.training.examples.size());
  Diagnostics diagnostics;
  check_length(run.recipe, *run.session.set, total_steps(train_options(run.recipe), examples), diagnostics);
  diagnostics.throw_if_errors();
}

// What was asked for and cannot be measured is said before hours are spent.
void warn_of_empty_evaluation(const Run& run) {
  if (!run.recipe.evaluate.metrics.empty() && run.data.held_out.empty()) {
    run.observer.warning(
        "nothing is held out, so the metrics have nothing to measure; set data.validation above 0, or "
        "evaluate.examples");
  }
}

}  // namespace

RunOutcome run_recipe(Recipe recipe, const RunOptions& options, PluginSet& plugins, Observer& observer) {
  check_output(recipe);
  resolve_template(recipe);
  std::optional<FolderLock> lock;
  if (fs::exists(recipe.output)) lock.emplace(recipe.output);
  std::optional<LoadedCheckpoint> loaded = checkpoint_to_resume(recipe, options, observer);
  if (loaded) keep_resolved_numbers(recipe, *loaded);
  for (const std::string& note : resolve_environment(recipe)) observer.note(note);

  Run run(std::move(recipe), plugins, observer);
  // Whatever is wrong with methods, lengths or data shows before a weight is read.
  run.session = open_session(run.recipe, plugins, BaseContent::shapes);
  check_evaluation_of(run, run.session);
  run.data = read_run_data(run.recipe, run.session, plugins);
  check_length_of(run);
  run.memory = plan_memory(run.recipe, run.session, run.data, plugins);
  load_weights(run.recipe, plugins, run.session);
  run.identity = identify(run);
  run.trainer.emplace(run.session.model(), *run.session.set, *run.session.task, run.data.training.examples,
                      train_options(run.recipe));
  if (loaded) go_on_from(run, *loaded);
  tell_what_is_trained(run);
  warn_of_empty_evaluation(run);

  const fs::path folder = run.recipe.output;
  create_folders(folder);
  if (!lock) lock.emplace(folder);
  write_file_atomically(folder / recipe_file_name, run.identity.recipe);
  run.log.emplace(folder / "metrics.jsonl", loaded ? metrics_of(loaded->checkpoint) : "");
  loaded.reset();  // its tensors were copied, and may be as large as the model

  RunOutcome outcome;
  outcome.folder = folder;
  outcome.total_steps = run.trainer->total_steps();
  outcome.makes_text = makes_text(run.session);
  outcome.interrupted = !train(run);
  outcome.step = run.trainer->step();
  outcome.checkpoint = run.last_checkpoint;
  if (outcome.interrupted) return outcome;
  std::optional<EvaluationTable> table = evaluate_run(run.recipe, run.session, run.data, plugins, observer);
  outcome.interrupted = !table.has_value();
  // What is due after the last step is in the table: the model is not scored twice for it.
  if (table && evaluation_is_due(run)) log_evaluation(run, figures_on_the_way(*table));
  outcome.evaluation = std::move(table);
  return outcome;
}

}  // namespace peft::host
