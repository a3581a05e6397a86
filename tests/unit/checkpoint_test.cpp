#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "base/json.h"
#include "base/sha256.h"
#include "checkpoint/commit.h"
#include "checkpoint/load.h"
#include "checkpoint/summary.h"
#include "checkpoint_fixture.h"
#include "peft/error.h"
#include "support/temporary_folder.h"

using namespace peft;
using namespace peft::host;
using namespace peft::test;
using Catch::Contains;
namespace fs = std::filesystem;

TEST_CASE("every element type comes back bit for bit, NaN payloads and negative zeros too") {
  const TemporaryFolder folder;
  const std::vector<float> odd = {std::bit_cast<float>(0x7fc01234u), std::bit_cast<float>(0xff812345u), -0.0f,
                                  std::bit_cast<float>(1u), std::numeric_limits<float>::infinity()};
  Checkpoint written;
  written.step = 200;
  written.tensors = {
      tensor<float>("sets/default/lora/odd", ElementType::float32, {5}, odd),
      tensor<double>("sets/default/lora/double", ElementType::float64, {1, 2}, {-0.0, std::nan("7")}),
      tensor<uint16_t>("sets/default/lora/half", ElementType::float16, {3}, {0x7e01, 0x8000, 0x3c00}),
      tensor<uint16_t>("sets/default/lora/brain", ElementType::bfloat16, {3}, {0x7fc1, 0x8000, 0x3f80}),
      tensor<int64_t>("a/int64", ElementType::int64, {2}, {std::numeric_limits<int64_t>::min(), -1}),
      tensor<int32_t>("a/int32", ElementType::int32, {1}, {-5}),
      tensor<int16_t>("a/int16", ElementType::int16, {1}, {-300}),
      tensor<int8_t>("a/int8", ElementType::int8, {1}, {-128}),
      tensor<uint8_t>("a/uint8", ElementType::uint8, {2}, {0, 255}),
      tensor<uint8_t>("a/boolean", ElementType::boolean, {2}, {1, 0}),
  };
  const Committed committed = write_checkpoint(folder.path(), written, 3);
  CHECK(same(read_checkpoint(committed.path), written));
}

TEST_CASE("a checkpoint says what is in it without its tensors being read") {
  const TemporaryFolder folder;
  const Checkpoint written = sample_checkpoint(200);
  const fs::path path = write_checkpoint(folder.path(), written, 3).path;
  const CheckpointDescription description = read_description(path);
  CHECK(description.manifest.step == 200);
  CHECK(description.metadata == written.metadata);
  REQUIRE(description.manifest.tensors.size() == written.tensors.size());
  CHECK(description.manifest.tensors.front().path == "sets/default/lora/h.0.attn.qkv.A");
  CHECK(description.manifest.tensors.front().shape == std::vector<int64_t>{2, 3});

  std::string content = content_of(path);
  content[content.size() / 2] = static_cast<char>(content[content.size() / 2] ^ 1);
  overwrite(path, content);
  CHECK_THROWS_WITH(read_description(path), Contains("step-000200.h5 cannot be used"));
  CHECK_THROWS_WITH(read_description(folder.path() / "none.h5"), Contains("does not exist"));
}

TEST_CASE("scalars, empty tensors and tensors of many chunks come back") {
  const TemporaryFolder folder;
  std::vector<float> large(700 * 1031);
  for (size_t i = 0; i < large.size(); ++i) large[i] = static_cast<float>(i);
  Checkpoint written;
  written.tensors = {tensor<float>("sets/default/ia3/scalar", ElementType::float32, {}, {2.5f}),
                     tensor<float>("sets/default/ia3/none", ElementType::float32, {0}, {}),
                     tensor<float>("sets/default/ia3/no rows", ElementType::float32, {0, 1024}, {}),
                     tensor<float>("sets/default/full/wte", ElementType::float32, {700, 1031}, large)};
  CHECK(same(read_checkpoint(write_checkpoint(folder.path(), written, 3).path), written));
}

