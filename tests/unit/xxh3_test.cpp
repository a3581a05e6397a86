#include "base/xxh3.h"

#include <catch2/catch.hpp>

#include "peft/error.h"
#include "support/temporary_folder.h"

using namespace peft::host;

TEST_CASE("XXH3 gives the published digest, in one piece or in many, of memory or of a file") {
  CHECK(xxh3("") == "99aa06d3014798d86001c324468d497f");  // XXH3's own, of the empty text
  const std::string content(1'000'000, 'x');
  Xxh3 pieces;
  for (size_t at = 0; at < content.size(); at += 777)
    pieces.update(content.data() + at, std::min<size_t>(777, content.size() - at));
  CHECK(pieces.finish() == xxh3(content));
  const peft::test::TemporaryFolder folder;
  CHECK(xxh3_of_file(folder.write("x", content)) == xxh3(content));
  CHECK(xxh3(content + "x") != xxh3(content));
  CHECK_THROWS_WITH(xxh3_of_file(folder.path() / "absent"), Catch::Contains("absent"));
}
