#include "model_io/safetensors.h"

#include <algorithm>
#include <bit>
#include <memory>
#include <utility>

#include "base/mapped_file.h"
#include "model_io/safetensors_header.h"

namespace peft::host {

static_assert(std::endian::native == std::endian::little, "weights are used as they stand in the file");

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path) : path_(path) {
  const auto file = std::make_shared<const MappedFile>(path);
  SafetensorsHeader header = parse_safetensors_header(file->bytes(), path.string());
  const auto data = file->bytes().subspan(header.data_begin);
  tensors_.reserve(header.entries.size());
  for (SafetensorsEntry& entry : header.entries) {
    tensors_.push_back({.name = std::move(entry.name),
                        .type = entry.type,
                        .shape = std::move(entry.shape),
                        .bytes = data.subspan(entry.begin, entry.end - entry.begin),
                        .owner = file,
                        .mapped = true});
  }
  metadata_ = std::move(header.metadata);
}

const TensorView* SafetensorsFile::find(std::string_view name) const& {
  const auto found = std::ranges::find(tensors_, name, &TensorView::name);
  return found == tensors_.end() ? nullptr : &*found;
}

}  // namespace peft::host
