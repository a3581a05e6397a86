#include "base/globs.h"

#include <catch2/catch.hpp>

#include "support/temporary_folder.h"

namespace fs = std::filesystem;
using peft::host::find_files;
using peft::host::matches_path;
using peft::host::matches_site;

TEST_CASE("In a site's name, one star stops at a dot and two do not") {
  CHECK(matches_site("h.*.attn.qkv", "h.3.attn.qkv"));
  CHECK(matches_site("h.*.attn.*", "h.11.attn.out"));
  CHECK_FALSE(matches_site("h.*", "h.3.attn.qkv"));
  CHECK_FALSE(matches_site("*.qkv", "h.3.attn.qkv"));
  CHECK(matches_site("h.**", "h.3.attn.qkv"));
  CHECK(matches_site("**.qkv", "h.3.attn.qkv"));
  CHECK(matches_site("**", "h.3.attn.qkv"));
  CHECK(matches_site("h.**.out", "h.3.mlp.out"));
  CHECK(matches_site("h.1*.mlp.*", "h.12.mlp.in"));
  CHECK_FALSE(matches_site("h.1*.mlp.*", "h.2.mlp.in"));
}

TEST_CASE("A site pattern without a star is the exact name") {
  CHECK(matches_site("head", "head"));
  CHECK_FALSE(matches_site("head", "heads"));
  CHECK_FALSE(matches_site("head", "a.head"));
  CHECK_FALSE(matches_site("", "head"));
  CHECK(matches_site("", ""));
}

TEST_CASE("A pattern of many stars is answered at once") {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "*a";
  CHECK_FALSE(matches_site(pattern + "b", std::string(2000, 'a')));
}

TEST_CASE("File globs find files, sorted, in one folder or in all below") {
  const peft::test::TemporaryFolder folder;
  const fs::path& root = folder.path();
  for (const char* name : {"b.jsonl", "a.jsonl", "c.csv", ".hidden.jsonl", "x1/a.jsonl", "x1/deep/er/d.jsonl",
                           "x2/a.jsonl", "é.txt", "star*d/a.csv"}) {
    fs::create_directories((root / name).parent_path());
    folder.write(name, "x");
  }
  fs::create_directories(root / "folder.jsonl");
  fs::create_directory_symlink(root, root / "x1" / "loop");
  const auto found = [&](const fs::path& pattern) {
    std::string names;
    for (const fs::path& path : find_files(pattern, root))
      names += path.lexically_relative(root).string() + " ";
    return names;
  };

  CHECK(found("*.jsonl") == "a.jsonl b.jsonl ");
  CHECK(found("./*.jsonl") == "a.jsonl b.jsonl ");
  CHECK(found("x?/a.jsonl") == "x1/a.jsonl x2/a.jsonl ");
  CHECK(found("x*/*.jsonl") == "x1/a.jsonl x2/a.jsonl ");
  CHECK(found("**/*.jsonl") == "a.jsonl b.jsonl x1/a.jsonl x1/deep/er/d.jsonl x2/a.jsonl ");
  CHECK(found("**/a.*") == "a.jsonl star*d/a.csv x1/a.jsonl x2/a.jsonl ");
  CHECK(found("x1/**") == "x1/a.jsonl x1/deep/er/d.jsonl ");
  CHECK(found("**/**/d.jsonl") == "x1/deep/er/d.jsonl ");
  CHECK(found("?.txt") == "é.txt ");
  CHECK(found(".h*") == ".hidden.jsonl ");
  CHECK(found("a.jsonl") == "a.jsonl ");
  CHECK(found("absent/*.jsonl") == "");
  CHECK(found(root / "*.csv") == "c.csv ");
  CHECK(find_files("*.csv", root / "star*d").size() == 1);
}

TEST_CASE("A path matches a glob by the rules of folders, none of them read") {
  CHECK(matches_path("data/*.csv", "data/a.csv"));
  CHECK(!matches_path("data/*.csv", "data/x/a.csv"));
  CHECK(matches_path("**/*.csv", "a.csv"));
  CHECK(matches_path("**/*.csv", "x/y/a.csv"));
  CHECK(matches_path("x/**", "x/y/a.csv"));
  CHECK(matches_path("x/**/a.csv", "x/a.csv"));
  CHECK(!matches_path("x/**", "y/a.csv"));
  CHECK(!matches_path("*", ".hidden"));
  CHECK(!matches_path("**", ".hidden/a.csv"));
  CHECK(matches_path("?.csv", "ü.csv"));
  CHECK(!matches_path("a.csv", "a.csv/b"));
}
