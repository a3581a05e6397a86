#include "data/token_columns.h"

#include <algorithm>
#include <iterator>

#include "data/example_bytes.h"
#include "data/example_group.h"
#include "peft/error.h"

namespace peft::host {
namespace {

template <class T>
void extend(std::vector<T>& values, const std::vector<T>& more) {
  values.insert(values.end(), more.begin(), more.end());
}

void extend_begins(std::vector<uint64_t>& begins, const std::vector<uint64_t>& more) {
  const uint64_t before = begins.back();
  std::transform(more.begin() + 1, more.end(), std::back_inserter(begins),
                 [before](uint64_t begin) { return before + begin; });
}

[[noreturn]] void refuse_label(int64_t id, int64_t label) {
  throw Error("the task encoded the token " + std::to_string(id) + " with the label " +
              std::to_string(label) + ", expected an id below " + std::to_string(TokenColumns::target_bit) +
              " and as its label the id itself or " + std::to_string(no_target) +
              "; this is a fault of the task's plugin");
}

}  // namespace

void TokenColumns::add(const Example& example, const std::optional<EncodedExample>& encoded,
                       const Counts& counts) {
  for (const auto& [what, times] : counts.entries()) {
    counted_in_.push_back(kept_.size());
    counted_what_.push_back(number_of(what));
    counted_times_.push_back(times);
  }
  write_content(example.content, contents_);
  content_begins_.push_back(contents_.bytes().size());
  groups_ += example.group;
  group_begins_.push_back(groups_.size());
  add_group(example);
  kept_.push_back(encoded.has_value() ? 1 : 0);
  // Every member is named: one that is added to encoded examples and forgotten here does not compile.
  const auto& [inputs, decoder_inputs, target, index] = encoded ? *encoded : EncodedExample{};
  (void)index;
  targets_.push_back(target);
  inputs_.push_back(static_cast<uint32_t>(inputs.size()));
  for (const EncodedSequence& sequence : inputs) add(sequence);
  for (const EncodedSequence& sequence : decoder_inputs) add(sequence);
  sequence_begins_.push_back(labelled_.size());
}

void TokenColumns::add_group(const Example& example) {
  groups_across_.push_back(group_across_sources(example));
}

void TokenColumns::add(const EncodedSequence& sequence) {
  const auto& [ids, labels] = sequence;
  if (!labels.empty() && labels.size() != ids.size()) {
    throw Error("the task encoded " + std::to_string(ids.size()) + " tokens with " +
                std::to_string(labels.size()) +
                " labels, expected as many, or none; this is a fault of the "
                "task's plugin");
  }
  labelled_.push_back(labels.empty() ? 0 : 1);
  for (size_t i = 0; i < ids.size(); ++i) {
    const int64_t label = labels.empty() ? no_target : labels[i];
    const bool sound = ids[i] >= 0 && ids[i] < int64_t{target_bit} && (label == ids[i] || label == no_target);
    if (!sound) refuse_label(ids[i], label);
    tokens_.push_back(static_cast<uint32_t>(ids[i]) | (label == no_target ? 0 : target_bit));
  }
  token_begins_.push_back(tokens_.size());
}

uint32_t TokenColumns::number_of(const std::string& what) {
  const auto known = std::find(whats_.begin(), whats_.end(), what);
  const auto number = static_cast<uint32_t>(known - whats_.begin());
  if (known == whats_.end()) whats_.push_back(what);
  return number;
}

void TokenColumns::append(const TokenColumns& other) {
  for (const uint64_t in : other.counted_in_) counted_in_.push_back(in + kept_.size());
  for (const uint32_t what : other.counted_what_) counted_what_.push_back(number_of(other.whats_[what]));
  extend(counted_times_, other.counted_times_);
  contents_.append(other.contents_.bytes());
  extend_begins(content_begins_, other.content_begins_);
  groups_ += other.groups_;
  extend_begins(group_begins_, other.group_begins_);
  extend(groups_across_, other.groups_across_);
  extend(kept_, other.kept_);
  extend(targets_, other.targets_);
  extend(inputs_, other.inputs_);
  extend_begins(sequence_begins_, other.sequence_begins_);
  extend(labelled_, other.labelled_);
  extend_begins(token_begins_, other.token_begins_);
  extend(tokens_, other.tokens_);
}

void TokenColumns::write(ByteWriter& bytes) const {
  bytes.number<uint64_t>(whats_.size());
  for (const std::string& what : whats_) bytes.text(what);
  bytes.array(counted_in_);
  bytes.array(counted_what_);
  bytes.array(counted_times_);
  bytes.text(contents_.bytes());
  bytes.array(content_begins_);
  bytes.text(groups_);
  bytes.array(group_begins_);
  bytes.array(groups_across_);
  bytes.array(kept_);
  bytes.array(targets_);
  bytes.array(inputs_);
  bytes.array(sequence_begins_);
  bytes.array(labelled_);
  bytes.array(token_begins_);
  bytes.array(tokens_);
}

}  // namespace peft::host
