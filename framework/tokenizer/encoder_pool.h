// What threads need to encode, kept from text to text.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tokenizer/model.h"
#include "tokenizer/word_cache.h"
#include "tokenizer/words.h"

namespace peft::host {

// What one thread needs.
struct Encoder {
  explicit Encoder(const Model& model) : workspace(model.make_workspace()) {}

  std::unique_ptr<Model::Workspace> workspace;
  WordCache cache;
  Words words;
  std::string normalized;
  std::vector<TokenId> word_ids;
};

// Encoders that nobody is using at the moment. One lock a text, none a word, and no more encoders than texts
// that were ever encoded at once.
class EncoderPool {
 public:
  explicit EncoderPool(const Model& model) : model_(model) {}

  std::unique_ptr<Encoder> take() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        auto encoder = std::move(idle_.back());
        idle_.pop_back();
        return encoder;
      }
    }
    return std::make_unique<Encoder>(model_);
  }

  void give_back(std::unique_ptr<Encoder> encoder) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(encoder));
  }

 private:
  const Model& model_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Encoder>> idle_;
};

}  // namespace peft::host
