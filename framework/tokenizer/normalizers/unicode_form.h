// Unicode's normalization forms.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace peft::host {

// Immutable; any thread. ICU's, held to the characters of Unicode 9.0, which is what tokenizers 0.23 knows:
// forms of assigned characters never change from version to version, so whatever ICU is installed gives the
// same text.
class UnicodeForm {
 public:
  enum class Form { nfc, nfd, nfkc, nfkd };

  explicit UnicodeForm(Form form);
  ~UnicodeForm();

  // Appends the normalized text. `text` is well-formed UTF-8.
  void append(std::string_view text, std::string& normalized) const;

  bool is_normalized(std::string_view text) const;

 private:
  struct Icu;
  std::unique_ptr<Icu> icu_;
};

}  // namespace peft::host
