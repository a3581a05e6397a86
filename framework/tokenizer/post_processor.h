// The last stage: the special tokens around a text, or around two.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "peft/value.h"

namespace peft::host {

// TemplateProcessing, and what BertProcessing, RobertaProcessing and ByteLevel come to. Immutable.
class PostProcessor {
 public:
  // As tokenizer.json describes it; for null nothing is added. Throws peft::Error for what is not known.
  explicit PostProcessor(const Value& description);

  std::vector<std::int64_t> process(std::span<const std::int64_t> text) const;
  std::vector<std::int64_t> process(std::span<const std::int64_t> first,
                                    std::span<const std::int64_t> second) const;

  // How many ids stand around one text.
  std::int64_t added() const;

 private:
  // Ids, or a text where they are.
  struct Piece {
    enum class What { ids, first_text, second_text };
    What what = What::ids;
    std::vector<std::int64_t> ids;
  };
  using Template = std::vector<Piece>;

  static Template read_template(const Value& pieces, const Value& special_tokens);
  static std::vector<std::int64_t> fill(const Template& form, std::span<const std::int64_t> first,
                                        std::span<const std::int64_t> second);

  Template single_ = {{Piece::What::first_text, {}}};
  Template pair_ = {{Piece::What::first_text, {}}, {Piece::What::second_text, {}}};
};

}  // namespace peft::host