TEST_CASE("metadata of every kind comes back in its order") {
  const TemporaryFolder folder;
  Checkpoint written;
  written.metadata = Value::Map{
      {"z first", true},
      {"tokens", int64_t{1} << 62},
      {"loss", 0.1},
      {"best", -std::numeric_limits<double>::infinity()},
      {"recipe", "name: \"hybrid\"\n# ümlaut\n"},
      {"empty", ""},
      {"with NUL", std::string("a\0b\0", 4)},
      {"nothing", Value()},
      {"plugins", Value::List{Value::Map{{"name", "lora"}, {"version", "1.0"}, {"sha256", "ab"}}}},
      {"data",
       Value::Map{{"epoch", 2}, {"order", Value::List{3, 1, 2}}, {"fraction", 0.3}, {"none", Value::Map{}}}},
      {"a last", false}};
  CHECK(read_checkpoint(write_checkpoint(folder.path(), written, 3).path).metadata == written.metadata);

  written.metadata.set("loss", std::nan(""));
  const Value loss = read_checkpoint(write_checkpoint(folder.path(), written, 3).path).metadata.at("loss");
  CHECK(std::isnan(loss.as_number()));
}

TEST_CASE("the same checkpoint gives the same bytes, wherever it is written") {
  const TemporaryFolder one;
  const TemporaryFolder other;
  CHECK(write_checkpoint(one.path(), sample_checkpoint(200), 3).sha256 ==
        write_checkpoint(other.path() / "deep" / "inside", sample_checkpoint(200), 3).sha256);
}

TEST_CASE("LATEST names the newest checkpoint with its size and SHA-256") {
  const TemporaryFolder folder;
  write_checkpoint(folder.path(), sample_checkpoint(200), 3);
  const Committed committed = write_checkpoint(folder.path(), sample_checkpoint(400), 3);
  CHECK(committed.path == folder.path() / "step-000400.h5");
  const std::string content = content_of(committed.path);
  const Value latest = read_json_file((folder.path() / "LATEST").string());
  CHECK(latest == Value(Value::Map{{"name", "step-000400.h5"},
                                   {"size", static_cast<int64_t>(content.size())},
                                   {"sha256", sha256(content)}}));
  const LoadedCheckpoint loaded = read_latest(folder.path());
  CHECK(same(loaded.checkpoint, sample_checkpoint(400)));
  CHECK(loaded.warnings.empty());
}

TEST_CASE("only the newest are kept, and files of others are left alone") {
  const TemporaryFolder folder;
  folder.write("step-7.h5", "not our way to write a name");
  folder.write("notes.tmp", "the user's");
  for (const int64_t step : {200, 400, 600, 800}) write_checkpoint(folder.path(), sample_checkpoint(step), 2);
  CHECK_FALSE(fs::exists(folder.path() / "step-000400.h5"));
  CHECK(fs::exists(folder.path() / "step-000600.h5"));
  CHECK(fs::exists(folder.path() / "step-000800.h5"));
  CHECK(fs::exists(folder.path() / "step-7.h5"));
  CHECK(fs::exists(folder.path() / "notes.tmp"));

  SECTION("a run that went back keeps what it writes, whatever lies ahead of it") {
    write_checkpoint(folder.path(), sample_checkpoint(300), 1);
    CHECK(read_latest(folder.path()).checkpoint.step == 300);
    CHECK(fs::exists(folder.path() / "step-000800.h5"));
  }
  SECTION("keep 0 keeps all") {
    write_checkpoint(folder.path(), sample_checkpoint(1000), 0);
    CHECK(fs::exists(folder.path() / "step-000600.h5"));
  }
}

TEST_CASE("what a killed commit left unfinished is ignored, and removed by the next") {
  const TemporaryFolder folder;
  write_checkpoint(folder.path(), sample_checkpoint(200), 3);
  folder.write("step-000400.h5.tmp", "half");
  folder.write("LATEST.tmp", "half");
  CHECK(read_latest(folder.path()).warnings.empty());
  write_checkpoint(folder.path(), sample_checkpoint(600), 3);
  CHECK_FALSE(fs::exists(folder.path() / "step-000400.h5.tmp"));
  CHECK_FALSE(fs::exists(folder.path() / "LATEST.tmp"));
}

