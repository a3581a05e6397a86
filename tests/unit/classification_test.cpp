// The task classification: what labelled texts become. What is minimised is compared with transformers in
// tests/parity.
#include "tasks/classification/classification.h"

#include <catch2/catch.hpp>
#include <string>

#include "data/encode_context.h"
#include "data_fixture.h"
#include "peft/error.h"
#include "template_fixture.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;
using peft::classification::Classification;

namespace {

constexpr int64_t opening = 300;
constexpr int64_t closing = 301;

// A byte is a token, and a text stands between two special ones, as in BERT.
class FramedCodec : public ByteCodec {
 public:
  std::vector<int64_t> with_special_tokens(const std::vector<int64_t>& ids) const override {
    std::vector<int64_t> framed = {opening};
    framed.insert(framed.end(), ids.begin(), ids.end());
    framed.push_back(closing);
    return framed;
  }
};

Example labelled(const std::string& text, int64_t label) {
  return {.content = LabelledText{.text = text, .label = label}, .group = "row 7"};
}

std::optional<EncodedExample> encode(const Example& example, int64_t max_length,
                                     const TextCodec& codec = FramedCodec(), int64_t labels = 2) {
  const HumanAssistantTemplate form;
  host::HostEncodeContext context(codec, form, {.max_length = max_length});
  return Classification({.labels = labels}).encode(example, context);
}

}  // namespace

TEST_CASE("A text keeps its special tokens where it is cut, and its label") {
  const auto whole = encode(labelled("abc", 1), 5);
  REQUIRE(whole);
  CHECK(whole->inputs.at(0).ids == std::vector<int64_t>{opening, 'a', 'b', 'c', closing});
  CHECK(whole->inputs.at(0).labels.empty());
  CHECK(whole->target == 1.0);
  CHECK(encode(labelled("abc", 0), 4)->inputs.at(0).ids == std::vector<int64_t>{opening, 'a', 'b', closing});
  CHECK_THROWS_WITH(encode(labelled("abc", 0), 2), Contains("max_length") && Contains("2 special tokens"));
  CHECK(encode(labelled("abc", 0), 2, ByteCodec())->inputs.at(0).ids == std::vector<int64_t>{'a', 'b'});
}

TEST_CASE("A label there is none of is refused by label and count") {
  CHECK(encode(labelled("a", 2), 9, FramedCodec(), 3));
  CHECK_THROWS_WITH(encode(labelled("a", 2), 9),
                    Contains("label 2") && Contains("from 0 to 1") && Contains("'labels: 2'"));
  CHECK_THROWS_AS(encode(labelled("a", -1), 9), UsageError);
  CHECK_THROWS_WITH(encode({.content = Text{"a"}, .group = ""}, 9),
                    Contains("found text") && Contains("expected labelled text"));
}

TEST_CASE("Labels are counted or named, and named otherwise as transformers does") {
  CHECK(Classification({}).label_names() == std::vector<std::string>{"LABEL_0", "LABEL_1"});
  CHECK(Classification({.names = {"no", "perhaps", "yes"}}).label_names().size() == 3);
  CHECK_THROWS_WITH(Classification({.labels = 2, .names = {"a", "b", "c"}}),
                    Contains("'labels' is 2") && Contains("'names' has 3"));
  CHECK_THROWS_AS(Classification({.names = {"a", "a"}}), UsageError);
  CHECK_THROWS_AS(Classification({.names = {"a"}}), UsageError);
}
