#include "engine/run_data.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <numeric>
#include <utility>
#include <variant>

#include "data/encoding.h"
#include "data/split.h"
#include "data/token_store.h"
#include "engine/label_check.h"
#include "engine/run_template.h"
#include "engine/source_tokens.h"
#include "peft/error.h"

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

// Nothing that is measured on was trained on: public data sets repeat texts of their own test files.
Counts leave_out_held_out(std::vector<size_t>& train, const TokenStore& store, const TokenStore& held_out) {
  const size_t before = train.size();
  const size_t left_out =
      leave_out_groups(train, store.groups_across_sources(), held_out.groups_across_sources());
  if (left_out == before) {
    throw Error("data.validation: found every group of the training examples (" + std::to_string(before) +
                " examples) also there, expected data of its own; name other files, or a share to hold out");
  }
  Counts counts;
  counts.add("left out, since the validation data has their group, too", static_cast<int64_t>(left_out));
  return counts;
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
  data.conversation_template = template_of(recipe, *session.tokenizer);
  if (const auto* texts = std::get_if<TemplateTexts>(&recipe.data.conversation_template)) {
    for (const std::string& token : missing_special_tokens(*texts, template_tokens(*session.tokenizer))) {
      data.notes.push_back("the template's '" + token +
                           "' is no special token of the tokenizer: it is encoded as text");
    }
  }
  const Encoding encoding{.task = *session.task,
                          .codec = *session.codec,
                          .form = *data.conversation_template,
                          .settings = encode_settings(recipe, session)};
  const auto scored = static_cast<size_t>(recipe.evaluate.examples);
  const auto read = [&](const SourcePaths& sources, size_t limit, const std::string& name) {
    SourceTokens source = read_source(recipe, sources, limit, encoding, *session.tokenizer, plugins);
    for (std::string& said : source.notes) data.notes.push_back(std::move(said));
    note(data, name, source.store->summary().counts);
    return std::move(source.store);
  };

  const std::shared_ptr<const TokenStore> store = read(recipe.data.source, all_examples, "data");
  data.conversations = !std::holds_alternative<Text>(store->example(0).content);
  if (!data.conversations && recipe.data.conversation_template != TemplateChoice("empty")) {
    data.notes.push_back(
        "the data are texts, which no template shapes, and samples continue their prompts; "
        "generate, chat and compare put theirs into " +
        title_of(recipe.data.conversation_template) +
        ", unless data.template is empty: then they continue them, too");
  }
  Split split{.train = first_numbers(store->size()), .validation = {}};
  std::shared_ptr<const TokenStore> held_out_from = store;
  Counts training_counts;
  if (const auto* sources = std::get_if<SourcePaths>(&recipe.data.validation)) {
    held_out_from = read(*sources, scored, "validation data");
    training_counts = leave_out_held_out(split.train, *store, *held_out_from);
    split.validation = first_numbers(held_out_from->size());
    data.validation_examples = held_out_from->summary().examples;
  } else {
    split = split_by_group(store->groups(), std::get<double>(recipe.data.validation), recipe.seed);
    data.validation_examples = static_cast<int64_t>(split.validation.size());
  }

  data.training = select_examples(store, split.train, recipe.data.max_length);
  training_counts.add(data.training.summary.counts);
  note(data, "training examples", training_counts);
  check_labels(*session.task, data.training, data.notes);

  split.validation.resize(std::min(split.validation.size(), scored));
  if (split.validation.empty()) return data;
  data.held_out_encoded = select_examples(held_out_from, split.validation, recipe.data.max_length);
  for (size_t i = 0; i < data.held_out_encoded.examples.size(); ++i) {
    const auto number = static_cast<size_t>(data.held_out_encoded.examples[i].index);
    data.held_out.push_back(held_out_from->example(number));
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