TEST_CASE("without a usable LATEST the newest good checkpoint is found, with a warning") {
  const TemporaryFolder folder;
  write_checkpoint(folder.path(), sample_checkpoint(200), 3);
  write_checkpoint(folder.path(), sample_checkpoint(400), 3);
  SECTION("missing") {
    fs::remove(folder.path() / "LATEST");
  }
  SECTION("empty") {
    overwrite(folder.path() / "LATEST", "");
  }
  SECTION("of another form") {
    overwrite(folder.path() / "LATEST", R"({"name": "../x.h5", "size": 1, "sha256": ""})");
  }
  const LoadedCheckpoint loaded = read_latest(folder.path());
  CHECK(same(loaded.checkpoint, sample_checkpoint(400)));
  REQUIRE_FALSE(loaded.warnings.empty());
  CHECK_THAT(loaded.warnings.front(), Contains("LATEST"));
}

TEST_CASE("a missing newest checkpoint falls back to the one before it, not to one a former run left ahead") {
  const TemporaryFolder folder;
  write_checkpoint(folder.path(), sample_checkpoint(1000), 3);
  write_checkpoint(folder.path(), sample_checkpoint(200), 3);
  write_checkpoint(folder.path(), sample_checkpoint(400), 3);
  fs::remove(folder.path() / "step-000400.h5");
  const LoadedCheckpoint loaded = read_latest(folder.path());
  CHECK(loaded.checkpoint.step == 200);
  CHECK_THAT(loaded.warnings.front(), Contains("step-000400.h5 is missing"));
  CHECK_THAT(loaded.warnings.back(), Contains("going on from") && Contains("step-000200.h5"));
}

TEST_CASE("a folder without a usable checkpoint is an error that says why") {
  const TemporaryFolder folder;
  CHECK_FALSE(holds_checkpoints(folder.path() / "absent"));
  CHECK_THROWS_WITH(read_latest(folder.path()), Contains("no checkpoint in"));
  overwrite(write_checkpoint(folder.path(), sample_checkpoint(200), 3).path, "gone");
  CHECK(holds_checkpoints(folder.path()));
  CHECK_THROWS_WITH(read_latest(folder.path()), Contains("step-000200.h5 cannot be used"));
}

TEST_CASE("a checkpoint under the name of another step is not taken for it") {
  const TemporaryFolder folder;
  const Committed committed = write_checkpoint(folder.path(), sample_checkpoint(200), 3);
  fs::rename(committed.path, folder.path() / "step-000300.h5");
  CHECK_THROWS_WITH(read_latest(folder.path()), Contains("it holds step 200"));
  CHECK(read_checkpoint(folder.path() / "step-000300.h5").step == 200);
}

TEST_CASE("a newer format version is refused by its number") {
  const TemporaryFolder folder;
  const Committed committed = write_checkpoint(folder.path(), sample_checkpoint(200), 3);
  std::string content = content_of(committed.path);
  const std::string line = "format_version 1";
  content.replace(content.find(line), line.size(), "format_version 2");
  overwrite(committed.path, content);
  CHECK_THROWS_WITH(read_checkpoint(committed.path), Contains("format version is 2") &&
                                                         Contains("reads version 1") &&
                                                         Contains("step-000200.h5"));
  CHECK_THAT(summarise(committed.path).problem, Contains("format version is 2"));
}

TEST_CASE("a checkpoint that cannot be stored is refused by the tensor's name") {
  const TemporaryFolder folder;
  Checkpoint checkpoint = sample_checkpoint(200);
  const auto refused = [&](const std::string& reason) {
    CHECK_THROWS_WITH(write_checkpoint(folder.path() / "none", checkpoint, 3), Contains(reason));
    CHECK_FALSE(fs::exists(folder.path() / "none"));
  };
  const auto with = [&](const std::string& path) {
    checkpoint.tensors.push_back(tensor<float>(path, ElementType::float32, {1}, {1}));
  };
  SECTION("an empty part") {
    with("sets//x"), refused("'sets//x' cannot be a tensor's path");
  }
  SECTION("a leading slash") {
    with("/sets/x"), refused("'/sets/x' cannot be a tensor's path");
  }
  SECTION("a way out") {
    with("sets/../x"), refused("cannot be a tensor's path");
  }
  SECTION("the file's own group") {
    with("metadata/x"), refused("the file keeps for itself");
  }
  SECTION("twice") {
    with("sets/default/prefix/tokens"), refused("'sets/default/prefix/tokens' is given twice");
  }
  SECTION("inside a tensor") {
    with("sets/default/prefix/tokens/more"),
        refused("'sets/default/prefix/tokens' is a tensor and also a group");
  }
  SECTION("fewer bytes than the shape asks for") {
    checkpoint.tensors[1].shape = {41, 50};
    refused("'sets/default/prefix/tokens' is float32 [41, 50], 8200 bytes, but comes with 8000 bytes");
  }
  SECTION("a key that is a path") {
    checkpoint.metadata.set("a/b", 1);
    refused("'a/b' cannot be a key");
  }
}

