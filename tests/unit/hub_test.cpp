// Addresses, settings, listings and the choice of files: the hub's parts that need no network.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "hub/blob_hash.h"
#include "hub/http.h"
#include "hub/listing.h"
#include "hub/repository.h"
#include "hub/selection.h"
#include "hub/settings.h"
#include "peft/error.h"
#include "support/temporary_folder.h"

using namespace peft;
using namespace peft::host;
using Catch::Matchers::Contains;

namespace {

std::vector<HubFile> files_named(const std::vector<std::string>& paths) {
  std::vector<HubFile> files;
  files.reserve(paths.size());
  for (const std::string& path : paths) files.push_back({path, 1, std::string(40, 'a')});
  return files;
}

std::vector<std::string> chosen(const std::vector<std::string>& paths, const std::string& address,
                                HubContent content = HubContent::data) {
  std::vector<std::string> names;
  for (const HubFile& file : select_files(files_named(paths), parse_hub_address(address), content))
    names.push_back(file.path);
  return names;
}

using Names = std::vector<std::string>;

// The environment as a test wants it, and as it was afterwards.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    const char* found = std::getenv(name);
    if (found != nullptr) before_ = found;
    had_ = found != nullptr;
    value != nullptr ? ::setenv(name, value, 1) : ::unsetenv(name);
  }
  ~Variable() { had_ ? ::setenv(name_, before_.c_str(), 1) : ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::string before_;
  bool had_ = false;
};

}  // namespace

TEST_CASE("An address has an owner, a name, and perhaps a revision and a path") {
  CHECK(parse_hub_address("hub://a/b") == HubAddress{"a", "b", "", ""});
  CHECK(parse_hub_address("hub://a/b.c-d_e@v1.0") == HubAddress{"a", "b.c-d_e", "v1.0", ""});
  CHECK(parse_hub_address("hub://a/b/data/*.csv") == HubAddress{"a", "b", "", "data/*.csv"});
  CHECK(parse_hub_address("hub://a/b@v1/data/") == HubAddress{"a", "b", "v1", "data"});
  CHECK(parse_hub_address("hub://a/b@refs/pr/7/x.csv") == HubAddress{"a", "b", "refs/pr/7", "x.csv"});
  CHECK(parse_hub_address("hub://a/b@feature%2Fx/y") == HubAddress{"a", "b", "feature/x", "y"});
  for (const std::string text : {"hub://a/b", "hub://a/b@v1", "hub://a/b@feature%2Fx/y/z.csv", "hub://a/b/c"})
    CHECK(parse_hub_address(text).text() == text);
  for (const std::string text : {"hub://", "hub://a", "hub://a/", "hub:///b", "hub://a/..", "hub://a/.b",
                                 "hub://a b/c", "hub://a/b@", "hub://a/b@../x", "hub://a/b@v1/../c",
                                 "hub://a/b//c", "hub://a/b?x=1", "hub://a/b\\c", "hub://user:x@a/b"})
    CHECK_THROWS_AS(parse_hub_address(text), UsageError);
}

TEST_CASE("Repositories have the names of the hub's pages, its API and the cache") {
  const Repository model = Repository::of(parse_hub_address("hub://a/b"), HubContent::tokenizer);
  const Repository data = Repository::of(parse_hub_address("hub://a/b"), HubContent::data);
  CHECK(std::pair(model.folder(), data.folder()) ==
        std::pair<std::string, std::string>("models--a--b", "datasets--a--b"));
  CHECK(std::pair(model.page(), data.page()) == std::pair<std::string, std::string>("/a/b", "/datasets/a/b"));
  CHECK(std::pair(model.api(), data.api()) ==
        std::pair<std::string, std::string>("/api/models/a/b", "/api/datasets/a/b"));
}

