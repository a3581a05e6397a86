// (IA)³: which features are scaled, and what becomes of it.
#include "method_fixture.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;

namespace {

const std::vector<Value::Map>& recipes() {
  static const std::vector<Value::Map> found = {
      {{"kind", "paper"}},
      {{"kind", "peft_compat"}},
      {{"targets", texts({"attn.out", "h.1.attn.q"})}, {"feedforward", texts({"mlp.in"})}},
  };
  return found;
}

PeftFormat& format_of(MethodOnModel& ia3) {
  return *query<PeftFormat>(*ia3.instance.method);
}

// The reason a folder is refused for; empty where it is read.
std::string reading(MethodOnModel& ia3, const PeftFolder& folder) {
  try {
    format_of(ia3).from_peft(folder, *ia3.model, ia3.instance);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("A fresh (IA)³ leaves the model as it is, and a changed one does not") {
  for (const Value::Map& options : recipes()) {
    MethodOnModel ia3("ia3", options);
    CHECK(ia3.loss() == ia3.loss(false));
    randomize(ia3.set);
    CHECK(ia3.loss() != Approx(ia3.loss(false)));
  }
}

TEST_CASE("(IA)³ has a scale for each key, value and hidden feature; PEFT's for queries too") {
  // Two layers of width 12 with a feed-forward of 48.
  CHECK(MethodOnModel("ia3").set.trained_elements() == 2 * (12 + 12 + 48));
  CHECK(MethodOnModel("ia3", {{"kind", "peft_compat"}}).set.trained_elements() == 2 * (36 + 48));
  const MethodOnModel outputs("ia3", {{"targets", texts({"attn.out"})}, {"feedforward", Value::List()}});
  CHECK(outputs.set.trained_elements() == 2 * 12);
  CHECK(outputs.instance.tensors.front().name == "h.0.attn.out.scale");
  CHECK(outputs.instance.tensors.front().decays);
}

TEST_CASE("Gradients of (IA)³ are those of finite differences") {
  const std::vector<int> tensors = {6, 4, 5};
  for (size_t i = 0; i < recipes().size(); ++i) {
    MethodOnModel ia3("ia3", recipes()[i]);
    randomize(ia3.set);
    CHECK(ia3.check_gradients() == tensors[i]);
  }
}

TEST_CASE("(IA)³ folds into weights and biases") {
  const std::vector<int> sites = {4, 4, 5};
  for (size_t i = 0; i < recipes().size(); ++i) {
    MethodOnModel ia3("ia3", recipes()[i]);
    randomize(ia3.set);
    CHECK(ia3.check_folds() == sites[i]);
  }
}

TEST_CASE("Slices go into PEFT's format as vectors that are one elsewhere, and come back") {
  MethodOnModel ia3("ia3");
  randomize(ia3.set);
  PeftFolder folder = format_of(ia3).to_peft(*ia3.model, ia3.instance);
  const std::string name = "base_model.model.transformer.h.0.attn.c_attn.ia3_l";
  REQUIRE(folder.tensors.at(name).sizes() == at::IntArrayRef{36, 1});
  CHECK(folder.tensors.at(name).narrow(0, 0, 12).eq(1.0).all().item<bool>());

  MethodOnModel other("ia3");
  CHECK(reading(other, folder) == "");
  CHECK(other.loss() == ia3.loss());

  MethodOnModel unread("ia3");
  folder.tensors.at(name)[3][0] = 0.5;
  CHECK_THAT(reading(unread, folder), Contains("h.0.attn.c_attn.ia3_l") && Contains("kind: peft_compat"));
  CHECK(unread.loss() == unread.loss(false));
  MethodOnModel whole("ia3", {{"kind", "peft_compat"}});
  CHECK(reading(whole, folder) == "");
}

TEST_CASE("A folder that scales other modules, or keeps more than scales, is refused") {
  MethodOnModel ia3("ia3", {{"kind", "peft_compat"}});
  PeftFolder folder = format_of(ia3).to_peft(*ia3.model, ia3.instance);
  PeftFolder more = folder;
  more.config.set("modules_to_save", Value::List{"lm_head"});
  CHECK_THAT(reading(ia3, more), Contains("modules_to_save"));
  const std::string name = "base_model.model.transformer.h.1.mlp.c_proj.ia3_l";
  REQUIRE(folder.tensors.count(name) == 1);
  folder.tensors.at(name) = folder.tensors.at(name).t();
  CHECK_THAT(reading(ia3, folder), Contains(name) && Contains("[48, 1], expected [1, 48]"));
}

TEST_CASE("(IA)³ says which options do not fit") {
  CHECK_THAT(refusal("ia3", {{"kind", "pepper"}}), Contains("kind") && Contains("peft_compat"));
  CHECK_THAT(refusal("ia3", {{"targets", texts({"attn.w"})}}), Contains("'targets'") && Contains("attn.v"));
  CHECK_THAT(refusal("ia3", {{"targets", texts({"mlp.out"})}}),
             Contains("'feedforward' names 'h.0.mlp.out', whose outputs 'targets' scales"));
  CHECK_THAT(refusal("ia3", {{"feedforward", texts({"attn.q"})}}), Contains("slice"));
  CHECK_THAT(refusal("ia3", {{"targets", Value::List()}, {"feedforward", Value::List()}}),
             Contains("nothing to scale"));
}
