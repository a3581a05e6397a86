// LayerNorm tuning: norms and nothing else, and PEFT's format of them.
#include "method_fixture.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;

TEST_CASE("Every norm's weight and bias is trained; none decays") {
  const MethodOnModel norms("norms");
  CHECK(norms.set.trained_elements() == 5 * 2 * 12);  // two a block, and the last
  for (const MethodTensor& tensor : norms.instance.tensors) {
    CHECK_THAT(tensor.name, Contains(".ln_"));
    CHECK_FALSE(tensor.decays);
  }
  CHECK(MethodOnModel("norms", {{"targets", texts({"transformer.h.*.ln_2"})}}).set.trained_elements() ==
        2 * 2 * 12);
}

TEST_CASE("Fresh norms leave the model as it is, and changed ones do not") {
  MethodOnModel norms("norms");
  CHECK(norms.loss() == norms.loss(false));
  randomize(norms.set);
  CHECK(norms.loss() != Approx(norms.loss(false)));
}

TEST_CASE("Gradients of norms are those of finite differences") {
  MethodOnModel norms("norms");
  randomize(norms.set);
  CHECK(norms.check_gradients() == 10);
}

TEST_CASE("Norms go into PEFT's format and come back") {
  MethodOnModel norms("norms");
  randomize(norms.set);
  auto* format = query<PeftFormat>(*norms.instance.method);
  REQUIRE(format != nullptr);
  CHECK(format->reads("LN_TUNING"));
  PeftFolder folder = format->to_peft(*norms.model, norms.instance);
  CHECK(folder.tensors.count("base_model.model.transformer.ln_f.ln_tuning_layers.weight") == 1);
  CHECK(folder.tensors.size() == 10);

  MethodOnModel other("norms");
  auto* reader = query<PeftFormat>(*other.instance.method);
  reader->from_peft(folder, *other.model, other.instance);
  CHECK(other.loss() == norms.loss());

  MethodOnModel fewer("norms", {{"targets", texts({"transformer.ln_f"})}});
  CHECK_THROWS_WITH(
      query<PeftFormat>(*fewer.instance.method)->from_peft(folder, *fewer.model, fewer.instance),
      Contains("unexpected") && Contains("h.1.ln_2.ln_tuning_layers.bias"));
  folder.config.set("modules_to_save", Value::List{"lm_head"});
  CHECK_THROWS_WITH(reader->from_peft(folder, *other.model, other.instance), Contains("modules_to_save"));
}

TEST_CASE("A norm that is not there is refused with the nearest") {
  CHECK_THAT(refusal("norms", {{"targets", texts({"transformer.ln_g"})}}),
             Contains("no norm matches 'transformer.ln_g'") && Contains("did you mean 'transformer.ln_f'"));
  CHECK_THAT(refusal("norms", {{"targets", Value::List()}}), Contains("empty list"));
}
