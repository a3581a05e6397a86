// Amounts of memory as people write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace peft::host {

// "8GB", "1.5 GiB", "500 MB": a number and one of B, kB, MB, GB, TB (powers of 1000) or KiB, MiB, GiB, TiB
// (powers of 1024), in any case. Nothing for anything else, a text without a unit included, and for what is
// negative or beyond 63 bits.
std::optional<int64_t> parse_byte_size(std::string_view text);

// "100 B", "3.4 MB", "512 MB", "8.0 GB": powers of 1000, as recipes are written.
std::string byte_size(int64_t bytes);

}  // namespace peft::host
