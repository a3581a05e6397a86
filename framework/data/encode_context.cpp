#include "data/encode_context.h"

#include <string>

#include "data/start_of_text.h"
#include "peft/error.h"

namespace peft::host {

HostEncodeContext::HostEncodeContext(const TextCodec& codec, const ConversationTemplate& form,
                                     const EncodeSettings& settings)
    : codec_(codec), settings_(settings), conversations_(form, codec, settings.train_on) {
  if (settings.max_length < 1 || settings.max_target_length < 1) {
    throw UsageError("found max_length " + std::to_string(settings.max_length) + " and max_target_length " +
                     std::to_string(settings.max_target_length) + ", expected at least 1");
  }
}

EncodedSequence HostEncodeContext::render(const Conversation& conversation) {
  return conversations_.encode(conversation, settings_.max_length, counts_);
}

std::vector<int64_t> HostEncodeContext::render_prompt(const Conversation& conversation, int64_t max_length) {
  return conversations_.encode_prompt(conversation, max_length, counts_);
}

EncodedSequence HostEncodeContext::render(const Text& text) {
  std::vector<int64_t> own = codec_.encode_ordinary(text.text);
  EncodedSequence sequence;
  if (!own.empty()) sequence.ids = start_of_text(codec_);  // of an empty text only the end is left
  sequence.labels.assign(sequence.ids.size(), no_target);
  own.push_back(required_end_of_text(codec_));
  for (std::vector<int64_t>* side : {&sequence.ids, &sequence.labels})
    side->insert(side->end(), own.begin(), own.end());
  const auto limit = static_cast<size_t>(settings_.max_length);
  if (sequence.ids.size() > limit) {
    sequence.ids.resize(limit);
    sequence.labels.resize(limit);
    counts_.add("texts cut at their end");
  }
  return sequence;
}

}  // namespace peft::host
