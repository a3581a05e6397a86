#include "engine/run_data.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>
#include <variant>

#include "data/split.h"
#include "data/token_store.h"
#include "engine/label_check.h"
#include "engine/source_tokens.h"

namespace peft::host {
namespace {

constexpr size_t all_examples = std::numeric_limits<size_t>::max();

void note(RunData& data, const std::string& what, const Counts& counts) {
  if (!counts.empty()) data.notes.push_back(what + ": " + to_text(counts));
}

std::vector<size_t> first_numbers(size_t count) {
  std::vector<size_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), size_t{0});
  return numbers;
}

}  // namespace

EncodeSettings encode_settings(const Recipe& recipe, const Session& session) {
  return {.train_on = parse_train_on(recipe.data.train_on),
          .max_length = recipe.data.max_length,
          .max_target_length = recipe.data.max_target_length.value_or(recipe.data.max_length),
          .decoder_start = session.base.model ? session.model().info().decoder_start : std::nullopt};
}

namespace {

RunData read_and_encode(const Recipe& recipe, const Session& session, PluginSet& plugins) {
  RunData data;
  data.conversation_template = make_template(recipe.data.conversation_template);
  const Encoding encoding{.task = *session.task,
                          .codec = *session.codec,
                          .form = *data.conversation_template,
                          .settings = encode_settings(recipe, session)};
  const auto threads = static_cast<size_t>(recipe.threads.value_or(1));
  const auto scored = static_cast<size_t>(recipe.evaluate.examples);
  const auto read = [&](const SourcePaths& sources, size_t limit, const std::string& name) {
    SourceTokens source = read_source(recipe, sources, limit, encoding, *session.tokenizer, plugins);
    for (std::string& said : source.notes) data.notes.push_back(std::move(said));
    note(data, name, source.store.summary().counts);
    return std::move(source.store);
  };

  const TokenStore store = read(recipe.data.source, all_examples, "data");
  data.conversations = !std::holds_alternative<Text>(store.example(0).content);
  Split split{.train = first_numbers(store.size()), .validation = {}};
  std::optional<TokenStore> separate;
  if (const auto* sources = std::get_if<SourcePaths>(&recipe.data.validation)) {
    separate = read(*sources, scored, "validation data");
    split.validation = first_numbers(separate->size());
    data.validation_examples = separate->summary().examples;
  } else {
    split = split_by_group(store.groups(), std::get<double>(recipe.data.validation), recipe.seed);
    data.validation_examples = static_cast<int64_t>(split.validation.size());
  }

  data.training = select_examples(store, split.train, encoding, threads);
  note(data, "training examples", data.training.summary.counts);
  check_labels(*session.task, data.training, data.notes);

  split.validation.resize(std::min(split.validation.size(), scored));
  if (split.validation.empty()) return data;
  const TokenStore& held_out_from = separate ? *separate : store;
  data.held_out_encoded = select_examples(held_out_from, split.validation, encoding, threads);
  for (const EncodedExample& example : data.held_out_encoded.examples) {
    data.held_out.push_back(held_out_from.example(static_cast<size_t>(example.index)));
  }
  note(data, "validation examples", data.held_out_encoded.summary.counts);
  check_scored_labels(*session.task, data.held_out_encoded, data.validation_examples, data.notes);
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
