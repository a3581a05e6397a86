#include "tokenizer/identity.h"

#include <cstdint>
#include <string_view>

#include "base/json.h"
#include "base/xxh3.h"

namespace peft::host {
namespace {

// Every length stands before what it measures, so that no two definitions give the same text. Every member is
// named: one that is added and forgotten here does not compile.
class Writer {
 public:
  void number(std::int64_t value) { all_.append(reinterpret_cast<const char*>(&value), sizeof value); }
  void text(std::string_view value) {
    number(static_cast<std::int64_t>(value.size()));
    all_ += value;
  }
  void score(double value) { all_.append(reinterpret_cast<const char*>(&value), sizeof value); }

  void model(const BpeDefinition& bpe) {
    const auto& [merges, unk_token, fuse_unk, byte_fallback, ignore_merges] = bpe;
    text("BPE");
    number(static_cast<std::int64_t>(merges.size()));
    for (const auto& [left, right] : merges) text(left), text(right);
    text(unk_token.value_or(""));
    for (const bool flag : {fuse_unk, byte_fallback, ignore_merges}) number(flag);
  }

  void model(const WordPieceDefinition& word_piece) {
    const auto& [unk_token, continuing_subword_prefix, max_input_chars_per_word] = word_piece;
    text("WordPiece");
    text(unk_token);
    text(continuing_subword_prefix);
    number(max_input_chars_per_word);
  }

  void model(const UnigramDefinition& unigram) {
    const auto& [scores, unk_id, byte_fallback] = unigram;
    text("Unigram");
    number(static_cast<std::int64_t>(scores.size()));
    for (const double value : scores) score(value);
    number(unk_id.value_or(-1));
    number(byte_fallback);
  }

  void definition(const TokenizerDefinition& definition) {
    const auto& [vocabulary, model_definition, added, normalizer, pre_tokenizer, post_processor, decoder,
                 special, clean_up, vocabulary_file, merges_file] = definition;
    number(static_cast<std::int64_t>(vocabulary.size()));
    for (const auto& [token, id] : vocabulary) text(token), number(id);
    std::visit([&](const auto& of_kind) { model(of_kind); }, model_definition);
    number(static_cast<std::int64_t>(added.size()));
    for (const auto& [id, content, is_special, lstrip, rstrip, normalized, single_word] : added) {
      number(id);
      text(content);
      for (const bool flag : {is_special, lstrip, rstrip, normalized, single_word}) number(flag);
    }
    for (const Value* stage : {&normalizer, &pre_tokenizer, &post_processor}) text(dump_json(*stage));
    text(special.eos.value_or(""));
  }

  std::string hash() const { return xxh3(all_); }

 private:
  std::string all_;
};

}  // namespace

std::string identity_of(const TokenizerDefinition& definition) {
  Writer writer;
  writer.definition(definition);
  return writer.hash();
}

}  // namespace peft::host
