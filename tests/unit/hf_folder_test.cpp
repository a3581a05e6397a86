#include "model_io/hf_folder.h"

#include <catch2/catch.hpp>
#include <cstdlib>

#include "model_io/safetensors.h"
#include "model_io/safetensors_writer.h"
#include "peft/error.h"
#include "support/temporary_folder.h"

using namespace peft;
using namespace peft::host;
using Catch::Matchers::Contains;
using peft::test::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

const std::vector<float> numbers{1, 2, 3, 4};

TensorView floats(const std::string& name) {
  return {name, ElementType::float32, {2, 2}, std::as_bytes(std::span(numbers)), nullptr};
}

// Two shards, `a` in the first and `b` in the second, with an index to be damaged.
void write_shards(const TemporaryFolder& folder, const std::string& weight_map) {
  folder.write("config.json", R"({"model_type": "gpt2"})");
  write_safetensors(folder.path() / "one.safetensors", {floats("a")});
  write_safetensors(folder.path() / "two.safetensors", {floats("b")});
  folder.write("model.safetensors.index.json",
               R"({"metadata": {"total_size": 32}, "weight_map": )" + weight_map + "}");
}

std::string refusal(const fs::path& folder) {
  try {
    HfFolder::open(folder);
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("A folder with one file of weights opens with its configuration and tensors") {
  const TemporaryFolder folder;
  folder.write("config.json", R"({"model_type": "gpt2", "n_layer": 2})");
  write_safetensors(folder.path() / "model.safetensors", {floats("a"), floats("b")});
  const HfFolder opened = HfFolder::open(folder.path());
  CHECK(opened.config().at("n_layer").as_integer() == 2);
  CHECK_FALSE(opened.generation_config());
  CHECK(opened.tensors().size() == 2);

  folder.write("generation_config.json", R"({"eos_token_id": 0})");
  CHECK(HfFolder::open(folder.path()).generation_config()->at("eos_token_id").as_integer() == 0);
}

TEST_CASE("A sharded folder opens as one model") {
  const TemporaryFolder folder;
  write_shards(folder, R"({"a": "one.safetensors", "b": "two.safetensors"})");
  const HfFolder opened = HfFolder::open(folder.path());
  REQUIRE(opened.tensors().size() == 2);
  CHECK(opened.tensors()[0].name == "a");
  CHECK(opened.tensors()[1].name == "b");
}

TEST_CASE("A single file is preferred to an index beside it, as transformers does") {
  const TemporaryFolder folder;
  write_shards(folder, R"({"a": "gone.safetensors"})");
  write_safetensors(folder.path() / "model.safetensors", {floats("whole")});
  CHECK(HfFolder::open(folder.path()).tensors().at(0).name == "whole");
}

TEST_CASE("Everything in which the shards and the index disagree is told at once") {
  const TemporaryFolder folder;
  write_shards(folder, R"({"a": "two.safetensors", "c": "one.safetensors", "d": "three.safetensors"})");
  CHECK_THAT(refusal(folder.path()),
             Contains("tensor 'a' stands in one.safetensors; the index says two.safetensors") &&
                 Contains("tensor 'b' stands in two.safetensors, but the index does not list it") &&
                 Contains("tensor 'c' is not in one.safetensors") &&
                 Contains("shard three.safetensors is missing"));
}

TEST_CASE("A tensor that stands in two shards is an error") {
  const TemporaryFolder folder;
  write_shards(folder, R"({"a": "one.safetensors", "b": "two.safetensors"})");
  write_safetensors(folder.path() / "two.safetensors", {floats("a"), floats("b")});
  CHECK_THAT(refusal(folder.path()),
             Contains("tensor 'a' stands in two.safetensors; the index says one.safetensors"));
}

TEST_CASE("An index that is damaged or points out of its folder is refused") {
  const TemporaryFolder folder;
  for (const std::string outside : {"../one.safetensors", "/etc/passwd", "..", "", "sub/one.safetensors"}) {
    write_shards(folder, R"({"a": ")" + outside + "\"}");
    CHECK_THAT(refusal(folder.path()),
               Contains("tensor 'a': expected the name of a shard in the same folder"));
  }
  write_shards(folder, R"({"a": 1})");
  CHECK_THAT(refusal(folder.path()), Contains("tensor 'a': expected the name of a shard"));
  write_shards(folder, "{}");
  CHECK_THAT(refusal(folder.path()), Contains("weight_map names no tensor"));
  write_shards(folder, "[]");
  CHECK_THAT(refusal(folder.path()), Contains("expected a map 'weight_map'"));
  write_shards(folder, R"({"a": "one.safetensors")");
  CHECK_THAT(refusal(folder.path()), Contains("index.json:1:") && Contains("not valid JSON"));
}

TEST_CASE("What a folder lacks is named, together with what was looked for") {
  const TemporaryFolder folder;
  CHECK_THAT(refusal(folder.path() / "none"), Contains("no such folder") && Contains("config.json"));
  CHECK_THAT(refusal(folder.write("file", "")), Contains("expected a folder, found a file"));
  CHECK_THAT(refusal(folder.path()),
             Contains("config.json is missing") && Contains("model.safetensors.index.json"));
  folder.write("config.json", "{}");
  CHECK_THAT(refusal(folder.path()),
             Contains("found neither model.safetensors nor model.safetensors.index.json"));
  folder.write("config.json", "[]");
  CHECK_THAT(refusal(folder.path()), Contains("config.json: expected a JSON map, found type list"));
  folder.write("config.json", R"({"n_layer": )");
  CHECK_THAT(refusal(folder.path()), Contains("config.json:1:") && Contains("not valid JSON"));
}

TEST_CASE("Pickled weights are refused with the way to convert them") {
  const TemporaryFolder folder;
  folder.write("config.json", "{}");
  folder.write("pytorch_model.bin", "PK");
  CHECK_THAT(refusal(folder.path()), Contains("pytorch_model.bin") && Contains("save_pretrained"));
}

TEST_CASE("A lying header in a folder names the file and the tensor") {
  const TemporaryFolder folder;
  folder.write("config.json", "{}");
  const std::string header = R"({"h.0":{"dtype":"F32","shape":[9],"data_offsets":[0,4]}})";
  folder.write("model.safetensors",
               std::string{static_cast<char>(header.size()), 0, 0, 0, 0, 0, 0, 0} + header + "....");
  CHECK_THAT(refusal(folder.path()), Contains("model.safetensors: tensor 'h.0': shape [9]"));
}

TEST_CASE("A real GPT-2 in the Hugging Face layout opens") {
  const char* shared = std::getenv("PEFT_SHARED_DATA");
  const fs::path folder = fs::path(shared == nullptr ? "" : shared) / "weights" / "nano-gpt2";
  if (!fs::exists(folder)) {
    WARN("skipped: PEFT_SHARED_DATA holds no weights/nano-gpt2");
    return;
  }
  const HfFolder opened = HfFolder::open(folder);
  CHECK(opened.tensors().size() == 76);
  CHECK(opened.config().at("model_type").as_text() == "gpt2");
  CHECK(opened.generation_config());
  const TensorView* embedding = nullptr;
  for (const TensorView& tensor : opened.tensors()) {
    CHECK(tensor.type == ElementType::bfloat16);
    if (tensor.name == "transformer.wte.weight") embedding = &tensor;
  }
  REQUIRE(embedding != nullptr);
  CHECK(embedding->shape == std::vector<int64_t>{8192, 256});
}
