// What the patterns of `targets` name, on a model with fused projections and on one with separate ones.
#include "peft/sites.h"

#include <catch2/catch.hpp>

#include "peft/error.h"

using namespace peft;
using Catch::Matchers::Contains;

namespace {

using Names = std::vector<std::string>;

void add_linear(Sites& sites, const std::string& name, const std::string& role, int64_t out) {
  LinearSite& site = sites.linears.emplace_back();
  site.name = name;
  site.role = role;
  site.in = 4;
  site.out = out;
}

// Two blocks whose attention has one weight for q, k and v.
Sites fused() {
  Sites sites;
  for (const std::string block : {"h.0", "h.1"}) {
    add_linear(sites, block + ".attn.qkv", "attn.qkv", 12);
    sites.linears.back().parts = {{"attn.q", 0, 4}, {"attn.k", 4, 4}, {"attn.v", 8, 4}};
    add_linear(sites, block + ".attn.out", "attn.out", 4);
    add_linear(sites, block + ".mlp.out", "mlp.out", 4);
  }
  return sites;
}

// One block with a weight for each.
Sites separate() {
  Sites sites;
  for (const std::string role : {"attn.q", "attn.k", "attn.v", "attn.out"}) {
    add_linear(sites, "layers.0." + role, role, 4);
  }
  return sites;
}

Names names(Sites sites, const Names& patterns) {
  Names found;
  for (const LinearTarget& target : sites.linear_targets(patterns)) found.push_back(target.name);
  return found;
}

}  // namespace

TEST_CASE("A role names every site that has it") {
  CHECK(names(fused(), {"attn.out"}) == Names{"h.0.attn.out", "h.1.attn.out"});
  CHECK(names(fused(), {"attn.qkv"}) == Names{"h.0.attn.qkv", "h.1.attn.qkv"});
  CHECK(names(separate(), {"attn.q"}) == Names{"layers.0.attn.q"});
}

TEST_CASE("attn.qkv is three sites where the projections are separate") {
  CHECK(names(separate(), {"attn.qkv"}) == Names{"layers.0.attn.q", "layers.0.attn.k", "layers.0.attn.v"});
}

TEST_CASE("attn.v on a fused weight is its slice") {
  Sites sites = fused();
  const std::vector<LinearTarget> found = sites.linear_targets({"attn.v"});
  REQUIRE(found.size() == 2);
  CHECK(found[1].name == "h.1.attn.v");
  CHECK(found[1].site == &sites.linears[3]);
  CHECK(found[1].begin == 8);
  CHECK(found[1].size == 4);
  CHECK_FALSE(found[1].whole());
}

TEST_CASE("What is no role is a glob on full names, whose single star stops at a dot") {
  CHECK(names(fused(), {"h.1.*.out"}) == Names{"h.1.attn.out", "h.1.mlp.out"});
  CHECK(names(fused(), {"h.0.**"}) == Names{"h.0.attn.qkv", "h.0.attn.out", "h.0.mlp.out"});
  CHECK(names(fused(), {"h.*.attn.q"}) == Names{"h.0.attn.q", "h.1.attn.q"});
  CHECK_THROWS_AS(names(fused(), {"h.*"}), UsageError);
  CHECK_THROWS_AS(names(fused(), {"attn"}), UsageError);
}

TEST_CASE("Targets come in forward order, each once, however they were named") {
  CHECK(names(fused(), {"mlp.out", "h.0.**", "attn.out", "mlp.out"}) ==
        Names{"h.0.attn.qkv", "h.0.attn.out", "h.0.mlp.out", "h.1.attn.out", "h.1.mlp.out"});
}

TEST_CASE("A pattern without a match, and a list without a pattern, are errors that say what there is") {
  CHECK_THROWS_WITH(names(fused(), {"attn.out", "atn.qkv"}),
                    Contains("'atn.qkv'") && Contains("did you mean 'attn.qkv'") && Contains("mlp.out"));
  CHECK_THROWS_WITH(names(fused(), {}), Contains("'targets'") && Contains("empty list"));
}

TEST_CASE("Targets of which one is a slice of the other are refused, in any order, naming both") {
  for (const Names& both :
       {Names{"attn.qkv", "attn.q"}, Names{"attn.q", "attn.qkv"}, Names{"attn.q", "h.0.**"}}) {
    CHECK_THROWS_WITH(names(fused(), both), Contains("'" + both[0] + "' and '" + both[1] + "'") &&
                                                Contains("'h.0.attn.qkv'") && Contains("keep one"));
  }
  CHECK_THROWS_AS(names(fused(), {"attn.qkv", "attn.v"}), UsageError);
  CHECK(names(fused(), {"attn.q", "attn.v"}).size() == 4);            // slices beside each other
  CHECK(names(fused(), {"h.0.attn.qkv", "h.1.attn.q"}).size() == 2);  // of two sites
  CHECK(names(separate(), {"attn.qkv", "attn.q"}).size() == 3);       // a site by two names
}

TEST_CASE("Parameters are named by globs alone") {
  Sites sites;
  for (const std::string name : {"h.0.attn.weight", "h.0.attn.bias", "norm.bias"}) {
    sites.parameters.emplace_back(ParameterSite{.name = name, .tensor = {}, .attachments = {}});
  }
  CHECK(sites.parameter_targets({"**.bias"}) ==
        std::vector<ParameterSite*>{&sites.parameters[1], &sites.parameters[2]});
  CHECK(sites.parameter_targets({"*.bias", "**"}).size() == 3);
  CHECK_THROWS_WITH(sites.parameter_targets({"*.weight"}), Contains("'*.weight'"));
  CHECK_THROWS_WITH(sites.parameter_targets({}), Contains("empty list"));
}
