// What a user got wrong, and what the program has to say about it.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "support/small_run.h"

namespace peft::test {

// One folder for all tests of a program; each takes names of its own in it.
inline const SmallRun& small() {
  static const SmallRun run;
  return run;
}

// A recipe of this text, in the folder; its path.
inline std::string recipe_of(const std::string& text) {
  return small().write("wrong.yaml", text).string();
}

// Nothing on stdout, every message on stderr, and no exception that nobody expected.
inline void check_refused(const Said& said, int exit_code, const std::vector<std::string>& messages) {
  INFO(said.err);
  CHECK(said.exit_code == exit_code);
  CHECK(said.out.empty());
  for (const std::string& message : messages) CHECK_THAT(said.err, Catch::Matchers::Contains(message));
  CHECK_THAT(said.err, !Catch::Matchers::Contains("unexpected:"));
}

}  // namespace peft::test
