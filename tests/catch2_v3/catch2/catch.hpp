// Catch2's third version under the names of its second, with which Debian 12 and Ubuntu 22.04 come.
#pragma once

#include <catch2/catch_all.hpp>

// The second version's matcher of strings; the third has given the name to one of ranges, unused here.
#define Contains ContainsSubstring

namespace Catch {
using Matchers::ContainsSubstring;
using Matchers::EndsWith;
using Matchers::StartsWith;
}  // namespace Catch

using Catch::Approx;
