#include <cmath>

#include "base/byte_size.h"
#include "recipe/read_sections.h"

namespace peft::host {
namespace {

constexpr int64_t least_memory = 100'000'000;  // less than the program itself takes: a unit was forgotten

bool is_word(const Node& node, std::string_view word) {
  return node.is_text() && node.scalar.as_text() == word;
}

std::optional<int64_t> read_tokens_per_microbatch(const Section& section, ReadContext& context) {
  const Node* node = section.map.find("tokens_per_microbatch");
  if (node == nullptr || is_word(*node, "auto")) return std::nullopt;
  if (is_word(*node, "off")) return whole_batches;
  if (node->kind == Node::Kind::scalar && node->scalar.is_integer() && node->scalar.as_integer() >= 1) {
    return node->scalar.as_integer();
  }
  report_value(*node, section.label_of("tokens_per_microbatch"),
               "found " + describe(*node) + ", expected auto, off or an integer at least 1", context);
  return std::nullopt;
}

// Bytes; nothing for what is no amount of memory.
std::optional<int64_t> memory_of(const Node& node) {
  if (node.is_text()) return parse_byte_size(node.scalar.as_text());
  if (node.kind != Node::Kind::scalar || !node.scalar.is_numeric()) return std::nullopt;
  const double bytes = node.scalar.as_number();
  if (!(bytes >= 0.0 && bytes < 0x1p63)) return std::nullopt;
  return static_cast<int64_t>(bytes);
}

std::optional<int64_t> read_memory_limit(const Section& section, ReadContext& context) {
  const Node* node = section.map.find("memory_limit");
  if (node == nullptr || is_word(*node, "auto")) return std::nullopt;
  const std::string label = section.label_of("memory_limit");
  const std::optional<int64_t> bytes = memory_of(*node);
  if (!bytes) {
    report_value(*node, label,
                 "found " + describe(*node) +
                     ", expected auto, a number of bytes, or a number with a unit such as 8GB or 1.5GiB",
                 context);
    return std::nullopt;
  }
  if (*bytes >= least_memory) return bytes;
  report_value(*node, label,
               "found " + describe(*node) + ", which is " + byte_size(*bytes) + ", expected at least " +
                   byte_size(least_memory) + "; a number alone counts bytes, so write the unit, as in 8GB",
               context);
  return std::nullopt;
}

}  // namespace

RecipeTrain read_train(const Section& recipe, ReadContext& context) {
  const Section section = child_section(recipe, "train", context);
  const peft::Options<RecipeTrain> options = train_options();
  RecipeTrain train =
      options.read(read_options(section, options.table(), key_section("train").structured, context));
  if (train.warmup >= 1 && train.warmup != std::floor(train.warmup)) {
    const Node& warmup = *section.map.find("warmup");
    report_value(warmup, "train.warmup",
                 "found " + describe(warmup) + ", expected a fraction below 1 or a whole number of steps",
                 context);
  }
  train.tokens_per_microbatch = read_tokens_per_microbatch(section, context);
  train.memory_limit = read_memory_limit(section, context);
  return train;
}

}  // namespace peft::host
