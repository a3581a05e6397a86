#include "tokenizer/normalizer.h"

#include <utility>
#include <vector>

#include "tokenizer/component.h"
#include "tokenizer/normalizers/bert_normalizer.h"
#include "tokenizer/normalizers/lowercase.h"
#include "tokenizer/normalizers/precompiled.h"
#include "tokenizer/normalizers/simple_normalizers.h"

namespace peft::host {
namespace {

class Sequence final : public Normalizer {
 public:
  explicit Sequence(const Component& description) {
    description.only_keys({"normalizers"});
    for (const Value& part : description.at("normalizers").as_list()) parts_.push_back(make_normalizer(part));
  }

  void normalize(std::string& text) const override {
    for (const auto& part : parts_) part->normalize(text);
  }

 private:
  std::vector<std::unique_ptr<Normalizer>> parts_;
};

}  // namespace

Normalizer::~Normalizer() = default;

std::unique_ptr<Normalizer> make_normalizer(const Value& description) {
  if (description.is_null()) return nullptr;
  const Component component("normalizer", description);
  const std::string& type = component.type();
  if (type == "Sequence") return std::make_unique<Sequence>(component);
  if (type == "BertNormalizer") return std::make_unique<BertNormalizer>(component);
  if (type == "NFC") return std::make_unique<UnicodeFormNormalizer>(UnicodeForm::Form::nfc);
  if (type == "NFD") return std::make_unique<UnicodeFormNormalizer>(UnicodeForm::Form::nfd);
  if (type == "NFKC") return std::make_unique<UnicodeFormNormalizer>(UnicodeForm::Form::nfkc);
  if (type == "NFKD") return std::make_unique<UnicodeFormNormalizer>(UnicodeForm::Form::nfkd);
  if (type == "Lowercase") return std::make_unique<Lowercase>();
  if (type == "StripAccents") return std::make_unique<StripAccents>();
  if (type == "Strip") return std::make_unique<Strip>(component);
  if (type == "Prepend") return std::make_unique<Prepend>(component);
  if (type == "Replace") return std::make_unique<Replace>(component);
  if (type == "Precompiled") return std::make_unique<Precompiled>(component);
  component.refuse_type({"BertNormalizer", "NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Strip",
                         "Prepend", "Replace", "Precompiled", "Sequence"});
}

}  // namespace peft::host
