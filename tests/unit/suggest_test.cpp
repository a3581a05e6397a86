#include "base/suggest.h"

#include <catch2/catch.hpp>
#include <random>

using peft::host::edit_distance;
using peft::host::suggest;

TEST_CASE("The edit distance counts a swap of neighbours once") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("", "rank") == 4);
  CHECK(edit_distance("rnak", "rank") == 1);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("ca", "abc") == 2);  // 3 where a swapped pair may not be edited again
}

TEST_CASE("The edit distance is a metric") {
  std::mt19937 random(3);
  const auto word = [&] {
    std::string text;
    for (unsigned i = random() % 7; i > 0; --i) text += static_cast<char>('a' + random() % 3);
    return text;
  };
  for (int i = 0; i < 5000; ++i) {
    const std::string a = word(), b = word(), c = word();
    REQUIRE(edit_distance(a, b) == edit_distance(b, a));
    REQUIRE((edit_distance(a, b) == 0) == (a == b));
    REQUIRE(edit_distance(a, c) <= edit_distance(a, b) + edit_distance(b, c));
  }
}

TEST_CASE("The nearest name is suggested, and a stranger is not") {
  const std::vector<std::string> keys = {"rank", "alpha", "dropout", "targets", "use_rslora"};
  CHECK(suggest("rnak", keys) == "rank");
  CHECK(suggest("aplha", keys) == "alpha");
  CHECK(suggest("drop_out", keys) == "dropout");
  CHECK(suggest("RANK", keys) == "rank");
  CHECK(suggest("use-rslora", keys) == "use_rslora");
  CHECK_FALSE(suggest("learning_rate", keys));
  CHECK_FALSE(suggest("vera", {"lora"}));
  CHECK_FALSE(suggest("x", {}));
  CHECK(peft::host::did_you_mean("rnak", keys) == "; did you mean 'rank'?");
  CHECK(peft::host::did_you_mean("zzzzzz", keys).empty());
}

TEST_CASE("A list for a message stands with separators between its names only") {
  CHECK(peft::join({}).empty());
  CHECK(peft::join({"attn.q"}) == "attn.q");
  CHECK(peft::join({"attn.q", "attn.k", "attn.v"}) == "attn.q, attn.k, attn.v");
  CHECK(peft::join({"", "key"}) == ", key");  // a CSV file's column without a name is one too
  CHECK(peft::join({"linear", "cosine"}, " | ") == "linear | cosine");
}
