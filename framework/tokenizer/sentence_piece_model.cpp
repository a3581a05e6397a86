#include "tokenizer/sentence_piece_model.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <unordered_map>

#include "base/files.h"
#include "base/utf8.h"
#include "peft/error.h"
#include "tokenizer/base64.h"
#include "tokenizer/protobuf_wire.h"
#include "tokenizer/utf8_characters.h"

namespace peft::host {
namespace {

// What is read of ModelProto (sentencepiece_model.proto); the numbers are its fields'.
struct Piece {
  enum Type : std::uint64_t { normal = 1, unknown = 2, control = 3, user_defined = 4, byte = 6 };
  std::string text;             // 1
  float score = 0;              // 2
  std::uint64_t type = normal;  // 3
};

struct SentencePieceModel {
  enum Kind : std::uint64_t { unigram = 1, bpe = 2 };
  std::vector<Piece> pieces;         // 1
  std::uint64_t kind = unigram;      // 2: trainer_spec, 3
  bool byte_fallback = false;        // 35
  std::uint64_t unk_id = 0;          // 40
  std::uint64_t bos_id = 1;          // 41
  std::string precompiled_charsmap;  // 3: normalizer_spec, 2
};

Piece read_piece(std::string_view message) {
  Piece piece;
  for (ProtobufReader reader(message); reader.next();) {
    switch (reader.field()) {
      case 1: piece.text = reader.bytes(); break;
      case 2: piece.score = reader.real(); break;
      case 3: piece.type = reader.number(); break;
      default: break;
    }
  }
  if (valid_utf8_prefix(piece.text) != piece.text.size()) {
    throw Error("a piece that is not UTF-8 found, expected text; the file is damaged, fetch it again");
  }
  return piece;
}

void read_trainer_spec(std::string_view message, SentencePieceModel& model) {
  for (ProtobufReader reader(message); reader.next();) {
    switch (reader.field()) {
      case 3: model.kind = reader.number(); break;
      case 35: model.byte_fallback = reader.number() != 0; break;
      case 40: model.unk_id = reader.number(); break;
      case 41: model.bos_id = reader.number(); break;
      default: break;
    }
  }
}

SentencePieceModel read_model(std::string_view message) {
  SentencePieceModel model;
  for (ProtobufReader reader(message); reader.next();) {
    switch (reader.field()) {
      case 1: model.pieces.push_back(read_piece(reader.bytes())); break;
      case 2: read_trainer_spec(reader.bytes(), model); break;
      case 3:
        for (ProtobufReader spec(reader.bytes()); spec.next();) {
          if (spec.field() == 2) model.precompiled_charsmap = spec.bytes();
        }
        break;
      default: break;
    }
  }
  if (model.pieces.empty()) {
    throw Error(
        "no pieces found, expected a SentencePiece model; the file is of another kind, fetch it again");
  }
  return model;
}

// Control pieces are special, what its user defined is found as it is; both stand in the text as themselves.
void add_pieces(const SentencePieceModel& model, TokenizerDefinition& definition) {
  for (const Piece& piece : model.pieces) {
    const auto id = static_cast<std::int64_t>(definition.vocabulary.size());
    definition.vocabulary.emplace_back(piece.text, id);
    if (piece.type != Piece::control && piece.type != Piece::user_defined) continue;
    definition.added_tokens.push_back(
        {.id = id, .content = piece.text, .special = piece.type == Piece::control});
  }
}

// T5's <extra_id_99> to <extra_id_0>, which are not in the file.
void add_extra_ids(std::int64_t count, TokenizerDefinition& definition, UnigramDefinition& unigram) {
  for (std::int64_t i = count - 1; i >= 0; --i) {
    const auto id = static_cast<std::int64_t>(definition.vocabulary.size());
    const std::string content = "<extra_id_" + std::to_string(i) + ">";
    definition.vocabulary.emplace_back(content, id);
    definition.added_tokens.push_back({.id = id, .content = content, .special = true});
    unigram.scores.push_back(0.0);
  }
}

void make_t5(const SentencePieceModel& model, const Value& config, TokenizerDefinition& definition) {
  UnigramDefinition unigram;
  for (const Piece& piece : model.pieces) unigram.scores.push_back(piece.score);
  unigram.unk_id = static_cast<std::int64_t>(model.unk_id);
  const Value* extra_ids = config.find("extra_ids");
  add_extra_ids(extra_ids == nullptr || extra_ids->is_null() ? 100 : extra_ids->as_integer(), definition,
                unigram);
  definition.model = std::move(unigram);
  if (!model.precompiled_charsmap.empty()) {
    definition.normalizer = Value::Map{{"type", "Precompiled"},
                                       {"precompiled_charsmap", encode_base64(model.precompiled_charsmap)}};
  }
  const Value meta_space = Value::Map{{"type", "Metaspace"}, {"prepend_scheme", "always"}};
  definition.pre_tokenizer =
      Value::Map{{"type", "Sequence"},
                 {"pretokenizers", Value::List{Value::Map{{"type", "WhitespaceSplit"}}, meta_space}}};
  definition.decoder = meta_space;
}

// Every way to put a piece together from two others is a merge; the piece's place is its rank, then the
// shorter left part. (The file does not say by which merge a piece came about, nor does it matter.)
std::vector<std::pair<std::string, std::string>> merges_of(const Vocabulary& vocabulary) {
  std::unordered_map<std::string_view, std::int64_t> ids;
  for (const auto& [piece, id] : vocabulary) ids.emplace(piece, id);
  std::vector<std::pair<std::string, std::string>> merges;
  for (const auto& [piece, id] : vocabulary) {
    const std::string_view whole = piece;
    for (std::size_t cut = 0; cut < whole.size();) {
      cut += unicode::decode_first(whole.substr(cut)).length;
      if (cut == whole.size()) break;
      if (ids.contains(whole.substr(0, cut)) && ids.contains(whole.substr(cut))) {
        merges.emplace_back(whole.substr(0, cut), whole.substr(cut));
      }
    }
  }
  return merges;
}

void make_llama(const SentencePieceModel& model, const Value& config, TokenizerDefinition& definition) {
  const auto flag = [&](std::string_view key, bool absent) {
    const Value* found = config.find(key);
    return found == nullptr || found->is_null() ? absent : found->as_boolean();
  };
  BpeDefinition bpe;
  bpe.merges = merges_of(definition.vocabulary);
  bpe.fuse_unk = true;
  bpe.byte_fallback = model.byte_fallback;
  if (model.unk_id < model.pieces.size()) bpe.unk_token = model.pieces[model.unk_id].text;
  definition.model = std::move(bpe);
  const bool prefix = flag("add_prefix_space", true);
  const char* const scheme = !prefix ? "never" : flag("legacy", false) ? "always" : "first";
  definition.pre_tokenizer = Value::Map{{"type", "Metaspace"}, {"prepend_scheme", scheme}, {"split", false}};
  Value::List decoders = {
      Value::Map{{"type", "Replace"}, {"pattern", Value::Map{{"String", "\u2581"}}}, {"content", " "}},
      Value::Map{{"type", "ByteFallback"}}, Value::Map{{"type", "Fuse"}}};
  if (prefix) {
    decoders.push_back(Value::Map{{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}});
  }
  definition.decoder = Value::Map{{"type", "Sequence"}, {"decoders", std::move(decoders)}};
  if (model.bos_id >= model.pieces.size()) return;
  // Llama's texts begin with <s>; add_bos_token and add_eos_token may say otherwise.
  const std::string& bos = model.pieces[model.bos_id].text;
  const Value first = Value::Map{{"SpecialToken", Value::Map{{"id", bos}}}};
  const auto text = [](const char* id) { return Value(Value::Map{{"Sequence", Value::Map{{"id", id}}}}); };
  const Value ids = Value::List{static_cast<std::int64_t>(model.bos_id)};
  definition.post_processor = Value::Map{{"type", "TemplateProcessing"},
                                         {"single", Value::List{first, text("A")}},
                                         {"pair", Value::List{first, text("A"), first, text("B")}},
                                         {"special_tokens", Value::Map{{bos, Value::Map{{"ids", ids}}}}}};
}

}  // namespace

TokenizerDefinition read_sentence_piece_model(const std::filesystem::path& path, const Value& config) {
  TokenizerDefinition definition;
  definition.vocabulary_file = definition.merges_file = path.string();
  const std::string content = read_file(path);
  try {
    const SentencePieceModel model = read_model(content);
    add_pieces(model, definition);
    if (model.kind == SentencePieceModel::unigram) {
      make_t5(model, config, definition);
    } else if (model.kind == SentencePieceModel::bpe) {
      make_llama(model, config, definition);
    } else {
      throw Error("a SentencePiece model of kind " + std::to_string(model.kind) +
                  " found, expected 1 (unigram) or 2 (BPE); take a tokenizer of these");
    }
  } catch (const Error& problem) {
    throw Error(definition.vocabulary_file + ": error: " + problem.what());
  }
  return definition;
}

}  // namespace peft::host
