// BitFit: biases and nothing else.
#include "method_fixture.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;

TEST_CASE("BitFit trains every bias, norms' too, and no other tensor; none decays") {
  const MethodOnModel bitfit("bitfit");
  // A block of width 12: two norms, q k v, attention's output, the feed-forward's 48 and 12; then the last
  // norm.
  CHECK(bitfit.set.trained_elements() == 2 * (12 + 36 + 12 + 12 + 48 + 12) + 12);
  for (const MethodTensor& tensor : bitfit.instance.tensors) {
    CHECK_THAT(tensor.name, Catch::Matchers::EndsWith(".bias"));
    CHECK_FALSE(tensor.decays);
  }
}

TEST_CASE("A fresh BitFit leaves the model as it is, and a changed one does not") {
  MethodOnModel bitfit("bitfit");
  CHECK(bitfit.loss() == bitfit.loss(false));
  randomize(bitfit.set);
  CHECK(bitfit.loss() != Approx(bitfit.loss(false)));
}

TEST_CASE("Gradients of BitFit are those of finite differences") {
  MethodOnModel bitfit("bitfit", {{"targets", texts({"transformer.h.*.mlp.**", "transformer.ln_f.*"})}});
  randomize(bitfit.set);
  CHECK(bitfit.check_gradients() == 5);
}

TEST_CASE("BitFit says where there is no bias to train") {
  CHECK_THAT(refusal("bitfit", {{"targets", texts({"**.weight"})}}), Contains("'targets' names no bias"));
  CHECK_THAT(refusal("bitfit", {{"targets", texts({"transformer.h.*.mpl.**"})}}),
             Contains("no parameter matches"));
}
