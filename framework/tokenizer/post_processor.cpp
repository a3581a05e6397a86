#include "tokenizer/post_processor.h"

#include <string>

#include "peft/error.h"
#include "tokenizer/component.h"

namespace peft::host {
namespace {

// ["[SEP]", 102]
std::int64_t id_of(const Value& token) {
  const Value::List& pair = token.as_list();
  if (pair.size() != 2) {
    throw Error("post-processor token of " + std::to_string(pair.size()) +
                " items found, expected its text and its id; fetch the file again");
  }
  return pair[1].as_integer();
}

}  // namespace

PostProcessor::PostProcessor(const Value& description) {
  if (description.is_null()) return;
  const Component component("post-processor", description);
  const auto ids = [](std::initializer_list<std::int64_t> list) { return Piece{Piece::What::ids, list}; };
  const Piece first{Piece::What::first_text, {}};
  const Piece second{Piece::What::second_text, {}};
  if (component.type() == "TemplateProcessing") {
    component.only_keys({"single", "pair", "special_tokens"});
    const Value& special = component.at("special_tokens");
    single_ = read_template(component.at("single"), special);
    pair_ = read_template(component.at("pair"), special);
  } else if (component.type() == "BertProcessing") {
    component.only_keys({"sep", "cls"});
    const Piece cls = ids({id_of(component.at("cls"))});
    const Piece sep = ids({id_of(component.at("sep"))});
    single_ = {cls, first, sep};
    pair_ = {cls, first, sep, second, sep};
  } else if (component.type() == "RobertaProcessing") {
    component.only_keys({"sep", "cls", "trim_offsets", "add_prefix_space"});
    const Piece cls = ids({id_of(component.at("cls"))});
    const Piece sep = ids({id_of(component.at("sep"))});
    single_ = {cls, first, sep};
    pair_ = {cls, first, sep, sep, second, sep};
  } else if (component.type() == "Sequence") {
    component.only_keys({"processors"});
    for (const Value& part : component.at("processors").as_list()) {
      PostProcessor next(part);
      if (next.added() == 0) continue;  // ByteLevel, which is about offsets
      if (added() > 0) {
        throw Error(
            "post-processor Sequence adds special tokens twice, expected one part that does; take a "
            "tokenizer with one TemplateProcessing");
      }
      *this = std::move(next);
    }
  } else if (component.type() != "ByteLevel") {
    component.refuse_type(
        {"TemplateProcessing", "BertProcessing", "RobertaProcessing", "ByteLevel", "Sequence"});
  }
}

// [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, …]
PostProcessor::Template PostProcessor::read_template(const Value& pieces, const Value& special_tokens) {
  Template form;
  for (const Value& piece : pieces.as_list()) {
    if (const Value* sequence = piece.find("Sequence")) {
      const bool first = sequence->at("id").as_text() == "A";
      form.push_back({first ? Piece::What::first_text : Piece::What::second_text, {}});
      continue;
    }
    const std::string& name = piece.at("SpecialToken").at("id").as_text();
    Piece special;
    for (const Value& id : special_tokens.at(name).at("ids").as_list())
      special.ids.push_back(id.as_integer());
    form.push_back(std::move(special));
  }
  return form;
}

std::vector<std::int64_t> PostProcessor::fill(const Template& form, std::span<const std::int64_t> first,
                                              std::span<const std::int64_t> second) {
  std::vector<std::int64_t> ids;
  ids.reserve(first.size() + second.size() + form.size());
  for (const Piece& piece : form) {
    std::span<const std::int64_t> part = piece.ids;
    if (piece.what == Piece::What::first_text) part = first;
    if (piece.what == Piece::What::second_text) part = second;
    ids.insert(ids.end(), part.begin(), part.end());
  }
  return ids;
}

std::vector<std::int64_t> PostProcessor::process(std::span<const std::int64_t> text) const {
  return fill(single_, text, {});
}

std::vector<std::int64_t> PostProcessor::process(std::span<const std::int64_t> first,
                                                 std::span<const std::int64_t> second) const {
  return fill(pair_, first, second);
}

std::int64_t PostProcessor::added() const {
  return static_cast<std::int64_t>(fill(single_, {}, {}).size());
}

}  // namespace peft::host
