// The third stage: the ids of one word. Named as in Hugging Face's tokenizers.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace peft::host {

using TokenId = std::int32_t;

// Immutable; any thread, each with a workspace of its own.
class Model {
 public:
  // Memory that lives from word to word; what is in it means nothing between them.
  class Workspace {
   public:
    Workspace() = default;
    Workspace(const Workspace&) = delete;
    Workspace& operator=(const Workspace&) = delete;
    virtual ~Workspace();
  };

  Model() = default;
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;
  virtual ~Model();

  // One of the kind that this model's `encode_word` takes.
  virtual std::unique_ptr<Workspace> make_workspace() const;

  // Whether a word may be cut before every ▁ that follows another character without any id changing: words
  // that are as long as a text are then many short ones, which the cache knows.
  virtual bool words_begin_at_meta_space() const { return false; }

  // Appends the word's ids to `ids`. `word` is not empty, and at most 2^31 - 1 bytes.
  virtual void encode_word(std::string_view word, Workspace& workspace, std::vector<TokenId>& ids) const = 0;
};

}  // namespace peft::host
