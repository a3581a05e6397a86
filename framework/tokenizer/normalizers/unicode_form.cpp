#include "tokenizer/normalizers/unicode_form.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uniset.h>

#include "peft/error.h"

namespace peft::host {
namespace {

constexpr char known_characters[] = "[:age=9.0:]";

void check(UErrorCode code, const char* what) {
  if (U_FAILURE(code)) {
    throw Error(std::string("ICU cannot ") + what + ": " + u_errorName(code) +
                "; reinstall the ICU library with its data");
  }
}

const icu::Normalizer2& instance(UnicodeForm::Form form) {
  UErrorCode code = U_ZERO_ERROR;
  const icu::Normalizer2* found = nullptr;
  switch (form) {
    case UnicodeForm::Form::nfc: found = icu::Normalizer2::getNFCInstance(code); break;
    case UnicodeForm::Form::nfd: found = icu::Normalizer2::getNFDInstance(code); break;
    case UnicodeForm::Form::nfkc: found = icu::Normalizer2::getNFKCInstance(code); break;
    case UnicodeForm::Form::nfkd: found = icu::Normalizer2::getNFKDInstance(code); break;
  }
  check(code, "normalize text");
  return *found;
}

icu::UnicodeSet frozen_set() {
  UErrorCode code = U_ZERO_ERROR;
  icu::UnicodeSet set(icu::UnicodeString::fromUTF8(known_characters), code);
  check(code, "tell which characters Unicode 9.0 has");
  set.freeze();
  return set;
}

icu::StringPiece piece(std::string_view text) {
  return {text.data(), static_cast<std::int32_t>(text.size())};
}

}  // namespace

struct UnicodeForm::Icu {
  explicit Icu(Form form) : set(frozen_set()), normalizer(instance(form), set) {}

  icu::UnicodeSet set;
  icu::FilteredNormalizer2 normalizer;  // refers to the set
};

UnicodeForm::UnicodeForm(Form form) : icu_(std::make_unique<Icu>(form)) {}
UnicodeForm::~UnicodeForm() = default;

void UnicodeForm::append(std::string_view text, std::string& normalized) const {
  UErrorCode code = U_ZERO_ERROR;
  icu::StringByteSink<std::string> sink(&normalized);
  icu_->normalizer.normalizeUTF8(0, piece(text), sink, nullptr, code);
  check(code, "normalize text");
}

bool UnicodeForm::is_normalized(std::string_view text) const {
  UErrorCode code = U_ZERO_ERROR;
  const bool normalized = icu_->normalizer.isNormalizedUTF8(piece(text), code);
  check(code, "normalize text");
  return normalized;
}

}  // namespace peft::host
