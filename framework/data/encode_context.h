// What tasks encode with: the run's tokenizer, template and lengths.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "data/conversation_encoder.h"
#include "data/counts.h"
#include "peft/task.h"

namespace peft::host {

struct EncodeSettings {
  TrainOn train_on = TrainOn::replies;
  int64_t max_length = 512;         // without virtual tokens
  int64_t max_target_length = 512;  // of an encoder-decoder's targets
  std::optional<int64_t> decoder_start = {};
};

// For one thread at a time: it counts. (One a thread costs nothing; add up their counts.)
class HostEncodeContext : public EncodeContext {
 public:
  // Codec and template must outlive this. Throws `peft::UsageError` for lengths below 1.
  HostEncodeContext(const TextCodec& codec, const ConversationTemplate& form, const EncodeSettings& settings);

  const TextCodec& codec() const override { return codec_; }
  int64_t max_length() const override { return settings_.max_length; }
  int64_t max_target_length() const override { return settings_.max_target_length; }
  std::optional<int64_t> decoder_start() const override { return settings_.decoder_start; }
  EncodedSequence render(const Conversation& conversation) override;
  std::vector<int64_t> render_prompt(const Conversation& conversation, int64_t max_length) override;
  EncodedSequence render(const Text& text) override;

  // What was shortened so far.
  const Counts& counts() const { return counts_; }

 private:
  const TextCodec& codec_;
  EncodeSettings settings_;
  ConversationEncoder conversations_;
  Counts counts_;
};

}  // namespace peft::host
