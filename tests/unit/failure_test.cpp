// What goes wrong in the libraries below, in words for the user.
#include "engine/failure.h"

#include <ATen/ops/empty.h>

#include <catch2/catch.hpp>
#include <functional>
#include <stdexcept>
#include <string>

#include "peft/error.h"

using namespace peft;
using namespace peft::host;
using Catch::Matchers::Contains;

namespace {

std::string said_of(const std::function<void()>& work) {
  try {
    readably(work);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("Where memory runs out, it is said how much was asked for and what to lower") {
  const std::string said = said_of([] { at::empty({int64_t{1} << 52}, at::kFloat); });
  CHECK_THAT(said, Contains("out of memory: asked for 18014.4 TB at once"));
  CHECK_THAT(said, Contains("lower train.batch_size") && Contains("dtype=bfloat16"));
}

TEST_CASE("Other failures keep their words, and the host's own their kind") {
  CHECK_THAT(said_of([] { throw std::runtime_error("a wheel came off"); }), Contains("a wheel came off"));
  CHECK_THROWS_AS(readably([] { throw UsageError("not so"); }), UsageError);
}
