#include "tokenizer/decoder.h"

#include <algorithm>

#include "tokenizer/component.h"
#include "tokenizer/decoders/simple_decoders.h"
#include "tokenizer/decoders/word_piece_decoder.h"

namespace peft::host {
namespace {

class Sequence final : public Decoder {
 public:
  explicit Sequence(const Component& description) {
    description.only_keys({"decoders"});
    for (const Value& part : description.at("decoders").as_list()) parts_.push_back(make_decoder(part));
  }

  void decode(std::vector<std::string>& tokens) const override {
    for (const auto& part : parts_) part->decode(tokens);
  }

  bool depends_on_next(const std::string& token) const override {
    return std::any_of(parts_.begin(), parts_.end(),
                       [&](const auto& part) { return part->depends_on_next(token); });
  }

 private:
  std::vector<std::unique_ptr<Decoder>> parts_;
};

// What a tokenizer without a decoder does.
class JoinWithSpaces final : public Decoder {
 public:
  void decode(std::vector<std::string>& tokens) const override {
    for (std::size_t i = 1; i < tokens.size(); ++i) tokens[i].insert(0, 1, ' ');
  }
};

}  // namespace

Decoder::~Decoder() = default;

bool Decoder::depends_on_next(const std::string&) const {
  return false;
}

std::unique_ptr<Decoder> make_decoder(const Value& description) {
  if (description.is_null()) return std::make_unique<JoinWithSpaces>();
  const Component component("decoder", description);
  const std::string& type = component.type();
  if (type == "Sequence") return std::make_unique<Sequence>(component);
  if (type == "WordPiece") return std::make_unique<WordPieceDecoder>(component);
  if (type == "Metaspace") return std::make_unique<MetaSpaceDecoder>(component);
  if (type == "ByteFallback") return std::make_unique<ByteFallback>(component);
  if (type == "Fuse") return std::make_unique<Fuse>(component);
  if (type == "Replace") return std::make_unique<ReplaceDecoder>(component);
  if (type == "Strip") return std::make_unique<StripDecoder>(component);
  component.refuse_type({"WordPiece", "Metaspace", "ByteFallback", "Fuse", "Replace", "Strip", "Sequence",
                         "ByteLevel (alone, after a pre-tokenizer that ends in it)"});
}

}  // namespace peft::host