TEST_CASE("The split to train on is told by the word train; else everything is taken") {
  CHECK(chosen({"README.md", "data/test-0.parquet", "data/train-0.parquet", "data/train-1.parquet"},
               "hub://a/b") == Names{"data/train-0.parquet", "data/train-1.parquet"});
  CHECK(chosen({"Train.csv", "test.csv"}, "hub://a/b") == Names{"Train.csv"});
  CHECK(chosen({"test/0.jsonl", "train/0.jsonl.gz"}, "hub://a/b") == Names{"train/0.jsonl.gz"});
  CHECK(chosen({"my_train_v2.json", "x.json"}, "hub://a/b") == Names{"my_train_v2.json"});
  CHECK(chosen({"a.csv", "constraints.csv", "strained.csv"}, "hub://a/b") ==
        Names{"a.csv", "constraints.csv", "strained.csv"});
  CHECK(chosen({".hidden.csv", "dataset_infos.json", "prompts.csv", "requirements.txt"}, "hub://a/b") ==
        Names{"prompts.csv"});
  CHECK_THROWS_WITH(chosen({"1.0/train.csv", "2.0/train.csv"}, "hub://a/b@v1"),
                    Contains("several folders") && Contains("hub://a/b@v1/1.0/*.csv"));
  CHECK_THROWS_WITH(chosen({"train.csv", "train.jsonl"}, "hub://a/b"), Contains("several kinds"));
  CHECK(chosen({"1.0/test.csv", "1.0/train.csv", "2.0/train.csv"}, "hub://a/b/1.0") ==
        Names{"1.0/train.csv"});
  CHECK(chosen({"1.0/test.csv", "1.0/train.csv", "2.0/train.csv"}, "hub://a/b/**/t*n.csv") ==
        Names{"1.0/train.csv", "2.0/train.csv"});
  CHECK(chosen({"x/a.csv", "x/b.csv"}, "hub://a/b/x/b.csv") == Names{"x/b.csv"});
}

TEST_CASE("Of a model, what is read is fetched: safetensors, not its other forms") {
  const Names files = {
      "README.md",         "config.json",       "flax_model.msgpack", "generation_config.json",
      "merges.txt",        "model.safetensors", "onnx/model.onnx",    "onnx/config.json",
      "pytorch_model.bin", "tokenizer.json",    "vocab.json"};
  CHECK(chosen(files, "hub://a/b", HubContent::model) == Names{"config.json", "generation_config.json",
                                                               "merges.txt", "model.safetensors",
                                                               "tokenizer.json", "vocab.json"});
  CHECK(chosen(files, "hub://a/b", HubContent::tokenizer) ==
        Names{"merges.txt", "tokenizer.json", "vocab.json"});
  const Names shards = {"config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
                        "model.safetensors.index.json", "x.safetensors"};
  CHECK(chosen(shards, "hub://a/b", HubContent::model) == Names(shards.begin(), shards.end() - 1));
  CHECK_THROWS_WITH(chosen({"config.json", "pytorch_model.bin"}, "hub://a/b", HubContent::model),
                    Contains("found no model.safetensors") && Contains("pytorch_model.bin"));
  CHECK_THROWS_WITH(
      chosen({"vocab.json"}, "hub://a/b", HubContent::tokenizer),
      Contains("found no tokeniser, expected tokenizer.json, or vocab.json and merges.txt, or"));
}

TEST_CASE("Of a model, what any kind of tokenizer is made of is fetched") {
  for (const Names& kind :
       {Names{"vocab.txt"}, {"spiece.model"}, {"tokenizer.model", "tokenizer_config.json"}}) {
    Names files = {"config.json", "model.safetensors"};
    files.insert(files.end(), kind.begin(), kind.end());
    CHECK(chosen(files, "hub://a/b", HubContent::model) == files);
    CHECK(chosen(files, "hub://a/b", HubContent::tokenizer) == kind);
  }
}

TEST_CASE("Shards that are not all in a cache are told by their names") {
  CHECK_NOTHROW(check_shards(files_named({"a-00000-of-00002.parquet", "a-00001-of-00002.parquet", "b.csv"})));
  CHECK_THROWS_WITH(check_shards(files_named({"a-00000-of-00002.parquet"})),
                    Contains("found 1 of the 2 files a-*-of-00002.parquet"));
}

