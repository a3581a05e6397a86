// The token cache: what is kept is found again, and nothing that happens to its files fails a run.
#include "data/token_cache.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "base/files.h"
#include "support/temporary_folder.h"

using namespace peft::host;
using peft::test::TemporaryFolder;
namespace fs = std::filesystem;
using Catch::Contains;

namespace {

// Keeps a store of one text; the note.
std::string keep(const TokenCache& cache, const std::string& key, const std::string& text) {
  TokenColumns columns;
  peft::EncodedExample encoded;
  encoded.inputs.push_back({.ids = {1, 2}, .labels = {1, peft::no_target}});
  columns.add({.content = peft::Text{text}, .group = ""}, encoded, {});
  const TokenCache::Begun begun = cache.begin(key);
  begun.file->add(columns);
  begun.file->finish({.rows = 1, .examples = 1, .counts = {}});
  return begun.note + cache.keep(key, *begun.file);
}

std::string text_in(const std::shared_ptr<const TokenStore>& store) {
  return store ? std::get<peft::Text>(store->example(0).content).text : "nothing";
}

std::vector<fs::path> files_of(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& file : fs::directory_iterator(folder)) files.push_back(file.path());
  return files;
}

void make_older(const fs::path& file, int minutes) {
  fs::last_write_time(file, fs::last_write_time(file) - std::chrono::minutes(minutes));
}

}  // namespace

TEST_CASE("What was kept is found by its key and by no other") {
  const TemporaryFolder folder;
  const TokenCache cache(folder.path() / "deep" / "tokens");
  CHECK_FALSE(cache.find("a").store);
  CHECK(cache.find("a").note.empty());
  CHECK(keep(cache, "a", "first").empty());
  CHECK(keep(cache, "b", "second").empty());
  CHECK(text_in(cache.find("a").store) == "first");
  CHECK(text_in(cache.find("b").store) == "second");
  CHECK_FALSE(cache.find("c").store);
  CHECK(keep(cache, "a", "third").empty());
  CHECK(text_in(cache.find("a").store) == "third");
  CHECK(files_of(folder.path() / "deep" / "tokens").size() == 2);
}

TEST_CASE("A damaged or foreign file is ignored with a note, whichever byte is wrong, and then replaced") {
  const TemporaryFolder folder;
  const TokenCache cache(folder.path());
  keep(cache, "key", "text");
  const fs::path file = files_of(folder.path()).front();
  const std::string whole = read_file(file);
  std::vector<std::string> damaged = {"", "x", std::string(whole.size(), '\0'), whole + "x"};
  for (size_t size = 1; size < whole.size(); size += 7) damaged.push_back(whole.substr(0, size));
  for (size_t at = 0; at < whole.size(); ++at) {
    damaged.push_back(whole);
    damaged.back()[at] ^= 1;
  }
  for (const std::string& content : damaged) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << content;
    const TokenCache::Found found = cache.find("key");
    CHECK_FALSE(found.store);
    CHECK_THAT(found.note, Contains(file.string()) && Contains("made again"));
  }
  fs::remove(file);
  fs::create_directory(file);
  CHECK_FALSE(cache.find("key").store);
  fs::remove(file);
  CHECK(keep(cache, "key", "text").empty());
  CHECK(cache.find("key").store);

  // Another key's entry under this one's name: two keys whose names collide.
  keep(cache, "other", "other text");
  for (const fs::path& each : files_of(folder.path())) {
    if (each != file) fs::rename(each, file);
  }
  CHECK_THAT(cache.find("key").note, Contains("it is of other data"));
}

TEST_CASE("An entry that is in use outlives its file") {
  const TemporaryFolder folder;
  const TokenCache cache(folder.path());
  keep(cache, "key", "text");
  const auto store = cache.find("key").store;
  fs::remove(files_of(folder.path()).front());
  CHECK(text_in(store) == "text");
}

TEST_CASE("Where nothing can be kept a note says why and how to do without") {
  const TemporaryFolder folder;
  const TokenCache cache(folder.write("file", "") / "tokens");
  CHECK_FALSE(cache.find("key").store);
  CHECK_THAT(keep(cache, "key", "text"), Contains("not kept") && Contains("PEFT_CACHE"));
  CHECK_THAT(keep(TokenCache(folder.path(), 10), "key", "text"), Contains("larger than"));
}

TEST_CASE("The entries used longest ago go first when they grow beyond the limit, the newest never") {
  const TemporaryFolder folder;
  const std::string text(10'000, 'x');
  const TokenCache cache(folder.path(), 35'000);
  int minutes = 100;
  for (const char* key : {"a", "b", "c"}) {
    const auto before = files_of(folder.path());
    keep(cache, key, text);
    for (const fs::path& file : files_of(folder.path())) {
      if (std::find(before.begin(), before.end(), file) == before.end()) make_older(file, minutes--);
    }
  }
  CHECK(cache.find("a").store);  // used now: the oldest is b
  keep(cache, "d", text);
  CHECK(cache.find("a").store);
  CHECK_FALSE(cache.find("b").store);
  CHECK(cache.find("c").store);
  CHECK(cache.find("d").store);
}

TEST_CASE("What a killed process left behind is removed, what is being written is not") {
  const TemporaryFolder folder;
  const TokenCache cache(folder.path());
  const fs::path left = folder.write("0123.tokens.tmp.77.0", "half");
  const fs::path being_written = folder.write("0123.tokens.tmp.78.0", "half");
  const fs::path foreign = folder.write("notes.txt", "mine");
  make_older(left, 120);
  make_older(foreign, 120);
  keep(cache, "key", "text");
  CHECK_FALSE(fs::exists(left));
  CHECK(fs::exists(being_written));
  CHECK(fs::exists(foreign));
}

TEST_CASE("Readers and writers of one entry at once see it whole or not at all") {
  const TemporaryFolder folder;
  const TokenCache cache(folder.path(), 150'000);
  const std::string text(50'000, 'x');
  std::vector<std::jthread> threads;
  threads.reserve(4);
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        const std::string key = std::to_string((i + t) % 4);  // three fit
        if (!keep(cache, key, text).empty()) ++wrong;
        const TokenCache::Found found = cache.find(key);
        if (!found.note.empty() || (found.store && text_in(found.store) != text)) ++wrong;
      }
    });
  }
  threads.clear();
  CHECK(wrong == 0);
}

TEST_CASE("The environment says where the cache is, or that there is none") {
  const auto folder_with = [](const char* cache, const char* xdg, const char* home) {
    for (const auto& [name, value] :
         {std::pair{"PEFT_CACHE", cache}, {"XDG_CACHE_HOME", xdg}, {"HOME", home}}) {
      value == nullptr ? ::unsetenv(name) : ::setenv(name, value, 1);
    }
    return token_cache_folder();
  };
  CHECK(folder_with(nullptr, nullptr, "/home/a") == "/home/a/.cache/peft-host/tokens");
  CHECK(folder_with(nullptr, "/var/cache", "/home/a") == "/var/cache/peft-host/tokens");
  CHECK(folder_with(nullptr, "relative", "/home/a") == "/home/a/.cache/peft-host/tokens");
  CHECK(folder_with("/fast", "/var/cache", "/home/a") == "/fast/tokens");
  CHECK_FALSE(folder_with("off", "/var/cache", "/home/a"));
  CHECK_FALSE(folder_with(nullptr, nullptr, nullptr));
}
