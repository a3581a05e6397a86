// The SDK's interfaces that LibTorch has no part in: one home for their type information.
#include "peft/component.h"

#include "peft/dataset.h"
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
TextCodec::~TextCodec() = default;

std::string example_kind(const Example& example) {
  static constexpr const char* names[] = {"text",          "conversation", "labelled text",
                                          "source-target", "preference",   "scored answer"};
  return names[example.content.index()];
}

}  // namespace peft
