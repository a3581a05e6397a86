// A safetensors file, mapped into memory.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model_io/tensor_view.h"

namespace peft::host {

// Opening maps the file and checks its header; no weight is read from the disk before its bytes are touched.
// The views hold the mapping, so they may outlive this object.
class SafetensorsFile {
 public:
  // Throws `peft::Error` naming the file and, where one is at fault, the tensor.
  explicit SafetensorsFile(const std::filesystem::path& path);
  SafetensorsFile(SafetensorsFile&&) noexcept = default;
  SafetensorsFile& operator=(SafetensorsFile&&) noexcept = default;

  const std::filesystem::path& path() const { return path_; }
  // In the order of the data. By value from a temporary, so that `for (… : SafetensorsFile(path).tensors())`
  // is safe.
  const std::vector<TensorView>& tensors() const& { return tensors_; }
  std::vector<TensorView> tensors() && { return std::move(tensors_); }

  const std::map<std::string, std::string>& metadata() const { return metadata_; }

  // Null where the file has no such tensor.
  const TensorView* find(std::string_view name) const&;
  const TensorView* find(std::string_view name) && = delete;

 private:
  std::filesystem::path path_;
  std::vector<TensorView> tensors_;
  std::map<std::string, std::string> metadata_;
};

}  // namespace peft::host
