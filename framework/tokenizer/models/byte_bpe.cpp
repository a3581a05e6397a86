#include "tokenizer/models/byte_bpe.h"

#include "peft/error.h"
#include "tokenizer/byte_alphabet.h"

namespace peft::host {
namespace {

std::array<TokenId, 256> ids_of_bytes(const VocabularyIndex& vocabulary) {
  std::array<TokenId, 256> ids{};
  std::vector<std::string> missing;
  for (unsigned byte = 0; byte < 256; ++byte) {
    const std::string token = token_of_bytes(std::string(1, static_cast<char>(byte)));
    const auto id = vocabulary.id_of(token);
    if (!id) missing.push_back(token);
    ids[byte] = id.value_or(0);
  }
  if (!missing.empty()) {
    throw Error(std::to_string(missing.size()) +
                " of the 256 single bytes are not in the vocabulary (the first is '" + missing.front() +
                "'), so texts that hold them would lose them; expected a byte-level vocabulary with all of "
                "them: train it with ByteLevel.alphabet() as initial_alphabet");
  }
  return ids;
}

}  // namespace

ByteBpe::ByteBpe(const BpeDefinition& definition, const VocabularyIndex& vocabulary)
    : byte_ids_(ids_of_bytes(vocabulary)), merges_(vocabulary.merges(definition)) {
  if (!definition.ignore_merges) return;
  for (const auto& [entry, id] : vocabulary.entries()) {
    if (auto bytes = bytes_of_token(entry)) {
      whole_words_.emplace(std::move(*bytes), static_cast<TokenId>(id));
    }
  }
}

void ByteBpe::encode_word(std::string_view word, Workspace& workspace, std::vector<TokenId>& ids) const {
  if (const auto whole = whole_words_.find(word); whole != whole_words_.end()) {
    ids.push_back(whole->second);
    return;
  }
  auto& symbols = static_cast<BpeMerges::Workspace&>(workspace);
  symbols.clear();
  for (const char byte : word) symbols.add(byte_ids_[static_cast<unsigned char>(byte)]);
  merges_.apply(symbols, ids);
}

}  // namespace peft::host
