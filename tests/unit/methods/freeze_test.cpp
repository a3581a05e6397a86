// Partial freezing: which tensors are trained.
#include <set>

#include "method_fixture.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;

namespace {

std::set<std::string> trained(Value::Map options, const TinyGpt2& description = {}) {
  const MethodOnModel freeze("freeze", std::move(options), description);
  std::set<std::string> names;
  for (const MethodTensor& tensor : freeze.instance.tensors) names.insert(tensor.name);
  return names;
}

// Of the model's parameters, those whose names begin so.
std::set<std::string> beginning_with(const std::vector<std::string>& stems,
                                     const TinyGpt2& description = {}) {
  std::set<std::string> names;
  const auto model = make(description);
  for (const ParameterSite& site : model->sites().parameters) {
    for (const std::string& stem : stems) {
      if (site.name.starts_with(stem)) names.insert(site.name);
    }
  }
  return names;
}

}  // namespace

TEST_CASE("The last blocks are trained, whole, and nothing else unless asked for") {
  const TinyGpt2 deep{.layers = 12};  // block 1 is no prefix of block 10
  CHECK(trained({}, deep) == beginning_with({"transformer.h.11."}, deep));
  CHECK(trained({{"layers", 2}}, deep) == beginning_with({"transformer.h.10.", "transformer.h.11."}, deep));
  CHECK(trained({{"layers", 2}}).size() == 2 * 12);
}

TEST_CASE("The final norm, the embeddings, the head and globs may be trained too") {
  CHECK(trained({{"layers", 0}, {"final_norm", true}}) == beginning_with({"transformer.ln_f."}));
  CHECK(trained({{"layers", 0}, {"embeddings", true}}) ==
        beginning_with({"transformer.wte.", "transformer.wpe."}));
  CHECK(trained({{"layers", 0}, {"head", true}}) == beginning_with({"transformer.wte."}));
  const TinyGpt2 untied{.tied = false};
  CHECK(trained({{"layers", 0}, {"head", true}}, untied) == beginning_with({"lm_head."}, untied));
  CHECK(trained({{"targets", texts({"transformer.h.0.ln_1.*"})}}) ==
        beginning_with({"transformer.h.0.ln_1.", "transformer.h.1."}));
}

TEST_CASE("Biases and norms of trained blocks do not decay, weights do") {
  const MethodOnModel freeze("freeze");
  for (const MethodTensor& tensor : freeze.instance.tensors) {
    const bool weight = tensor.name.ends_with(".weight") && tensor.name.find(".ln_") == std::string::npos;
    CHECK(tensor.decays == weight);
  }
}

TEST_CASE("Gradients of a trained block are those of finite differences") {
  MethodOnModel freeze("freeze", {{"final_norm", true}});
  CHECK(freeze.loss() == freeze.loss(false));
  randomize(freeze.set);
  CHECK(freeze.check_gradients() == 14);
}

TEST_CASE("Freezing says what it cannot train") {
  CHECK_THAT(refusal("freeze", {{"layers", 3}}), Contains("'layers' is 3, but the model has 2"));
  CHECK_THAT(refusal("freeze", {{"layers", 0}}), Contains("nothing would be trained"));
  CHECK_THAT(refusal("freeze", {{"layers", -1}}), Contains("at least 0"));
  CHECK_THAT(refusal("freeze", {{"targets", texts({"transformer.h.0.ln_3.*"})}}),
             Contains("no parameter matches"));
}
