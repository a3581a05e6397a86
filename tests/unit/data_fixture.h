// Small stand-ins for what examples are read from and encoded with.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "data/counts.h"
#include "peft/dataset.h"
#include "peft/task.h"
#include "peft/text_codec.h"

namespace peft::test {

// A byte is a token, and 256 ends a text: lengths can be counted by eye.
class ByteCodec : public TextCodec {
 public:
  static constexpr int64_t end = 256;

  std::vector<int64_t> encode(std::string_view text) const override {
    std::vector<int64_t> ids;
    for (const char byte : text) ids.push_back(static_cast<unsigned char>(byte));
    return ids;
  }
  std::string decode(const std::vector<int64_t>& ids) const override {
    std::string text;
    for (const int64_t id : ids) {
      if (id != end) text.push_back(static_cast<char>(id));
    }
    return text;
  }
  std::optional<int64_t> end_of_text() const override { return end; }
};

// The ids as text, targets in brackets, the end of the text as $: "### Human: a\n### Assistant:[ b$]\n".
inline std::string shown(const EncodedSequence& sequence) {
  std::string text;
  bool open = false;
  for (size_t i = 0; i < sequence.ids.size(); ++i) {
    const bool target = sequence.labels.at(i) != no_target;
    if (target && sequence.labels[i] != sequence.ids[i]) return "a label that is not its own id";
    if (target != open) text += target ? "[" : "]";
    open = target;
    text += sequence.ids[i] == ByteCodec::end ? '$' : static_cast<char>(sequence.ids[i]);
  }
  return text + (open ? "]" : "");
}

inline std::string shown(const std::vector<int64_t>& ids) {
  return shown(EncodedSequence{.ids = ids, .labels = std::vector<int64_t>(ids.size(), no_target)});
}

// Rows written as JSON.
class JsonRows : public RowSource {
 public:
  explicit JsonRows(std::vector<std::string> rows) : rows_(std::move(rows)) {}
  bool next(Value& row) override {
    if (read_ == rows_.size()) return false;
    row = host::parse_json(rows_[read_++]);
    return true;
  }
  std::string where() const override { return "rows.jsonl:" + std::to_string(read_); }

 private:
  std::vector<std::string> rows_;
  size_t read_ = 0;
};

struct Collected : ExampleSink {
  std::vector<Example> examples;
  host::Counts counts;
  void add(Example example) override { examples.push_back(std::move(example)); }
  void count(std::string_view what, int64_t times) override { counts.add(what, times); }
};

// "u:hello a:hi", of a conversation.
inline std::string shown(const Example& example) {
  std::string text;
  for (const Turn& turn : std::get<Conversation>(example.content).turns) {
    text += (text.empty() ? "" : " ") + turn.role.substr(0, 1) + ":" + turn.content;
  }
  return text;
}

inline Collected read(const Dataset& dataset, std::vector<std::string> rows) {
  JsonRows source(std::move(rows));
  Collected collected;
  dataset.read(source, collected);
  return collected;
}

inline Conversation conversation(const std::vector<std::pair<std::string, std::string>>& turns) {
  Conversation result;
  for (const auto& [role, content] : turns) result.turns.push_back({role, content});
  return result;
}

}  // namespace peft::test
