#include "engine/run_data.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <variant>

#include "data/example_list.h"
#include "data/split.h"
#include "peft/error.h"
#include "records/sources.h"

namespace peft::host {
namespace {

std::vector<std::filesystem::path> files_of(const SourcePaths& paths) {
  return find_sources(Value::List(paths.begin(), paths.end()));
}

void note(RunData& data, const std::string& what, const Counts& counts) {
  if (!counts.empty()) data.notes.push_back(what + ": " + to_text(counts));
}

std::vector<size_t> first_numbers(size_t count) {
  std::vector<size_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), size_t{0});
  return numbers;
}

}  // namespace

EncodeSettings encode_settings(const Recipe& recipe) {
  return {.train_on = parse_train_on(recipe.data.train_on),
          .max_length = recipe.data.max_length,
          .max_target_length = recipe.data.max_target_length.value_or(recipe.data.max_length)};
}

namespace {

RunData read_and_encode(const Recipe& recipe, const Session& session, PluginSet& plugins) {
  RunData data;
  data.conversation_template = make_template(recipe.data.conversation_template);
  const DatasetDescriptor& descriptor = plugins.dataset(recipe.data.dataset.name);
  const std::unique_ptr<Dataset> dataset = descriptor.create(recipe.data.dataset.options);
  const ExampleList list =
      read_examples(*dataset, descriptor, files_of(recipe.data.source), recipe.data.columns);
  note(data, "data", list.counts);
  data.conversations = std::holds_alternative<Conversation>(list.examples.front().content);

  Split split{.train = first_numbers(list.examples.size()), .validation = {}};
  ExampleList separate;
  const std::vector<Example>* held_out_from = &list.examples;
  if (const auto* sources = std::get_if<SourcePaths>(&recipe.data.validation)) {
    separate = read_examples(*dataset, descriptor, files_of(*sources), recipe.data.columns);
    note(data, "validation data", separate.counts);
    held_out_from = &separate.examples;
    split.validation = first_numbers(separate.examples.size());
  } else {
    split = split_by_group(list.examples, std::get<double>(recipe.data.validation), recipe.seed);
  }
  data.validation_examples = static_cast<int64_t>(split.validation.size());

  HostEncodeContext training(*session.codec, *data.conversation_template, encode_settings(recipe));
  data.training = encode_examples(*session.task, list.examples, split.train, training);
  note(data, "training examples", data.training.summary.counts);

  split.validation.resize(std::min(split.validation.size(), static_cast<size_t>(recipe.evaluate.examples)));
  if (split.validation.empty()) return data;
  HostEncodeContext validation(*session.codec, *data.conversation_template, encode_settings(recipe));
  data.held_out_encoded = encode_examples(*session.task, *held_out_from, split.validation, validation);
  for (const EncodedExample& example : data.held_out_encoded.examples) {
    data.held_out.push_back((*held_out_from)[static_cast<size_t>(example.index)]);
  }
  note(data, "validation examples", data.held_out_encoded.summary.counts);
  return data;
}

}  // namespace

RunData read_run_data(const Recipe& recipe, const Session& session, PluginSet& plugins) {
  try {
    return read_and_encode(recipe, session, plugins);
  } catch (const UsageError&) {
    throw;
  } catch (const Error& problem) {  // of the user's files, like a mistake in the recipe that names them
    throw UsageError(problem.what());
  }
}

}  // namespace peft::host
