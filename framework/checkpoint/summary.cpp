#include "checkpoint/summary.h"

#include <set>
#include <string>
#include <utility>

#include "base/sha256.h"
#include "checkpoint/element_statistics.h"
#include "checkpoint/hdf5_reader.h"
#include "checkpoint/layout.h"
#include "checkpoint/seal.h"
#include "peft/error.h"

namespace peft::host {
namespace {

// The part of `path` up to the next slash; removed from it.
std::string take_part(std::string_view& path) {
  const size_t slash = path.find('/');
  if (slash == std::string_view::npos) return {};
  std::string part(path.substr(0, slash));
  path.remove_prefix(slash + 1);
  return part;
}

TensorSummary summarise_tensor(const TensorView& tensor) {
  TensorSummary summary;
  summary.path = tensor.name;
  std::string_view rest = tensor.name;
  if (take_part(rest) == layout::sets_group) {
    summary.set = take_part(rest);
    summary.method = take_part(rest);
  }
  summary.type = tensor.type;
  summary.shape = tensor.shape;
  summary.bytes = tensor.bytes.size();
  summary.elements = summary.bytes / size_in_bytes(tensor.type);
  const ElementStatistics statistics = element_statistics(tensor);
  summary.norm = statistics.norm;
  summary.non_zero = statistics.non_zero;
  summary.non_finite = statistics.non_finite;
  return summary;
}

void mark_trained(std::vector<TensorSummary>& tensors) {
  std::set<std::string> moments;
  for (const TensorSummary& tensor : tensors) moments.insert(tensor.path);
  const std::string sets = std::string(layout::sets_group) + "/";
  for (TensorSummary& tensor : tensors) {
    if (tensor.set.empty()) continue;
    tensor.trained = moments.contains("optimizer/" + tensor.path.substr(sets.size()) + "/exp_avg");
  }
}

void read_content(CheckpointSummary& summary) {
  require_intact(summary.path);
  std::vector<TensorSummary> tensors;
  Hdf5Content content =
      read_hdf5(summary.path, [&](const TensorView& tensor) { tensors.push_back(summarise_tensor(tensor)); });
  summary.format_version = layout::format_version;
  summary.step = content.manifest.step;
  summary.metadata = std::move(content.metadata);
  mark_trained(tensors);
  summary.tensors = std::move(tensors);
  for (const TensorSummary& tensor : summary.tensors) {
    if (tensor.trained) summary.trained_elements += tensor.elements;
    if (tensor.non_finite > 0) summary.non_finite.push_back(tensor.path);
  }
  summary.verified = true;
}

}  // namespace

CheckpointSummary summarise(const std::filesystem::path& path) {
  CheckpointSummary summary;
  summary.path = path;
  summary.sha256 = sha256_of_file(path);
  summary.bytes = std::filesystem::file_size(path);
  try {
    read_content(summary);
  } catch (const Error& error) {
    summary.problem = error.what();
  }
  return summary;
}

}  // namespace peft::host