TEST_CASE("tensors that do not fit the model are all named") {
  const Checkpoint checkpoint = sample_checkpoint(200);
  const std::vector<ExpectedTensor> fits = {
      {"sets/default/lora/h.0.attn.qkv.A", ElementType::float32, {2, 3}}};
  CHECK_NOTHROW(require_tensors(checkpoint, "sets/default/lora", fits));
  const std::vector<ExpectedTensor> expected = {
      {"sets/default/lora/h.0.attn.qkv.A", ElementType::float32, {3, 2}},
      {"sets/default/lora/h.0.attn.qkv.B", ElementType::float32, {2, 3}}};
  CHECK_THROWS_WITH(
      require_tensors(checkpoint, "sets/default", expected),
      Contains("misshapen: sets/default/lora/h.0.attn.qkv.A is float32 [2, 3], expected float32 [3, 2]") &&
          Contains("missing: sets/default/lora/h.0.attn.qkv.B, expected float32 [2, 3]") &&
          Contains("unexpected: sets/default/prefix/tokens, float32 [40, 50]"));
}

TEST_CASE("a summary tells sets, methods, shapes, norms, and tensors that are not finite") {
  const TemporaryFolder folder;
  Checkpoint checkpoint = sample_checkpoint(200);
  checkpoint.tensors.push_back(tensor<float>("sets/default/lora/bad", ElementType::float32, {4},
                                             {3, std::nanf(""), 4, -std::numeric_limits<float>::infinity()}));
  // 0.5, the smallest subnormal, infinity
  checkpoint.tensors.push_back(
      tensor<uint16_t>("sets/spare/lora/half", ElementType::float16, {3}, {0x3800, 0x0001, 0x7c00}));
  checkpoint.tensors.push_back(
      tensor<uint16_t>("sets/spare/lora/brain", ElementType::bfloat16, {2}, {0x4040, 0x4080}));  // 3, 4
  const Committed committed = write_checkpoint(folder.path(), checkpoint, 3);
  const CheckpointSummary summary = summarise(committed.path);
  CHECK(summary.verified);
  CHECK(summary.problem.empty());
  CHECK(summary.step == 200);
  CHECK(summary.bytes == committed.bytes);
  CHECK(summary.sha256 == committed.sha256);
  CHECK(summary.metadata.at("recipe").as_text() == "name: hybrid\nseed: 42\n");
  CHECK(summary.trained_elements == 6);  // of the one that has moments
  CHECK(summary.non_finite == std::vector<std::string>{"sets/default/lora/bad", "sets/spare/lora/half"});
  REQUIRE(summary.tensors.size() == 6);
  CHECK(summary.tensors[0].set == "default");
  CHECK(summary.tensors[0].method == "lora");
  CHECK(summary.tensors[0].trained);
  CHECK_FALSE(summary.tensors[1].trained);
  CHECK(summary.tensors[2].set.empty());  // the optimiser's
  CHECK_FALSE(summary.tensors[2].trained);
  CHECK(summary.tensors[2].non_zero == 2);
  CHECK(summary.tensors[3].norm == 5.0);
  CHECK(summary.tensors[3].non_finite == 2);
  CHECK(summary.tensors[3].non_zero == 4);
  CHECK(summary.tensors[4].norm == std::hypot(0.5, std::ldexp(1.0, -24)));
  CHECK(summary.tensors[5].norm == 5.0);
  CHECK(summary.tensors[5].set == "spare");
}

TEST_CASE("a summary of a file that is no checkpoint says so") {
  const TemporaryFolder folder;
  const CheckpointSummary summary = summarise(folder.write("other.h5", std::string(4096, 'x')));
  CHECK_FALSE(summary.verified);
  CHECK_THAT(summary.problem, Contains("does not begin with a checkpoint's seal"));
  CHECK_THROWS_AS(summarise(folder.path() / "absent.h5"), Error);
}
