#include "tokenizer/pre_tokenizer.h"

#include <vector>

#include "peft/error.h"
#include "tokenizer/component.h"
#include "tokenizer/pre_tokenizers/bert_pre_tokenizer.h"
#include "tokenizer/pre_tokenizers/byte_level.h"
#include "tokenizer/pre_tokenizers/meta_space_split.h"
#include "tokenizer/pre_tokenizers/split.h"
#include "tokenizer/pre_tokenizers/split_characters.h"

namespace peft::host {
namespace {

constexpr std::string_view stage = "pre-tokenizer";

class Sequence final : public PreTokenizer {
 public:
  explicit Sequence(const Component& description) {
    description.only_keys({"pretokenizers"});
    const Value::List& parts = description.at("pretokenizers").as_list();
    for (const Value& part : parts) {
      if (&part != &parts.back() && ends_in_bytes(part)) {
        throw Error(
            "pre-tokenizer ByteLevel stands before others in a Sequence, expected it last; take a "
            "tokenizer that ends in it");
      }
      parts_.push_back(make_pre_tokenizer(part));
    }
  }

  void pre_tokenize(Words& words) const override {
    for (const auto& part : parts_) part->pre_tokenize(words);
  }

 private:
  std::vector<std::unique_ptr<PreTokenizer>> parts_;
};

}  // namespace

PreTokenizer::~PreTokenizer() = default;

std::unique_ptr<PreTokenizer> make_pre_tokenizer(const Value& description) {
  if (description.is_null()) return nullptr;
  const Component component(stage, description);
  const std::string& type = component.type();
  if (type == "Sequence") return std::make_unique<Sequence>(component);
  if (type == "BertPreTokenizer") return std::make_unique<BertPreTokenizer>(component);
  if (type == "ByteLevel") return std::make_unique<ByteLevel>(component);
  if (type == "Metaspace") return std::make_unique<MetaSpaceSplit>(component);
  if (type == "Split") return std::make_unique<PatternSplit>(component);
  if (type == "Whitespace") return std::make_unique<Whitespace>(component);
  if (type == "WhitespaceSplit") return std::make_unique<WhitespaceSplit>(component);
  if (type == "Digits") return std::make_unique<Digits>(component);
  if (type == "Punctuation") return std::make_unique<Punctuation>(component);
  component.refuse_type({"BertPreTokenizer", "ByteLevel", "Metaspace", "Split", "Whitespace",
                         "WhitespaceSplit", "Digits", "Punctuation", "Sequence"});
}

bool ends_in_bytes(const Value& description) {
  const Value* type = description.find("type");
  const Value* parts = description.find("pretokenizers");
  if (parts != nullptr && parts->is_list() && !parts->as_list().empty()) {
    return ends_in_bytes(parts->as_list().back());
  }
  return type != nullptr && *type == Value("ByteLevel");
}

}  // namespace peft::host
