// Bottleneck adapters: where they stand, how wide they are, and what they compute.
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/silu.h>

#include "method_fixture.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;

namespace {

const std::vector<Value::Map>& recipes() {
  static const std::vector<Value::Map> found = {
      {{"kind", "pfeiffer"}, {"reduction_factor", 4}, {"non_linearity", "tanh"}, {"scale", 0.7}},
      {{"kind", "houlsby"}, {"reduction_factor", 3}, {"dropout", 0.2}},
      {{"kind", "parallel"}, {"non_linearity", "gelu"}, {"leave_out", texts({"h.0.**"})}},
  };
  return found;
}

at::Tensor tensor(const MethodOnModel& adapter, const std::string& name) {
  for (const MethodTensor& one : adapter.instance.tensors) {
    if (one.name == "h.1.mlp.residual." + name) return one.tensor;
  }
  FAIL("no tensor " + name);
  return {};
}

// What a site makes of streams that hold random values (each time the same), and those.
struct Seen {
  ResidualStreams streams;
  at::Tensor output;
};

Seen at_the_last_site(MethodOnModel& adapter, bool training = false) {
  const auto examples = some_examples(*adapter.model);
  const Batch batch = pack_all(examples);
  const ForwardOptions options = with({&adapter.set}, training);
  Forward forward(*adapter.model, batch, options);
  const auto random = [&](uint64_t number) {
    at::Tensor stream = at::empty({forward.positions().size(0), 12}, at::kDouble);
    fill_normal(stream, 0.0, 1.0, RandomStream(number));
    return stream;
  };
  Seen seen{.streams = {random(1), random(2), random(3)}, .output = {}};
  seen.output = forward.residual(adapter.model->sites().residuals.back(), seen.streams);
  return seen;
}

bool near(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item().toDouble() < 1e-12;
}

}  // namespace

TEST_CASE("Each kind adds its bottleneck to the sub-layer's output, reading what it is known for") {
  for (const std::string kind : {"pfeiffer", "houlsby", "parallel"}) {
    DYNAMIC_SECTION(kind) {
      MethodOnModel adapter("adapter", {{"kind", kind}, {"reduction_factor", 3}});
      randomize(adapter.set);
      const auto [streams, output] = at_the_last_site(adapter);
      const at::Tensor x = kind == "houlsby"    ? streams.sublayer_output
                           : kind == "parallel" ? streams.residual
                                                : streams.residual + streams.sublayer_output;
      const at::Tensor hidden = x.matmul(tensor(adapter, "down.weight").t()) + tensor(adapter, "down.bias");
      const at::Tensor active = kind == "houlsby" ? at::silu(hidden) : at::relu(hidden);
      const at::Tensor added = active.matmul(tensor(adapter, "up.weight").t()) + tensor(adapter, "up.bias");
      CHECK(near(output, streams.sublayer_output + (kind == "parallel" ? 4.0 : 1.0) * added));
    }
  }
}

TEST_CASE("The bottleneck is the width over the factor, and never less than one feature") {
  const auto elements = [](int64_t sites, int64_t m) { return sites * (2 * 12 * m + m + 12); };
  CHECK(MethodOnModel("adapter").set.trained_elements() == elements(2, 1));  // 12 / 16
  CHECK(MethodOnModel("adapter", {{"reduction_factor", 5}}).set.trained_elements() == elements(2, 2));
  CHECK(MethodOnModel("adapter", {{"reduction_factor", 0.5}}).set.trained_elements() == elements(2, 24));
  CHECK(MethodOnModel("adapter", {{"kind", "parallel"}}).set.trained_elements() == elements(2, 6));
  CHECK(MethodOnModel("adapter", {{"kind", "houlsby"}, {"reduction_factor", 4}}).set.trained_elements() ==
        elements(4, 3));
}

TEST_CASE("Places that are left out get no adapter") {
  const MethodOnModel adapter("adapter",
                              {{"kind", "houlsby"}, {"leave_out", texts({"h.0.**", "h.1.attn.*"})}});
  CHECK(adapter.instance.tensors.size() == 4);
  CHECK(adapter.instance.tensors.front().name == "h.1.mlp.residual.down.weight");
}

