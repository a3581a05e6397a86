#include "tokenizer/models/unigram.h"

#include <algorithm>
#include <string>

#include "peft/error.h"
#include "tokenizer/byte_tokens.h"
#include "tokenizer/utf8_characters.h"

namespace peft::host {
namespace {

constexpr double unknown_penalty = 10.0;  // below the worst piece

TokenId checked_unk_id(const UnigramDefinition& definition, const VocabularyIndex& vocabulary) {
  const auto size = static_cast<std::int64_t>(vocabulary.entries().size());
  if (!definition.unk_id || *definition.unk_id < 0 || *definition.unk_id >= size) {
    throw Error("the unknown piece's unk_id is " +
                (definition.unk_id ? std::to_string(*definition.unk_id) : std::string("missing")) +
                ", expected one of the " + std::to_string(size) + " pieces; fetch the file again");
  }
  return static_cast<TokenId>(*definition.unk_id);
}

}  // namespace

// For the end of every prefix of a word, the best way there.
struct Unigram::Lattice final : Workspace {
  struct Node {
    double score = 0;
    std::int32_t begin = -1;  // of the last piece on the way; -1: none leads here
    TokenId id = 0;           // of that piece
  };
  std::vector<Node> nodes;
  std::vector<std::int32_t> ends;  // of the pieces, last first
};

Unigram::Unigram(const UnigramDefinition& definition, const VocabularyIndex& vocabulary)
    : scores_(definition.scores),
      unk_id_(checked_unk_id(definition, vocabulary)),
      unk_score_(*std::min_element(scores_.begin(), scores_.end()) - unknown_penalty) {
  for (const auto& [piece, id] : vocabulary.entries()) pieces_.insert(piece, static_cast<TokenId>(id));
  if (definition.byte_fallback) byte_ids_ = byte_token_ids(vocabulary);
}

std::unique_ptr<Model::Workspace> Unigram::make_workspace() const {
  return std::make_unique<Lattice>();
}

void Unigram::find_best(std::string_view word, Lattice& lattice) const {
  auto& nodes = lattice.nodes;
  nodes.assign(word.size() + 1, {});
  const auto reach = [&](std::size_t end, std::size_t begin, TokenId id, double score) {
    Lattice::Node& node = nodes[end];
    const double total = score + nodes[begin].score;
    if (node.begin < 0 || total > node.score) node = {total, static_cast<std::int32_t>(begin), id};
  };
  for (std::size_t begin = 0; begin < word.size();) {
    const std::size_t character = unicode::decode_first(word.substr(begin)).length;
    bool has_character = false;  // whether a piece is this one character
    PrefixTrie::Node at = PrefixTrie::root;
    for (std::size_t i = begin; i < word.size(); ++i) {
      at = pieces_.step(at, static_cast<unsigned char>(word[i]));
      if (at == PrefixTrie::none) break;
      const TokenId id = pieces_.value(at);
      if (id < 0) continue;
      reach(i + 1, begin, id, scores_[static_cast<std::size_t>(id)]);
      if (i + 1 - begin == character) has_character = true;
    }
    if (!has_character) reach(begin + character, begin, unk_id_, unk_score_);
    begin += character;
  }
}

// A run of unknown characters is one unknown piece, or its bytes; or the entry that it spells, as <unk>
// itself.
void Unigram::append_unknown(std::string_view run, std::vector<TokenId>& ids) const {
  if (const TokenId id = pieces_.find(run); id >= 0) return ids.push_back(id);
  if (byte_ids_ && append_byte_tokens(*byte_ids_, run, ids)) return;
  ids.push_back(unk_id_);
}

void Unigram::encode_word(std::string_view word, Workspace& workspace, std::vector<TokenId>& ids) const {
  auto& lattice = static_cast<Lattice&>(workspace);
  find_best(word, lattice);
  lattice.ends.clear();
  for (auto end = static_cast<std::int32_t>(word.size()); end > 0;
       end = lattice.nodes[static_cast<std::size_t>(end)].begin) {
    lattice.ends.push_back(end);
  }
  std::size_t run = 0;  // where the run of unknown characters begins
  std::size_t begin = 0;
  bool unknown = false;
  for (auto end = lattice.ends.rbegin(); end != lattice.ends.rend(); ++end) {
    const TokenId id = lattice.nodes[static_cast<std::size_t>(*end)].id;
    if (unknown && id != unk_id_) append_unknown(word.substr(run, begin - run), ids);
    if (!unknown) run = begin;
    unknown = id == unk_id_;
    if (!unknown) ids.push_back(id);
    begin = static_cast<std::size_t>(*end);
  }
  if (unknown) append_unknown(word.substr(run), ids);
}

}  // namespace peft::host
