// What a dataset yields: the plain meaning of a row or of several, before any template or tokeniser.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace peft {

// A document, trained on as it stands.
struct Text {
  std::string text;
};

// One turn of a conversation. Roles are "system", "user" and "assistant".
struct Turn {
  std::string role;
  std::string content;
};
struct Conversation {
  std::vector<Turn> turns;
};

struct LabelledText {
  std::string text;
  int64_t label = 0;  // from 0
};

struct SourceTarget {
  std::string source;
  std::string target;
};

// Two answers to one conversation, the first preferred.
struct Preference {
  Conversation prompt;
  std::string chosen;
  std::string rejected;
};

struct ScoredAnswer {
  Conversation prompt;
  std::string answer;
  double score = 0.0;
};

struct Example {
  std::variant<Text, Conversation, LabelledText, SourceTarget, Preference, ScoredAnswer> content;
  // The tree, document or review it comes from; empty: all that ask the same are one. Never in both splits.
  std::string group;
};

// "text", "conversation", "labelled text", …: as they appear in messages.
std::string example_kind(const Example& example);

}  // namespace peft
