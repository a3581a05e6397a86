#include "model_io/safetensors_writer.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "base/json.h"
#include "model_io/atomic_file.h"
#include "model_io/safetensors_header.h"
#include "peft/error.h"
#include "peft/value.h"

namespace peft::host {

static_assert(std::endian::native == std::endian::little, "weights are written as they stand in memory");

namespace {

constexpr std::size_t header_alignment = 8;  // the length before it is 8 bytes, so the data is aligned too

void check(const std::filesystem::path& path, const std::vector<TensorView>& tensors) {
  std::set<std::string_view> names;
  for (const TensorView& tensor : tensors) {
    const std::string place = path.string() + ": tensor '" + tensor.name + "': ";
    if (tensor.name == "__metadata__") throw Error(place + "this name is reserved by the format");
    if (!names.insert(tensor.name).second) throw Error(place + "two tensors of this name are to be written");
    if (byte_count(tensor.type, tensor.shape) != tensor.bytes.size()) {
      throw Error(place + "shape " + shape_text(tensor.shape) + " of " +
                  std::string(peft::name(tensor.type)) + " does not fit the " +
                  std::to_string(tensor.bytes.size()) + " bytes given");
    }
  }
}

// Wide elements first: each tensor then starts at a multiple of its own element's size.
std::vector<const TensorView*> in_file_order(const std::vector<TensorView>& tensors) {
  std::vector<const TensorView*> order;
  order.reserve(tensors.size());
  for (const TensorView& tensor : tensors) order.push_back(&tensor);
  std::ranges::sort(order, [](const TensorView* a, const TensorView* b) {
    const auto width_a = size_in_bytes(a->type);
    const auto width_b = size_in_bytes(b->type);
    return width_a != width_b ? width_a > width_b : a->name < b->name;
  });
  return order;
}

std::string header_of(const std::vector<const TensorView*>& order,
                      const std::map<std::string, std::string>& metadata) {
  Value::Map header;
  if (!metadata.empty()) {
    Value::Map entries;
    for (const auto& [key, text] : metadata) entries.emplace_back(key, text);
    header.emplace_back("__metadata__", std::move(entries));
  }
  int64_t position = 0;
  for (const TensorView* tensor : order) {
    Value::List shape(tensor->shape.begin(), tensor->shape.end());
    const int64_t end = position + static_cast<int64_t>(tensor->bytes.size());
    header.emplace_back(tensor->name, Value::Map{{"dtype", safetensors_dtype(tensor->type)},
                                                 {"shape", std::move(shape)},
                                                 {"data_offsets", Value::List{position, end}}});
    position = end;
  }
  std::string text = dump_json(header);
  text.resize((text.size() + header_alignment - 1) / header_alignment * header_alignment, ' ');
  return text;
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, const std::vector<TensorView>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  check(path, tensors);
  const auto order = in_file_order(tensors);
  const std::string header = header_of(order, metadata);
  const uint64_t length = header.size();

  AtomicFile file(path);
  file.write(std::as_bytes(std::span(&length, 1)));
  file.write(std::as_bytes(std::span(header)));
  for (const TensorView* tensor : order) file.write(tensor->bytes);
  file.commit();
}

}  // namespace peft::host
