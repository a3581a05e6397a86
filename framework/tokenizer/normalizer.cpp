#include "tokenizer/normalizer.h"

#include <utility>
#include <vector>

#include "tokenizer/component.h"
#include "tokenizer/normalizers/bert_normalizer.h"

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
  component.refuse_type({"BertNormalizer", "Sequence"});
}

}  // namespace peft::host
