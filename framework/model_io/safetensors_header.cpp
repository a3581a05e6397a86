#include "model_io/safetensors_header.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/json.h"
#include "model_io/tensor_view.h"
#include "peft/error.h"
#include "peft/value.h"

namespace peft::host {
namespace {

constexpr uint64_t length_bytes = 8;
// The reference's own limit. It keeps a lying length from having gigabytes of weights parsed as text.
constexpr uint64_t longest_header = 100'000'000;

struct DtypeName {
  std::string_view name;
  ElementType type;
};
constexpr std::array dtype_names{
    DtypeName{"F64", ElementType::float64}, DtypeName{"F32", ElementType::float32},
    DtypeName{"F16", ElementType::float16}, DtypeName{"BF16", ElementType::bfloat16},
    DtypeName{"I64", ElementType::int64},   DtypeName{"I32", ElementType::int32},
    DtypeName{"I16", ElementType::int16},   DtypeName{"I8", ElementType::int8},
    DtypeName{"U8", ElementType::uint8},    DtypeName{"BOOL", ElementType::boolean},
};

// Says which file, and which tensor in it, is at fault.
class Context {
 public:
  explicit Context(std::string place) : place_(std::move(place)) {}
  Context tensor(const std::string& name) const { return Context(place_ + ": tensor '" + name + "'"); }
  [[noreturn]] void fail(const std::string& what) const { throw Error(place_ + ": " + what); }

