#include "checkpoint/checkpoint.h"

#include <algorithm>
#include <map>
#include <set>

#include "checkpoint/layout.h"
#include "peft/error.h"

namespace peft::host {
namespace {

// HDF5 reads "." as "this group" and "/" as a separator; a NUL would end the name early.
bool is_link_name(std::string_view part) {
  return !part.empty() && part != "." && part != ".." && part.find('/') == std::string_view::npos &&
         part.find('\0') == std::string_view::npos;
}

std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t slash = path.find('/');
    parts.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return parts;
    path.remove_prefix(slash + 1);
  }
}

void require_path(std::string_view path) {
  const std::vector<std::string_view> parts = parts_of(path);
  if (!std::all_of(parts.begin(), parts.end(), is_link_name)) {
    throw Error("checkpoint: '" + std::string(path) +
                "' cannot be a tensor's path: expected names separated by single slashes, as in "
                "sets/default/lora/h.0.attn.qkv.A");
  }
  if (parts.front() == layout::metadata_group || parts.front() == layout::manifest_dataset) {
    throw Error("checkpoint: tensor '" + std::string(path) + "' stands under '" + std::string(parts.front()) +
                "', which the file keeps for itself; put it under sets/ or optimizer/");
  }
}

bool stands_under(std::string_view path, std::string_view group) {
  if (group.empty()) return true;
  return path.size() > group.size() && path.starts_with(group) && path[group.size()] == '/';
}

std::string describe(ElementType type, const std::vector<int64_t>& shape) {
  return std::string(name(type)) + " " + shape_text(shape);
}

}  // namespace

const TensorView* Checkpoint::find(std::string_view path) const {
  const auto found = std::find_if(tensors.begin(), tensors.end(),
                                  [&](const TensorView& tensor) { return tensor.name == path; });
  return found == tensors.end() ? nullptr : &*found;
}

std::string tensor_path(std::string_view group, std::string_view tensor) {
  return std::string(group) + "/" + std::string(tensor);
}

void require_storable(const Checkpoint& checkpoint) {
  if (checkpoint.step < 0) {
    throw Error("checkpoint: step " + std::to_string(checkpoint.step) + " is negative; expected 0 or more");
  }
  std::set<std::string_view> paths;
  for (const TensorView& tensor : checkpoint.tensors) {
    require_path(tensor.name);
    const std::optional<uint64_t> bytes = byte_count(tensor.type, tensor.shape);
    if (bytes != tensor.bytes.size()) {
      throw Error("checkpoint: tensor '" + tensor.name + "' is " + describe(tensor.type, tensor.shape) +
                  ", " +
                  (bytes ? std::to_string(*bytes) + " bytes" : std::string("more than can be stored")) +
                  ", but comes with " + std::to_string(tensor.bytes.size()) + " bytes");
    }
    if (!paths.insert(tensor.name).second) {
      throw Error("checkpoint: tensor '" + tensor.name + "' is given twice");
    }
  }
  for (const std::string_view path : paths) {
    for (size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
      if (paths.contains(path.substr(0, slash))) {
        throw Error("checkpoint: '" + std::string(path.substr(0, slash)) +
                    "' is a tensor and also a group of '" + std::string(path) + "'; rename one of them");
      }
    }
  }
  if (!checkpoint.metadata.is_map()) {
    throw Error("checkpoint: metadata is " + std::string(type_name(checkpoint.metadata.type())) +
                "; expected a map");
  }
  for (const auto& [key, value] : checkpoint.metadata.as_map()) {
    if (!is_link_name(key)) {
      throw Error("checkpoint: '" + key +
                  "' cannot be a key of the metadata: it is empty, '.', or holds a '/'");
    }
  }
}

void require_tensors(const Checkpoint& checkpoint, std::string_view group,
                     std::span<const ExpectedTensor> expected) {
  std::map<std::string_view, const TensorView*> present;
  for (const TensorView& tensor : checkpoint.tensors) {
    if (stands_under(tensor.name, group)) present.emplace(tensor.name, &tensor);
  }
  std::string problems;
  for (const ExpectedTensor& wanted : expected) {
    const auto found = present.find(wanted.path);
    if (found == present.end()) {
      problems += "\n  missing: " + wanted.path + ", expected " + describe(wanted.type, wanted.shape);
      continue;
    }
    const TensorView& tensor = *found->second;
    if (tensor.type != wanted.type || tensor.shape != wanted.shape) {
      problems += "\n  misshapen: " + wanted.path + " is " + describe(tensor.type, tensor.shape) +
                  ", expected " + describe(wanted.type, wanted.shape);
    }
    present.erase(found);
  }
  for (const auto& [path, tensor] : present) {
    problems += "\n  unexpected: " + std::string(path) + ", " + describe(tensor->type, tensor->shape);
  }
  if (problems.empty()) return;
  throw Error("the checkpoint of step " + std::to_string(checkpoint.step) +
              " does not fit the model; use the recipe that it was saved with:" + problems);
}

}  // namespace peft::host
