#include "engine/compiled_products.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <string>
#include <utility>

#include "peft/kernels.h"

namespace peft::host {
namespace {

// Code, and what describes it: measured in bfloat16 on AMX, from 20 products to 400.
constexpr int64_t bytes_of_a_product = 850'000;
constexpr int64_t forward_and_backward = 2;

bool compiles(const Recipe& recipe) {
  // LibTorch's own products in bfloat16 are oneDNN's, too.
  return recipe.dtype == "bfloat16" || kernels_in_use().find("oneDNN") != std::string::npos;
}

// As oneDNN reads it, with its own default.
int64_t kept_products() {
  const char* capacity = std::getenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY");
  return capacity != nullptr ? std::max(0, std::atoi(capacity)) : 1024;
}

}  // namespace

int64_t CompiledProducts::bytes(size_t sizes) const {
  return bytes_of_a_product * std::min(kept, of_a_size * static_cast<int64_t>(sizes));
}

CompiledProducts compiled_products(const Recipe& recipe, const Session& session) {
  if (!compiles(recipe)) return {};
  // What is attached to a site multiplies by kernels of ours, or by few products more.
  std::set<std::pair<int64_t, int64_t>> shapes;
  for (const LinearSite& site : session.model().sites().linears) shapes.insert({site.in, site.out});
  return {.of_a_size = forward_and_backward * static_cast<int64_t>(shapes.size()), .kept = kept_products()};
}

}  // namespace peft::host