TEST_CASE("A parallel adapter starts silent, the others as small noise") {
  MethodOnModel parallel("adapter", {{"kind", "parallel"}});
  CHECK(parallel.loss() == parallel.loss(false));
  MethodOnModel serial("adapter", {{"reduction_factor", 0.1}});
  CHECK(serial.loss() != serial.loss(false));
  CHECK(tensor(serial, "up.weight").std().item().toDouble() == Approx(0.02).epsilon(0.1));
  CHECK(tensor(serial, "down.bias").eq(0.0).all().item<bool>());
}

TEST_CASE("Gradients of adapters are those of finite differences, dropout included") {
  const std::vector<int> tensors = {8, 16, 4};
  for (size_t i = 0; i < recipes().size(); ++i) {
    MethodOnModel adapter("adapter", recipes()[i]);
    randomize(adapter.set);
    CHECK(adapter.check_gradients() == tensors[i]);
  }
}

TEST_CASE("Dropout acts in training alone, on what an adapter adds") {
  MethodOnModel adapter("adapter", {{"dropout", 0.5}, {"reduction_factor", 2}});
  MethodOnModel without("adapter", {{"reduction_factor", 2}});
  randomize(adapter.set);
  randomize(without.set);
  CHECK(adapter.loss() == without.loss());
  const auto examples = some_examples(*adapter.model);
  CHECK(loss_of(*adapter.model, examples, with({&adapter.set}, true)).item().toDouble() !=
        Approx(adapter.loss()));

  // Each feature of it is dropped, or doubled, on its own.
  const auto [streams, trained] = at_the_last_site(adapter, /*training=*/true);
  const at::Tensor added = at_the_last_site(adapter).output - streams.sublayer_output;
  const at::Tensor share = (trained - streams.sublayer_output) / added;
  const at::Tensor dropped = share.abs().lt(1e-9);
  CHECK(near(share.masked_select(dropped.logical_not()), at::full({1}, 2.0, at::kDouble)));
  CHECK(dropped.to(at::kDouble).mean().item().toDouble() == Approx(0.5).margin(0.1));
}

TEST_CASE("Adapters go into AdapterHub's format and come back, and other designs are refused") {
  MethodOnModel adapter("adapter", {{"kind", "houlsby"}, {"leave_out", texts({"h.0.**"})}});
  randomize(adapter.set);
  auto& format = *query<PeftFormat>(*adapter.instance.method);
  PeftFolder folder = format.to_peft(*adapter.model, adapter.instance);
  CHECK(folder.tensors.count("transformer.h.1.attention_adapters.adapters.adapter.adapter_down.0.weight") ==
        1);
  CHECK(folder.config.at("config").at("leave_out") == Value(Value::List{0}));

  MethodOnModel other("adapter", {{"kind", "houlsby"}, {"leave_out", texts({"h.0.**"})}});
  query<PeftFormat>(*other.instance.method)->from_peft(folder, *other.model, other.instance);
  CHECK(other.loss() == adapter.loss());

  const auto reading = [&](Value::Map options) {
    MethodOnModel reader("adapter", std::move(options));
    query<PeftFormat>(*reader.instance.method)->from_peft(folder, *reader.model, reader.instance);
  };
  CHECK_THROWS_WITH(reading({}), Contains("mh_adapter") && Contains("'kind'"));
  CHECK_THROWS_WITH(reading({{"kind", "houlsby"}, {"scale", 2.0}}),
                    Contains("scaling") && Contains("'scale'"));
  CHECK_THROWS_WITH(reading({{"kind", "houlsby"}}), Contains("missing") && Contains("h.0.output_adapters"));

  MethodOnModel half("adapter", {{"kind", "houlsby"}, {"leave_out", texts({"h.0.attn.*"})}});
  CHECK_THROWS_WITH(query<PeftFormat>(*half.instance.method)->to_peft(*half.model, half.instance),
                    Contains("one of the two adapters of layer 0"));
}

TEST_CASE("Adapters say which options do not fit") {
  CHECK_THAT(refusal("adapter", {{"kind", "compacter"}}), Contains("kind") && Contains("houlsby"));
  CHECK_THAT(refusal("adapter", {{"non_linearity", "rely"}}), Contains("did you mean 'relu'"));
  CHECK_THAT(refusal("adapter", {{"reduction_factor", 0}}), Contains("above 0"));
  CHECK_THAT(refusal("adapter", {{"leave_out", texts({"h.2.**"})}}),
             Contains("'leave_out'") && Contains("h.0.mlp.residual"));
  CHECK_THAT(refusal("adapter", {{"leave_out", texts({"h.*.mlp.*"})}}), Contains("leave at least one"));
}
