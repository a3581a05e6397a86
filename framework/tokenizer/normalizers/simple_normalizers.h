// The normalizers that are a line or two each.
#pragma once

#include <memory>
#include <string>

#include "tokenizer/component.h"
#include "tokenizer/normalizer.h"
#include "tokenizer/normalizers/unicode_form.h"
#include "tokenizer/pattern.h"

namespace peft::host {

// NFC, NFD, NFKC, NFKD.
class UnicodeFormNormalizer final : public Normalizer {
 public:
  explicit UnicodeFormNormalizer(UnicodeForm::Form form) : form_(form) {}
  void normalize(std::string& text) const override;

 private:
  UnicodeForm form_;
};

// Takes the marks out; what has them already decomposed loses its accents.
class StripAccents final : public Normalizer {
 public:
  void normalize(std::string& text) const override;
};

// Takes white space off the ends.
class Strip final : public Normalizer {
 public:
  explicit Strip(const Component& description);
  void normalize(std::string& text) const override;

 private:
  bool left_;
  bool right_;
};

// Puts a text in front of any that is not empty.
class Prepend final : public Normalizer {
 public:
  explicit Prepend(const Component& description);
  void normalize(std::string& text) const override;

 private:
  std::string prepend_;
};

// Writes another text for every match of a pattern.
class Replace final : public Normalizer {
 public:
  explicit Replace(const Component& description);
  void normalize(std::string& text) const override;

 private:
  std::unique_ptr<Pattern> pattern_;
  std::string content_;
};

}  // namespace peft::host