 private:
  std::string place_;
};

std::string bytes_text(uint64_t count) {
  return std::to_string(count) + (count == 1 ? " byte" : " bytes");
}

// What a clone without Git LFS holds in place of large files.
bool is_git_lfs_pointer(std::span<const std::byte> file) {
  const std::string_view start(reinterpret_cast<const char*>(file.data()), std::min<size_t>(file.size(), 64));
  return start.starts_with("version ") && start.find("git-lfs") != std::string_view::npos;
}

std::string_view header_text(std::span<const std::byte> file, const Context& context) {
  if (is_git_lfs_pointer(file)) {
    context.fail(
        "this is a Git LFS pointer, not the weights: run `git lfs pull` in its folder, or fetch the file");
  }
  constexpr std::string_view remedy = "; it is damaged or not a safetensors file: fetch or export it again";
  if (file.size() < length_bytes) {
    context.fail("the file holds " + bytes_text(file.size()) + ", too few for a header's length" +
                 std::string(remedy));
  }
  uint64_t length = 0;
  std::memcpy(&length, file.data(), length_bytes);
  if constexpr (std::endian::native == std::endian::big) length = __builtin_bswap64(length);
  const uint64_t rest = file.size() - length_bytes;
  if (length > rest) {
    context.fail("the header claims " + bytes_text(length) + ", but " + bytes_text(rest) +
                 " follow its length" + std::string(remedy));
  }
  if (length > longest_header) {
    context.fail("the header claims " + bytes_text(length) + ", more than the format's limit of " +
                 bytes_text(longest_header) + std::string(remedy));
  }
  const std::string_view text(reinterpret_cast<const char*>(file.data()) + length_bytes, length);
  if (!text.starts_with('{')) {
    context.fail("the header does not start with '{'" + std::string(remedy));
  }
  return text;
}

std::map<std::string, std::string> read_metadata(const Value& value, const Context& context) {
  if (!value.is_map()) context.fail("__metadata__: expected a map of texts");
  std::map<std::string, std::string> metadata;
  for (const auto& [key, entry] : value.as_map()) {
    if (!entry.is_text()) {
      context.fail("__metadata__: expected a text under '" + key + "', found type " +
                   std::string(type_name(entry.type())));
    }
    metadata.emplace(key, entry.as_text());
  }
  return metadata;
}

const Value& member(const Value& map, std::string_view key, const Context& context) {
  const Value* found = map.find(key);
  if (found == nullptr) {
    context.fail("expected dtype, shape and data_offsets; '" + std::string(key) + "' is missing");
  }
  return *found;
}

ElementType read_type(const Value& value, const Context& context) {
  if (!value.is_text()) context.fail("dtype: expected a name such as \"F32\"");
  const auto type = element_type_of_dtype(value.as_text());
  if (!type) {
    std::string known;
    for (const DtypeName& each : dtype_names) known += (known.empty() ? "" : ", ") + std::string(each.name);
    context.fail("dtype '" + value.as_text() + "' is not supported; expected one of " + known);
  }
  return *type;
}

// Whole numbers of at least 0. What does not fit 64 bits is no integer to the JSON reader and fails here too.
std::vector<int64_t> read_sizes(const Value& value, std::string_view key, const Context& context) {
  if (!value.is_list()) context.fail(std::string(key) + ": expected a list of whole numbers");
  std::vector<int64_t> sizes;
  for (const Value& item : value.as_list()) {
    if (!item.is_integer()) {
      context.fail(std::string(key) + ": expected whole numbers below 2^63, found type " +
                   std::string(type_name(item.type())));
    }
    if (item.as_integer() < 0) {
      context.fail(std::string(key) + ": " + std::to_string(item.as_integer()) + " is negative");
    }
    sizes.push_back(item.as_integer());
  }
  return sizes;
}

SafetensorsEntry read_entry(const std::string& name, const Value& value, uint64_t data_size,
                            const Context& context) {
  if (!value.is_map()) context.fail("expected a map with dtype, shape and data_offsets");
  for (const auto& [key, ignored] : value.as_map()) {
    if (key != "dtype" && key != "shape" && key != "data_offsets") {
      context.fail("unknown key '" + key + "'; expected dtype, shape and data_offsets");
    }
  }
  SafetensorsEntry entry;
  entry.name = name;
  entry.type = read_type(member(value, "dtype", context), context);
  entry.shape = read_sizes(member(value, "shape", context), "shape", context);
  const auto offsets = read_sizes(member(value, "data_offsets", context), "data_offsets", context);
  if (offsets.size() != 2) {
    context.fail("data_offsets: expected 2 numbers, found " + std::to_string(offsets.size()));
  }
  entry.begin = static_cast<uint64_t>(offsets[0]);
  entry.end = static_cast<uint64_t>(offsets[1]);
  if (entry.begin > entry.end) {
    context.fail("data_offsets: the begin, " + std::to_string(entry.begin) + ", is after the end, " +
                 std::to_string(entry.end));
  }
  if (entry.end > data_size) {
    context.fail("its data ends at byte " + std::to_string(entry.end) + " of the data, which has " +
                 bytes_text(data_size) + "; the file is truncated or damaged: fetch it again");
  }
  const auto expected = byte_count(entry.type, entry.shape);
  const std::string claim = "shape " + shape_text(entry.shape) + " of " + std::string(peft::name(entry.type));
  if (!expected) context.fail(claim + " is more than 64 bits can count");
  if (*expected != entry.end - entry.begin) {
    context.fail(claim + " takes " + bytes_text(*expected) + ", but data_offsets span " +
                 bytes_text(entry.end - entry.begin));
  }
  return entry;
}

// Sorts by offset and demands that the tensors cover the data exactly: bytes that no tensor owns, or two own,
// are how a file hides something, or how a writer's mistake shows.
void check_coverage(std::vector<SafetensorsEntry>& entries, uint64_t data_size, const Context& context) {
  std::ranges::stable_sort(entries, [](const SafetensorsEntry& a, const SafetensorsEntry& b) {
    return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
  });
  uint64_t covered = 0;
  const SafetensorsEntry* previous = nullptr;
  for (const SafetensorsEntry& entry : entries) {
    if (entry.begin < covered) {
      context.tensor(entry.name)
          .fail("starts at byte " + std::to_string(entry.begin) + " of the data and overlaps tensor '" +
                previous->name + "', which ends at " + std::to_string(covered));
    }
    if (entry.begin > covered) {
      context.tensor(entry.name)
          .fail("starts at byte " + std::to_string(entry.begin) + " of the data and leaves a gap of " +
                bytes_text(entry.begin - covered) + " that no tensor owns");
    }
    covered = entry.end;
    previous = &entry;
  }
  if (covered != data_size) {
    context.fail(bytes_text(data_size - covered) + " at the end of the file belong to no tensor");
  }
}

}  // namespace

SafetensorsHeader parse_safetensors_header(std::span<const std::byte> file, const std::string& file_name) {
  const Context context(file_name);
  const std::string_view text = header_text(file, context);
  SafetensorsHeader header;
  header.data_begin = length_bytes + text.size();
  const uint64_t data_size = file.size() - header.data_begin;
  const Value document = parse_json(text, {.name = file_name, .column = length_bytes + 1});
  for (const auto& [name, value] : document.as_map()) {
    if (name == "__metadata__") {
      header.metadata = read_metadata(value, context);
    } else {
      header.entries.push_back(read_entry(name, value, data_size, context.tensor(name)));
    }
  }
  check_coverage(header.entries, data_size, context);
  return header;
}

std::string_view safetensors_dtype(ElementType type) {
  return std::ranges::find(dtype_names, type, &DtypeName::type)->name;
}

std::optional<ElementType> element_type_of_dtype(std::string_view dtype) {
  const auto found = std::ranges::find(dtype_names, dtype, &DtypeName::name);
  if (found == dtype_names.end()) return std::nullopt;
  return found->type;
}

}  // namespace peft::host
