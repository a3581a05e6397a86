#include "cli/preflight_view.h"

#include <utility>

#include "base/byte_size.h"
#include "base/figures.h"
#include "cli/shown_text.h"
#include "cli/text_table.h"
#include "engine/microbatch_text.h"

namespace peft::host {
namespace {

std::string methods_text(const Preflight& preflight) {
  TextTable table({{"method"},
                   {"plugin"},
                   {"trainable parameters", Align::right},
                   {"of all", Align::right},
                   {"virtual tokens", Align::right}});
  const auto add = [&](const std::string& name, const std::string& plugin, int64_t parameters,
                       int64_t tokens) {
    table.add({name, plugin, with_separators(parameters), share_of(parameters, preflight.total_parameters),
               with_separators(tokens)});
  };
  for (const Preflight::Method& method : preflight.methods) {
    add(method.name, method.plugin, method.trainable_parameters, method.virtual_tokens);
  }
  add("together", "", preflight.trainable_parameters, preflight.virtual_tokens);
  return table.text();
}

std::string positions_text(const Preflight& preflight) {
  const std::string needed = with_separators(preflight.max_length) + " tokens + " +
                             with_separators(preflight.virtual_tokens) + " virtual";
  return needed +
         (preflight.positions > 0 ? " of " + with_separators(preflight.positions) : ", without a limit");
}

// Neighbours that are alike share one mark.
std::string example_text(const std::vector<Preflight::Piece>& pieces, bool styled) {
  const std::string begin = styled ? "\x1b[1;4m" : "⟦";
  const std::string end = styled ? "\x1b[0m" : "⟧";
  std::string text;
  bool marked = false;
  for (const Preflight::Piece& piece : pieces) {
    if (piece.trained != marked) text += piece.trained ? begin : end;
    marked = piece.trained;
    text += without_controls(piece.text);
  }
  if (marked) text += end;
  if (text.empty() || text.back() != '\n') text += "\n";
  return text;
}

Value diagnostic_value(const Diagnostic& diagnostic) {
  const RecipeLocation& where = diagnostic.where;
  return Value::Map{
      {"severity", diagnostic.severity == Diagnostic::Severity::error ? "error" : "warning"},
      {"file", where.file},
      {"line", where.is_command_line() ? Value() : Value(where.line)},
      {"column", where.is_command_line() ? Value() : Value(where.column)},
      {"message", diagnostic.message},
  };
}

std::string memory_text(const Preflight& preflight) {
  const std::string text = microbatch_text(preflight.tokens_per_microbatch);
  if (preflight.memory_estimate_bytes == 0) return text;
  return "about " + byte_size(preflight.memory_estimate_bytes) + " of " +
         byte_size(preflight.memory_limit_bytes) + " (" + text + ")";
}

Value preflight_value(const Preflight& preflight) {
  Value::List methods;
  for (const Preflight::Method& method : preflight.methods) {
    methods.emplace_back(Value::Map{{"name", method.name},
                                    {"plugin", method.plugin},
                                    {"trainable_parameters", method.trainable_parameters},
                                    {"virtual_tokens", method.virtual_tokens}});
  }
  Value::List example;
  for (const Preflight::Piece& piece : preflight.example) {
    example.emplace_back(Value::Map{{"text", piece.text}, {"trained", piece.trained}});
  }
  const double share = preflight.total_parameters > 0
                           ? 100.0 * static_cast<double>(preflight.trainable_parameters) /
                                 static_cast<double>(preflight.total_parameters)
                           : 0.0;
  return Value::Map{
      {"methods", std::move(methods)},
      {"trainable_parameters", preflight.trainable_parameters},
      {"total_parameters", preflight.total_parameters},
      {"trainable_percent", share},
      {"virtual_tokens", preflight.virtual_tokens},
      {"positions", preflight.positions > 0 ? Value(preflight.positions) : Value()},
      {"max_length", preflight.max_length},
      {"training_examples", preflight.training_examples},
      {"validation_examples", preflight.validation_examples},
      {"steps_per_epoch", preflight.steps_per_epoch},
      {"total_steps", preflight.total_steps},
      {"longest_example", preflight.longest_example},
      {"memory_estimate_bytes", preflight.memory_estimate_bytes},
      {"memory_limit_bytes", preflight.memory_limit_bytes},
      {"tokens_per_microbatch",
       preflight.tokens_per_microbatch > 0 ? Value(preflight.tokens_per_microbatch) : Value("off")},
      {"notes", Value::List(preflight.notes.begin(), preflight.notes.end())},
      {"example", std::move(example)},
      {"label", preflight.label.empty() ? Value() : Value(preflight.label)},
  };
}

}  // namespace

std::string preflight_text(const Preflight& preflight, bool styled) {
  std::string text = methods_text(preflight) + "\n";
  text += aligned_pairs({
      {"trainable", with_separators(preflight.trainable_parameters) + " of " +
                        with_separators(preflight.total_parameters) + " parameters (" +
                        share_of(preflight.trainable_parameters, preflight.total_parameters) + ")"},
      {"positions", positions_text(preflight)},
      {"examples", with_separators(preflight.training_examples) + " to train on, " +
                       with_separators(preflight.validation_examples) + " held out; the longest has " +
                       with_separators(preflight.longest_example) + " tokens"},
      {"steps", with_separators(preflight.total_steps) + " (" + with_separators(preflight.steps_per_epoch) +
                    " an epoch)"},
      {"memory", memory_text(preflight)},
  });
  for (const std::string& note : preflight.notes) text += "note: " + without_controls(note) + "\n";
  if (preflight.example.empty()) return text;
  const std::string marks = !preflight.label.empty() ? "its label is " + without_controls(preflight.label)
                            : styled                 ? "trained tokens underlined"
                                                     : "trained tokens in ⟦…⟧";
  text += "\nthe first example, " + marks + ":\n\n" + example_text(preflight.example, styled);
  return text;
}

Value validation_value(const std::vector<std::string>& problems, const std::vector<Diagnostic>& diagnostics,
                       const std::optional<Preflight>& preflight) {
  Value::List said;
  for (const Diagnostic& diagnostic : diagnostics) said.push_back(diagnostic_value(diagnostic));
  return Value::Map{
      {"valid", problems.empty() && preflight.has_value()},
      {"plugin_problems", Value::List(problems.begin(), problems.end())},
      {"diagnostics", std::move(said)},
      {"preflight", preflight ? preflight_value(*preflight) : Value()},
  };
}

}  // namespace peft::host
