#include "data/example_bytes.h"

#include <string>
#include <utility>
#include <variant>

#include "peft/error.h"

namespace peft::host {
namespace {

// Every member is named by the bindings: one that is added to an example and forgotten here does not compile.

void write(const Text& content, ByteWriter& bytes) {
  const auto& [text] = content;
  bytes.text(text);
}

void write(const Conversation& content, ByteWriter& bytes) {
  const auto& [turns] = content;
  bytes.number<uint64_t>(turns.size());
  for (const auto& [role, text] : turns) {
    bytes.text(role);
    bytes.text(text);
  }
}

void write(const LabelledText& content, ByteWriter& bytes) {
  const auto& [text, label] = content;
  bytes.text(text);
  bytes.number(label);
}

void write(const SourceTarget& content, ByteWriter& bytes) {
  const auto& [source, target] = content;
  bytes.text(source);
  bytes.text(target);
}

void write(const Preference& content, ByteWriter& bytes) {
  const auto& [prompt, chosen, rejected] = content;
  write(prompt, bytes);
  bytes.text(chosen);
  bytes.text(rejected);
}

void write(const ScoredAnswer& content, ByteWriter& bytes) {
  const auto& [prompt, answer, score] = content;
  write(prompt, bytes);
  bytes.text(answer);
  bytes.number(score);
}

std::string text(ByteReader& bytes) {
  return std::string(bytes.text());
}

Conversation conversation(ByteReader& bytes) {
  Conversation content;
  const auto turns = bytes.number<uint64_t>();
  for (uint64_t i = 0; i < turns; ++i) {
    std::string role = text(bytes);
    content.turns.push_back({.role = std::move(role), .content = text(bytes)});
  }
  return content;
}

}  // namespace

void write_content(const ExampleContent& content, ByteWriter& bytes) {
  bytes.number(static_cast<uint8_t>(content.index()));
  std::visit([&](const auto& one) { write(one, bytes); }, content);
}

// Braces evaluate from left to right, as the members were written.
ExampleContent read_content(ByteReader bytes) {
  static_assert(std::variant_size_v<ExampleContent> == 6);
  switch (bytes.number<uint8_t>()) {
    case 0: return Text{text(bytes)};
    case 1: return conversation(bytes);
    case 2: return LabelledText{text(bytes), bytes.number<int64_t>()};
    case 3: return SourceTarget{text(bytes), text(bytes)};
    case 4: return Preference{conversation(bytes), text(bytes), text(bytes)};
    case 5: return ScoredAnswer{conversation(bytes), text(bytes), bytes.number<double>()};
    default: throw Error("the bytes of an example begin with an unknown kind");
  }
}

}  // namespace peft::host
