#include "data/example_group.h"

#include <string_view>
#include <variant>

#include "base/xxh3.h"

namespace peft::host {
namespace {

void hash_text(std::string_view text, Xxh3& hash) {
  const uint64_t size = text.size();
  hash.update(&size, sizeof size);
  hash.update(text);
}

void hash_turn(const Turn& turn, Xxh3& hash) {
  hash_text(turn.role, hash);
  hash_text(turn.content, hash);
}

// What an example asks, without its label, target or answers.
struct Asked {
  Xxh3& hash;

  void operator()(const Text& content) const { hash.update(content.text); }
  void operator()(const Conversation& content) const {
    for (const Turn& turn : content.turns) hash_turn(turn, hash);
  }
  void operator()(const LabelledText& content) const { hash.update(content.text); }
  void operator()(const SourceTarget& content) const { hash.update(content.source); }
  void operator()(const Preference& content) const { (*this)(content.prompt); }
  void operator()(const ScoredAnswer& content) const { (*this)(content.prompt); }
};

// What it begins with.
struct Opening : Asked {
  using Asked::operator();

  void operator()(const Conversation& content) const {
    if (!content.turns.empty()) hash_turn(content.turns.front(), hash);
  }
  void operator()(const Preference& content) const { (*this)(content.prompt); }
  void operator()(const ScoredAnswer& content) const { (*this)(content.prompt); }
};

struct Size {
  size_t operator()(const Text& content) const { return content.text.size(); }
  size_t operator()(const Conversation& content) const {
    size_t size = 0;
    for (const Turn& turn : content.turns) size += turn.role.size() + turn.content.size();
    return size;
  }
  size_t operator()(const LabelledText& content) const { return content.text.size(); }
  size_t operator()(const SourceTarget& content) const {
    return content.source.size() + content.target.size();
  }
  size_t operator()(const Preference& content) const {
    return (*this)(content.prompt) + content.chosen.size() + content.rejected.size();
  }
  size_t operator()(const ScoredAnswer& content) const {
    return (*this)(content.prompt) + content.answer.size();
  }
};

}  // namespace

std::string group_by_content(const Example& example) {
  Xxh3 hash;
  std::visit(Asked{hash}, example.content);
  return "content " + hash.finish();
}

uint64_t group_across_sources(const Example& example) {
  Xxh3 hash;
  hash_text(example.group, hash);
  std::visit(Opening{{hash}}, example.content);
  return hash.finish_64();
}

size_t text_size(const Example& example) {
  return example.group.size() + std::visit(Size{}, example.content);
}

}  // namespace peft::host
