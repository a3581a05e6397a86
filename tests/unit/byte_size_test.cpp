#include "base/byte_size.h"

#include <catch2/catch.hpp>

using peft::host::byte_size;
using peft::host::parse_byte_size;

TEST_CASE("amounts of memory are read with any of the usual units") {
  CHECK(parse_byte_size("8GB") == 8'000'000'000);
  CHECK(parse_byte_size("1.5GiB") == 1'610'612'736);
  CHECK(parse_byte_size("500 mb") == 500'000'000);
  CHECK(parse_byte_size("64 kB") == 64'000);
  CHECK(parse_byte_size("0.5TiB") == 549'755'813'888);
  CHECK(parse_byte_size("100B") == 100);
}

TEST_CASE("what is no amount of memory is none") {
  for (const char* text :
       {"", "GB", "8", "8G", "8 G B", "-1GB", "1e3GB", "8GBs", "nan GB", "inf", "99999999TB", "8GB 2"}) {
    INFO(text);
    CHECK(!parse_byte_size(text));
  }
}

TEST_CASE("amounts are written as people read them") {
  CHECK(byte_size(8) == "8 B");
  CHECK(byte_size(100'000'000) == "100 MB");
  CHECK(byte_size(3'449'000) == "3.4 MB");
  CHECK(byte_size(9'950'000) == "10 MB");
  CHECK(byte_size(999'600) == "1.0 MB");
  CHECK(byte_size(1'234'567'890) == "1.2 GB");
  CHECK(byte_size(17'800'000'000) == "17.8 GB");
}
