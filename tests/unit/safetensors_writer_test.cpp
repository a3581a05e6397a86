#include "model_io/safetensors_writer.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <span>

#include "model_io/safetensors.h"
#include "support/temporary_folder.h"

using namespace peft;
using namespace peft::host;
using Catch::Matchers::Contains;
using peft::test::TemporaryFolder;

namespace {

template <typename T>
TensorView view(const std::string& name, ElementType type, std::vector<int64_t> shape,
                const std::vector<T>& values) {
  return {name, type, std::move(shape), std::as_bytes(std::span(values)), nullptr};
}

std::string content(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

TEST_CASE("What is written is read back, bit for bit") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "round.safetensors";
  const std::vector<float> weight{1.5F, -0.0F, 3e38F, 1e-45F, 0, 7};
  const std::vector<uint16_t> half{0x3f80, 0x7fc1, 0x0001};
  const std::vector<int64_t> steps{-1};
  const std::vector<uint8_t> flags{1, 0, 1};
  const std::vector<TensorView> tensors{
      view("flags", ElementType::boolean, {3}, flags),
      view("h.0.\"quoted\" \xc3\xa9\n", ElementType::bfloat16, {3}, half),
      view("weight", ElementType::float32, {2, 3}, weight),
      view("steps", ElementType::int64, {}, steps),
      view("empty", ElementType::float32, {0, 5}, std::vector<float>{}),
  };
  write_safetensors(path, tensors, {{"format", "pt"}, {"note", "é"}});

  const SafetensorsFile file(path);
  CHECK(file.metadata().at("note") == "é");
  REQUIRE(file.tensors().size() == tensors.size());
  for (const TensorView& wrote : tensors) {
    const TensorView* read = file.find(wrote.name);
    REQUIRE(read != nullptr);
    CHECK(read->type == wrote.type);
    CHECK(read->shape == wrote.shape);
    CHECK(std::ranges::equal(read->bytes, wrote.bytes));
    CHECK(reinterpret_cast<uintptr_t>(read->bytes.data()) % size_in_bytes(read->type) == 0);
  }
  CHECK(file.find("absent") == nullptr);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) ==
        1);  // nothing temporary is left
}

TEST_CASE("The data starts at a multiple of 8 bytes, after spaces, as the reference writes it") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "aligned.safetensors";
  for (size_t size = 1; size <= 9; ++size) {
    const std::vector<uint8_t> data(size, 1);
    write_safetensors(path,
                      {view(std::string(size, 'n'), ElementType::uint8, {static_cast<int64_t>(size)}, data)});
    const std::string bytes = content(path);
    const size_t data_begin = bytes.size() - size;
    CHECK(data_begin % 8 == 0);
    CHECK(bytes.substr(8, data_begin - 8).find_last_not_of(' ') ==
          bytes.substr(0, data_begin).rfind('}') - 8);
  }
}

TEST_CASE("A view outlives the file object it came from, and a file that replaces its own") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "w.safetensors";
  const std::vector<float> first{1, 2, 3};
  const std::vector<float> second{4, 5, 6};
  write_safetensors(path, {view("w", ElementType::float32, {3}, first)});
  const TensorView kept = SafetensorsFile(path).tensors().at(0);
  write_safetensors(path, {view("w", ElementType::float32, {3}, second)});
  CHECK(std::ranges::equal(kept.bytes, std::as_bytes(std::span(first))));
  const TensorView replaced = SafetensorsFile(path).tensors().at(0);
  CHECK(std::ranges::equal(replaced.bytes, std::as_bytes(std::span(second))));
}

TEST_CASE("A writer that is given nonsense leaves the old file alone") {
  const TemporaryFolder folder;
  const auto path = folder.write("w.safetensors", "old");
  const std::vector<float> data{1, 2, 3};
  const auto good = view("w", ElementType::float32, {3}, data);
  CHECK_THROWS_WITH(write_safetensors(path, {good, good}), Contains("two tensors of this name"));
  CHECK_THROWS_WITH(write_safetensors(path, {view("w", ElementType::float32, {4}, data)}),
                    Contains("tensor 'w': shape [4] of float32 does not fit the 12 bytes"));
  CHECK_THROWS_WITH(write_safetensors(path, {view("__metadata__", ElementType::float32, {3}, data)}),
                    Contains("reserved"));
  CHECK(content(path) == "old");
  CHECK_THROWS_WITH(write_safetensors(folder.path() / "none" / "w.safetensors", {good}),
                    Contains("cannot create") && Contains("No such file"));
}

TEST_CASE("A write that fails at its last step leaves no temporary file") {
  const TemporaryFolder folder;
  const auto taken = folder.path() / "taken";
  std::filesystem::create_directory(taken);
  CHECK_THROWS_WITH(write_safetensors(taken, {}), Contains("taken") && Contains("directory"));
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}
