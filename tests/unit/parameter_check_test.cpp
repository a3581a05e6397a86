#include "model_io/parameter_check.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "model_io/weights_hash.h"
#include "peft/error.h"

using namespace peft;
using namespace peft::host;
using Catch::Matchers::Contains;

namespace {

const std::vector<float> ones{1, 1, 1, 1, 1, 1};
const std::vector<float> twos{2, 2, 2, 2, 2, 2};

TensorView tensor(const std::string& name, std::vector<int64_t> shape,
                  const std::vector<float>& values = ones, ElementType type = ElementType::float32) {
  const auto bytes = std::as_bytes(std::span(values)).first(*byte_count(type, shape));
  return {name, type, std::move(shape), bytes, nullptr};
}

// As a GPT-2 from the hub wants it: with or without the prefix, and with buffers that are no parameters.
std::optional<std::string> canonical(std::string_view name) {
  if (name.ends_with(".masked_bias")) return std::nullopt;
  constexpr std::string_view prefix = "transformer.";
  return std::string(name.starts_with(prefix) ? name.substr(prefix.size()) : name);
}

std::string refusal(const std::vector<ExpectedParameter>& expected, const std::vector<TensorView>& tensors) {
  try {
    check_parameters("model", expected, tensors, canonical);
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("Tensors are found under canonical names, with or without a prefix, leftovers aside") {
  const auto matched = check_parameters(
      "model", {{"wte", {3, 2}}, {"ln", {2}}, {"head", {3, 2}, true}},
      {tensor("transformer.wte", {3, 2}), tensor("ln", {2}), tensor("h.0.attn.masked_bias", {})}, canonical);
  CHECK(matched.parameters.size() == 2);
  CHECK(matched.parameters.at("wte").name == "transformer.wte");
  CHECK(matched.ignored == std::vector<std::string>{"h.0.attn.masked_bias"});
}

TEST_CASE("All problems of a weight file are told in one error") {
  const std::string message =
      refusal({{"gone", {4}}, {"turned", {3, 2}}, {"whole", {2}}, {"twice", {2}}},
              {tensor("turned", {2, 3}), tensor("whole", {2}, ones, ElementType::int32), tensor("other", {1}),
               tensor("twice", {2}), tensor("transformer.twice", {2}, twos)});
  CHECK_THAT(message, Contains("model: the weights do not fit"));
  CHECK_THAT(message, Contains("missing (1):\n    gone [4]"));
  CHECK_THAT(message, Contains("unexpected (1):\n    other [1]"));
  CHECK_THAT(message, Contains("turned: found [2, 3], expected [3, 2] (transposed)"));
  CHECK_THAT(message, Contains("whole: found int32"));
  CHECK_THAT(message, Contains("twice and transformer.twice both mean twice"));
}

TEST_CASE("A long list of problems is shortened, with the count kept") {
  std::vector<ExpectedParameter> expected(300);
  for (size_t i = 0; i < expected.size(); ++i) expected[i] = {"h." + std::to_string(i), {1}};
  const std::string message = refusal(expected, {});
  CHECK_THAT(message, Contains("missing (300)") && Contains("and 280 more"));
}

TEST_CASE(
    "A second copy with the same values is a leftover; an optional parameter may be absent but not "
    "misshapen") {
  const std::vector<ExpectedParameter> expected{{"twice", {2}}, {"head", {2}, true}};
  const auto matched = check_parameters("model", expected,
                                        {tensor("twice", {2}), tensor("transformer.twice", {2})}, canonical);
  CHECK(matched.ignored == std::vector<std::string>{"transformer.twice"});
  CHECK_THAT(refusal(expected, {tensor("twice", {2}), tensor("head", {3})}),
             Contains("head: found [3], expected [2]"));
}

TEST_CASE("The identity of weights sees names, types, shapes and every byte, and nothing else") {
  using Weights = std::map<std::string, TensorView>;
  const Weights base{{"a", tensor("x", {2, 3})}, {"b", tensor("y", {2})}};
  const std::string reference = weights_identity(base);
  const auto differs = [&](const Weights& weights) { return weights_identity(weights) != reference; };
  CHECK_FALSE(differs({{"a", tensor("transformer.x", {2, 3})}, {"b", tensor("transformer.y", {2})}}));
  CHECK(differs({{"a", tensor("x", {3, 2})}, {"b", tensor("y", {2})}}));
  CHECK(differs({{"a", tensor("x", {2, 3})}, {"c", tensor("y", {2})}}));
  CHECK(differs({{"a", tensor("x", {2, 3})}, {"b", tensor("y", {2}, ones, ElementType::int32)}}));
  CHECK(differs({{"a", tensor("x", {2, 3})}}));
  for (size_t at = 0; at < ones.size(); ++at) {
    std::vector<float> changed = ones;
    changed[at] = std::nextafter(1.0F, 2.0F);  // the lowest bit of one element
    CHECK(differs({{"a", tensor("x", {2, 3}, changed)}, {"b", tensor("y", {2})}}));
  }
  // Fixed for ever: checkpoints made earlier remember it.
  CHECK(reference == "xxh3-128:dad40f78af78cc81241673b2379eafc6");
}