TEST_CASE("A listing is kept in the form that huggingface_hub reads") {
  const std::string sha1(40, '1');
  const std::string sha256(64, '2');
  const std::string page =
      R"([{"type": "directory", "path": "data", "size": 0, "oid": ")" + sha1 +
      R"("}, {"type": "file", "path": "data/x.parquet", "size": 7, "oid": ")" + sha1 +
      R"(", "xetHash": "f0", "lfs": {"oid": ")" + sha256 +
      R"(", "size": 7, "pointerSize": 134}}, {"type": "file", "path": "a", "size": 1, "oid": ")" + sha1 +
      R"("}])";
  const Listing listing = read_listing_page(parse_json(page));
  REQUIRE(listing.size() == 2);
  CHECK(listing[0].file().etag == sha1);
  CHECK(listing[1].file().etag == sha256);
  const std::string kept = kept_listing(listing);
  CHECK_THAT(kept, Contains("\"format_version\": 1") && Contains("\"lfs_size\": 7") &&
                       Contains("\"xet_hash\": \"f0\""));
  const std::optional<Listing> again = read_kept_listing(kept);
  REQUIRE(again);
  CHECK(kept_listing(*again) == kept);
  for (const std::string damaged :
       {"", "{", R"({"format_version": 2, "files": {}})", R"({"format_version": 1})",
        R"({"format_version": 1, "files": {"../x": {"size": 1, "blob_id": "1"}}})"})
    CHECK(!read_kept_listing(damaged));
}

TEST_CASE("A blob is named by SHA-256, or as Git names it") {
  // `printf hello | git hash-object --stdin`, `printf hello | sha256sum`.
  const std::string git = "b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0";
  const std::string sha256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
  for (const std::string& etag : {git, sha256}) {
    BlobHash hash(etag, 5);
    hash.update("hel");
    hash.update("lo");
    CHECK(hash.finish() == etag);
  }
}

TEST_CASE("Where a token may go is told by scheme, host and port") {
  CHECK(origin_of("https://huggingface.co/a") == origin_of("https://HuggingFace.co:443"));
  CHECK(origin_of("https://huggingface.co/a") != origin_of("http://huggingface.co/a"));
  CHECK(origin_of("http://localhost:1/") != origin_of("http://localhost:2/"));
  CHECK(origin_of("https://huggingface.co@example.org/") == "https://example.org:443");
  CHECK(url_path("data/a b?#%ü.csv") == "data/a%20b%3F%23%25%C3%BC.csv");
}

TEST_CASE("The environment means what it means to Hugging Face's own programs") {
  const peft::test::TemporaryFolder folder;
  const Variable home("HF_HOME", folder.path().c_str());
  const Variable cache("HF_HUB_CACHE", nullptr);
  const Variable old_cache("HUGGINGFACE_HUB_CACHE", nullptr);
  const Variable token("HF_TOKEN", nullptr);
  const Variable endpoint("HF_ENDPOINT", "http://mirror.example/");
  const Variable offline("HF_HUB_OFFLINE", "yes");
  folder.write("token", "hf_file\n");
  const HubSettings settings = hub_settings();
  CHECK(settings.cache == folder.path() / "hub");
  CHECK(settings.endpoint == "http://mirror.example");
  CHECK(settings.token == "hf_file");
  CHECK(settings.token_origin == (folder.path() / "token").string());
  CHECK(settings.offline);
  const Variable given("HF_TOKEN", " hf_given ");
  CHECK(hub_settings().token == "hf_given");
  const Variable elsewhere("HF_HUB_CACHE", "/elsewhere");
  CHECK(hub_settings().cache == "/elsewhere");
  const Variable bad("HF_TOKEN", "hf_x\r\nHost: y");
  CHECK_THROWS_AS(hub_settings(), UsageError);
}
