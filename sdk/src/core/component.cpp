// The SDK's interfaces that LibTorch has no part in: one home for their type information.
#include "peft/component.h"

#include "peft/answer_endings.h"
#include "peft/dataset.h"
#include "peft/error.h"
#include "peft/example.h"
#include "peft/metric.h"
#include "peft/text_codec.h"

namespace peft {

Component::~Component() = default;
void* Component::query(std::string_view) noexcept {
  return nullptr;
}

RowSource::~RowSource() = default;
ExampleSink::~ExampleSink() = default;
Dataset::~Dataset() = default;
Metric::~Metric() = default;
AnswerEndings::~AnswerEndings() = default;
TextCodec::~TextCodec() = default;

std::vector<int64_t> TextCodec::encode_ordinary(std::string_view text) const {
  return encode(text);
}

std::vector<int64_t> TextCodec::with_special_tokens(const std::vector<int64_t>& ids) const {
  return ids;
}

std::vector<int64_t> tiled_tokens(const TextCodec& codec, std::string_view text, int64_t count) {
  const std::vector<int64_t> tokens = codec.encode(text);
  if (tokens.empty()) throw UsageError("'text' holds no token; give the text that virtual tokens start from");
  std::vector<int64_t> tiled;
  for (size_t i = 0; i < static_cast<size_t>(count); ++i) tiled.push_back(tokens[i % tokens.size()]);
  return tiled;
}

std::string example_kind(const Example& example) {
  static constexpr const char* names[] = {"text",          "conversation", "labelled text",
                                          "source-target", "preference",   "scored answer"};
  return names[example.content.index()];
}

}  // namespace peft
