// Weights of a file as tensors: where they lie, what converting them gives, and what stays in memory.
#include <ATen/ops/equal.h>
#include <ATen/ops/zeros.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <string>

#include "engine/tensor_bytes.h"
#include "model_io/safetensors.h"
#include "model_io/safetensors_writer.h"
#include "model_io/weights_hash.h"
#include "peft/random.h"
#include "support/temporary_folder.h"

using namespace peft::host;
using peft::test::TemporaryFolder;

namespace {

at::Tensor drawn(int64_t rows, int64_t columns, at::ScalarType type) {
  at::Tensor tensor = at::zeros({rows, columns});
  peft::fill_normal(tensor, 0, 1, peft::RandomStream(7));
  return tensor.to(type);
}

// A file with these weights, opened.
std::vector<TensorView> in_file(const TemporaryFolder& folder, const at::Tensor& tensor) {
  write_safetensors(folder.path() / "w.safetensors", {tensor_view("w", tensor)});
  return SafetensorsFile(folder.path() / "w.safetensors").tensors();
}

// Of the process, in MB: "RssFile", "RssAnon".
double resident(const std::string& kind) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(kind + ":")) return std::stod(line.substr(kind.size() + 1)) / 1024;
  }
  return -1;
}

}  // namespace

TEST_CASE(
    "Weights of every type convert to every other as LibTorch does, across stretches and at odd addresses") {
  const TemporaryFolder folder;
  for (const at::ScalarType from : {at::kFloat, at::kBFloat16, at::kHalf, at::kDouble}) {
    const at::Tensor tensor = drawn(3001, 2003, from);  // beyond a stretch, and not a multiple of one
    TensorView view = in_file(folder, tensor).front();
    for (const at::ScalarType to : {at::kFloat, at::kBFloat16}) {
      CHECK(at::equal(convert_tensor(view, to, at::kCPU), tensor.to(to)));
    }
  }
  const at::Tensor tensor = drawn(5, 7, at::kFloat);
  std::string shifted(tensor.nbytes() + 1, ' ');
  std::copy_n(static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes(), shifted.data() + 1);
  const TensorView odd{.name = "odd",
                       .type = peft::ElementType::float32,
                       .shape = {5, 7},
                       .bytes = {reinterpret_cast<const std::byte*>(shifted.data()) + 1, tensor.nbytes()},
                       .owner = nullptr};
  CHECK(at::equal(convert_tensor(odd, at::kBFloat16, at::kCPU), tensor.to(at::kBFloat16)));
  CHECK(convert_tensor(in_file(folder, at::zeros({0, 3})).front(), at::kBFloat16, at::kCPU).sizes() ==
        at::IntArrayRef{0, 3});
}

TEST_CASE("Weights of the type asked for are used where they are mapped: there is no second copy") {
  const TemporaryFolder folder;
  const TensorView view = in_file(folder, drawn(8192, 2048, at::kFloat)).front();  // 64 MB
  const double before = resident("RssAnon");
  const at::Tensor borrowed = borrow_tensor(view);
  CHECK(borrowed.const_data_ptr() == view.bytes.data());
  CHECK(borrowed.sum().item<double>() != 0.0);
  CHECK(resident("RssAnon") - before < 20);
}

TEST_CASE("Converted or hashed in passing, a file is not resident beside the copy; the hash is the same") {
  const TemporaryFolder folder;
  const TensorView view = in_file(folder, drawn(8192, 2048, at::kFloat)).front();  // 64 MB
  const double before = resident("RssFile");
  const at::Tensor converted = convert_tensor(view, at::kBFloat16, at::kCPU);
  CHECK(resident("RssFile") - before < 30);
  const std::string in_passing = weights_identity_in_passing({{"w", view}});
  CHECK(resident("RssFile") - before < 30);
  CHECK(weights_identity({{"w", view}}) == in_passing);
  CHECK(resident("RssFile") - before > 60);  // so that the two above mean something
}
