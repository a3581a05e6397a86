#include "seq2seq_lm.h"

#include <algorithm>
#include <utility>

#include "peft/error.h"
#include "peft/ops.h"

namespace peft::seq2seq_lm {
namespace {

// Cut so that with the special tokens around it there are at most `limit`.
std::vector<int64_t> cut(std::vector<int64_t> ids, const EncodeContext& context, int64_t limit) {
  const auto special = static_cast<int64_t>(context.codec().with_special_tokens({}).size());
  const auto room = static_cast<size_t>(std::max<int64_t>(limit - special, 0));
  if (ids.size() > room) ids.resize(room);
  return context.codec().with_special_tokens(ids);
}

const Options<Seq2SeqOptions>& seq2seq_options() {
  static const Options<Seq2SeqOptions> options = [] {
    Options<Seq2SeqOptions> table;
    table.add("source_prefix", &Seq2SeqOptions::source_prefix, "stands before every source: \"summarize: \"");
    return table;
  }();
  return options;
}

}  // namespace

std::vector<int64_t> Seq2SeqLm::source_ids(const std::string& source, EncodeContext& context,
                                           int64_t max_length) const {
  return cut(context.codec().encode_ordinary(options_.source_prefix + source), context, max_length);
}

std::optional<EncodedExample> Seq2SeqLm::encode(const Example& example, EncodeContext& context) const {
  const auto* pair = std::get_if<SourceTarget>(&example.content);
  if (pair == nullptr) {
    throw UsageError("found " + example_kind(example) +
                     " in the data, expected sources and targets, which are what the task seq2seq_lm takes; "
                     "choose another task or dataset");
  }
  const std::vector<int64_t> target =
      cut(context.codec().encode_ordinary(pair->target), context, context.max_target_length());
  if (target.empty()) return {};
  // `check` has seen that there is a token to start from; without a model tokens are only counted.
  EncodedSequence decoder{.ids = {context.decoder_start().value_or(0)}, .labels = {no_target}};
  decoder.ids.insert(decoder.ids.end(), target.begin(), target.end());
  decoder.labels.insert(decoder.labels.end(), target.begin(), target.end());
  EncodedExample encoded;
  encoded.inputs.push_back({.ids = source_ids(pair->source, context, context.max_length()), .labels = {}});
  encoded.decoder_inputs.push_back(std::move(decoder));
  return encoded;
}

int64_t Seq2SeqLm::target_count(const EncodedExample& example, int64_t) const {
  return static_cast<int64_t>(example.decoder_inputs.front().labels.size()) - 1;
}

LossSum Seq2SeqLm::loss(const TaskStep& step) const {
  Forward forward(step.model, step.batch, step.policy);
  const at::Tensor hidden = step.model.hidden(forward);
  const TargetRows targets = target_rows(forward);
  return {.sum = target_loss(forward, *step.model.language_head(), hidden, targets),
          .count = targets.count()};
}

std::vector<Measured> Seq2SeqLm::measure(const TaskStep& step) const {
  Forward forward(step.model, step.batch, step.policy);
  const at::Tensor hidden = step.model.hidden(forward);
  const at::Tensor nll = target_nll(forward, *step.model.language_head(), hidden, target_rows(forward));
  const double* next = nll.data_ptr<double>();
  std::vector<Measured> result;
  const std::vector<int64_t>& offsets = step.batch.decoder.offsets;
  for (size_t s = 0; s + 1 < offsets.size(); ++s) {
    Measured& measured = result.emplace_back();
    measured.tokens = offsets[s + 1] - offsets[s] - 1;
    for (int64_t i = 0; i < measured.tokens; ++i) measured.negative_log_likelihood += *next++;
  }
  return result;
}

std::optional<PromptAndReference> Seq2SeqLm::prompt(const Example& example) const {
  const auto* pair = std::get_if<SourceTarget>(&example.content);
  if (pair == nullptr) return {};
  return PromptAndReference{.prompt = {.turns = {{.role = "user", .content = pair->source}}},
                            .reference = pair->target};
}

std::vector<int64_t> Seq2SeqLm::encode_prompt(const Conversation& prompt, EncodeContext& context,
                                              int64_t max_length) const {
  if (prompt.turns.empty()) throw UsageError("found a prompt without a turn, expected a text");
  return source_ids(prompt.turns.back().content, context, max_length);
}

void Seq2SeqLm::check(const Model& model) const {
  if (model.info().kind == ModelKind::encoder_decoder) return;
  throw UsageError("the task seq2seq_lm needs an encoder-decoder, which " + model.info().family +
                   " is not; choose another task or model");
}

TaskDescriptor descriptor() {
  return {.name = "seq2seq_lm",
          .summary = "a text in, a text out, by an encoder-decoder",
          .peft_task_type = "SEQ_2_SEQ_LM",
          .options = seq2seq_options().table(),
          .create = [](const Value& options) {
            return std::make_unique<Seq2SeqLm>(seq2seq_options().read(options));
          }};
}

}  // namespace peft::seq2seq_lm
