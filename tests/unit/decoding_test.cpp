// Decoding by every implementation: a cache that grows and shrinks, and linears of a few rows.
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/randn.h>

#include <catch2/catch.hpp>

#include "forward_fixture.h"
#include "kernel_choices.h"

namespace {

using namespace peft;
using namespace peft::test;

using Ids = std::vector<int64_t>;

EncodedExample example_of(const Ids& ids) {
  EncodedExample example;
  example.inputs.push_back({.ids = ids, .labels = {}});
  return example;
}

// Sequences on a cache, which must be what they are without one.
struct Decoded {
  Model& model;
  const AdapterSet& set;
  KeyValueCache cache;
  std::vector<Ids> sequences;

  Decoded(Model& decoded, const AdapterSet& active, size_t count)
      : model(decoded), set(active), cache(decoded, static_cast<int64_t>(count)), sequences(count) {}

  // So many new tokens for each sequence.
  void go_on(const std::vector<int64_t>& lengths) {
    std::vector<EncodedExample> fresh;
    for (size_t s = 0; s < lengths.size(); ++s) {
      const int64_t number = static_cast<int64_t>(sequences[s].size() * 7 + s);
      fresh.push_back(example_of(random_example(model, lengths[s], number).inputs.front().ids));
      const Ids& ids = fresh.back().inputs.front().ids;
      sequences[s].insert(sequences[s].end(), ids.begin(), ids.end());
    }
    ForwardOptions options = with({&set});
    options.cache = &cache;
    const Batch batch = pack_all(fresh);
    Forward forward(model, batch, options);
    const at::Tensor hidden = model.hidden(forward);
    for (size_t s = 0; s < lengths.size(); ++s) {
      INFO("sequence " << s << " of " << sequences[s].size() << " tokens");
      const at::Tensor last = hidden[forward.rows().offsets[s + 1] - 1];
      CHECK(relative_distance(last.to(at::kDouble), last_hidden(sequences[s])) < 1e-5);
    }
  }

  void select(const std::vector<int64_t>& kept) {
    cache.select(kept);
    std::vector<Ids> selected;
    for (const int64_t s : kept) selected.push_back(sequences[static_cast<size_t>(s)]);
    sequences = selected;
  }

 private:
  at::Tensor last_hidden(const Ids& ids) const {
    const Batch batch = pack_all({example_of(ids)});
    Forward forward(model, batch, with({&set}));
    return model.hidden(forward)[-1].to(at::kDouble);
  }
};

TEST_CASE("a cache that grows, loses sequences and copies them is what there was without it") {
  const TinyGpt2 shapes[] = {{.dtype = at::kFloat, .positions = 240, .width = 40, .heads = 2},
                             {.dtype = at::kFloat, .positions = 240, .width = 128, .heads = 2}};
  for (const TinyGpt2& shape : shapes) {
    const auto model = make(shape);
    AdapterSet set("default");
    attach(*model, set, "lora", {{"rank", 2}, {"targets", texts({"attn.qkv"})}});
    attach(*model, set, "prefix", {{"tokens", 3}});
    randomize(set, 0.1);
    const at::NoGradGuard no_grad;
    for (const std::string& choice : choices()) {
      INFO("kernels: '" << choice << "', " << shape.width << " wide");
      const Kernels chosen(choice);
      Decoded decoded(*model, set, 3);
      decoded.go_on({20, 1, 70});
      for (int step = 0; step < 3; ++step) decoded.go_on({1, 1, 1});
      decoded.go_on({2, 7, 4});
      decoded.go_on({60, 80, 1});  // the places of all of them are used up
      decoded.select({2, 0});
      for (int step = 0; step < 3; ++step) decoded.go_on({1, 1});
      decoded.select({1, 0, 1});  // the copies go on with different tokens
      decoded.go_on({1, 1, 1});
      decoded.go_on({90, 3, 1});
    }
  }
}

TEST_CASE("a row is multiplied as if it were alone, however many are beside it") {
  const at::NoGradGuard no_grad;
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
    for (const int64_t width : {40, 128}) {
      const auto model = make({.dtype = type, .vocabulary = 301, .width = width, .heads = 2});
      KeyValueCache cache(*model, 1);
      ForwardOptions options;
      options.cache = &cache;
      const Batch batch = pack_all({random_example(*model, 3, 0)});
      for (const std::string choice : {"", "avx2"}) {
        const Kernels chosen(choice);
        Forward forward(*model, batch, options);
        for (LinearSite& site : model->sites().linears) {
          const at::Tensor x = at::randn({32, site.in}, at::kFloat).to(type);
          at::Tensor expected = x.to(at::kDouble).mm(weight_out_in(site).to(at::kDouble).t());
          if (site.bias != nullptr) expected += site.bias->tensor.to(at::kDouble);
          // In bfloat16, where the processor multiplies it, more rows are another library's.
          const int64_t most = type == at::kFloat ? 32 : 8;
          for (const int64_t rows : {1, 2, 3, 4, 5, 6, 7, 8, 9, 17, 32}) {
            if (rows > most) continue;
            INFO(site.name << ", " << at::toString(type) << ", " << rows << " rows, kernels: '" << choice
                           << "'");
            const at::Tensor y = forward.linear(site, x.narrow(0, 0, rows), Rows());
            CHECK(relative_distance(y.to(at::kDouble), expected.narrow(0, 0, rows)) <
                  (type == at::kFloat ? 1e-6 : 5e-3));
            const at::Tensor alone = forward.linear(site, x.narrow(0, rows - 1, 1), Rows());
            CHECK(at::equal(y.narrow(0, rows - 1, 1), alone));
          }
        }
      }
    }
  }
}

}  // namespace
