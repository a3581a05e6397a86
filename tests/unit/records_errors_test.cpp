// Damaged files: each refused with the file, the line, and what is wrong.
#include <catch2/catch.hpp>
#include <random>

#include "peft/error.h"
#include "records_fixture.h"

using namespace peft::host;

namespace {

std::string without_folder(std::string message, const TemporaryFolder& folder) {
  const std::string prefix = folder.path.string() + "/";
  for (size_t at; (at = message.find(prefix)) != std::string::npos;) message.erase(at, prefix.size());
  return message;
}

// The message without the folder, or the rows where there is no error.
std::string outcome(const std::string& name, const std::string& content, const ReadOptions& options = {}) {
  TemporaryFolder folder;
  const auto file = folder.write(name, content);
  try {
    return TemporaryFolder::rows(file, options);
  } catch (const peft::Error& error) {
    return without_folder(error.what(), folder);
  }
}

// What can be read, and how many rows were passed over: "[{…}, {…}] -2"; or the error that ended it.
std::string readable(const std::string& name, const std::string& content, const ReadOptions& options = {}) {
  TemporaryFolder folder;
  try {
    const auto reader = open_records(folder.write(name, content), options);
    peft::Value::List rows;
    int bad = 0;
    for (bool more = true; more;) {
      try {
        peft::Value row;
        more = reader->next(row);
        if (more) rows.push_back(std::move(row));
      } catch (const BadRow&) {
        ++bad;
      }
    }
    return dump_json(peft::Value(rows)) + " -" + std::to_string(bad);
  } catch (const peft::Error& error) {
    return without_folder(error.what(), folder);
  }
}

}  // namespace

TEST_CASE("Ragged rows and doubled columns of a CSV are refused with their place") {
  CHECK(
      outcome("a.csv", "a,b\n1,2\n\"x\n\ny\",2\n1\n") ==
      "a.csv:6: error: row 3 has 1 field(s); the header has 2: a, b; quote a field that holds a separator or "
      "a line's end");
  CHECK_THAT(outcome("a.csv", "a,b\n1,2,\n"),
             Catch::StartsWith("a.csv:2: error: row 1 has 3 field(s); the header has 2: a, b;"));
  CHECK(outcome("a.csv", "a,b,a\n") ==
        "a.csv:1: error: the header names the column 'a' twice; rename one of them");
  CHECK(outcome("a.csv", "") ==
        "a.csv:1: error: the file is empty; a header row with the columns' names is expected");
}

TEST_CASE("A quote that never closes is told where it opened") {
  CHECK(outcome("a.csv", "a,b\n1,2\n3,\"open\n5,6\n7,8\n") ==
        "a.csv:3: error: the quote that opens here, in row 2, is never closed; close it, or double it within "
        "quotes where it is a character");
  CHECK_THAT(outcome("a.csv", "a,\"b\n1,2\n"),
             Catch::StartsWith("a.csv:1: error: the quote that opens here, in the header, is never closed"));
  CHECK(outcome("a.csv", "a,b\n1,\"x\"y\n") ==
        "a.csv:2: error: 'y' after a closing quote, in row 1; a separator or the line's end is expected (a "
        "quote "
        "within a field is doubled)");
}

TEST_CASE("A record longer than the limit is refused where it starts, in every format") {
  const ReadOptions options{.max_record_bytes = 1000};
  const std::string text(1200, 'x');
  const std::string message = "the record that starts here is longer than 1000 bytes";
  CHECK(outcome("a.csv", "a\n1\n\"" + text, options).find("a.csv:3: error: " + message) == 0);
  CHECK(outcome("a.jsonl", "{}\n{\"a\": \"" + text + "\"}", options).find("a.jsonl:2: error: " + message) ==
        0);
  CHECK(outcome("a.json", "[{},\n{\"a\": \"" + text + "\"}]", options).find("a.json:2: error: " + message) ==
        0);
  CHECK(outcome("a.txt", "b\n" + text, options).find("a.txt:2: error: " + message) == 0);
  const std::string many_rows = "a\n" + std::string(300'000, '\n') + "b\n" + text.substr(0, 900) + "\n";
  CHECK(outcome("a.csv", many_rows, options).starts_with("[{\"a\": \"b\"}"));
}

TEST_CASE("Behind a row that is damaged alone reading goes on") {
  CHECK(readable("a.jsonl", "{\"a\": 1}\n{\"a\": \n[2]\n{\"a\": 3}\n") == "[{\"a\": 1}, {\"a\": 3}] -2");
  CHECK(readable("a.csv", "a,b\n1,2\n3\n4,5,6\n7,8\n") ==
        "[{\"a\": \"1\", \"b\": \"2\"}, {\"a\": \"7\", \"b\": \"8\"}] -2");
  CHECK(readable("a.json", "[{\"a\": 1}, 5, [6], {\"a\": 2}]") == "[{\"a\": 1}, {\"a\": 2}] -2");
  // Where the next row begins is not known.
  CHECK_THAT(readable("a.csv", "a\n\"1\n2\n"),
             Catch::StartsWith("a.csv:2: error: the quote that opens here, in row 1, is never closed"));
  CHECK(readable("a.csv", "a\n\"1\"2\n3\n").starts_with("a.csv:2: error: '2' after a closing quote"));
  CHECK(readable("a.json", "[{\"a\" 1}, {}]").starts_with("a.json:1:7: error: not valid JSON"));
}

TEST_CASE("Behind a record over the limit reading goes on where its end is known") {
  const ReadOptions options{.max_record_bytes = 100};
  const std::string text(1'000'000, 'x');  // several buffers
  CHECK(readable("a.jsonl", "{}\n{\"a\": \"" + text + "\"}\n{\"b\": 1}", options) == "[{}, {\"b\": 1}] -1");
  CHECK(readable("a.jsonl", "{}\n{\"a\": \"" + text + "\"}", options) == "[{}] -1");
  CHECK(readable("a.txt", "b\n" + text + "\nc\n", options) == R"([{"text": "b"}, {"text": "c"}] -1)");
  CHECK(readable("a.csv", "a,b\n" + text + ",1\n2,3\n", options) == R"([{"a": "2", "b": "3"}] -1)");
  CHECK(readable("a.csv", "a,b\n\"\"\"" + text + "\n,\"\",\"\"\n\",\"x\ny\"\n2,3\n", options) ==
        R"([{"a": "2", "b": "3"}] -1)");
  CHECK_THAT(readable("a.csv", "a\n\"" + text, options),
             Catch::StartsWith("a.csv:2: error: the quote that opens here, in row 1, is never closed"));
  CHECK(readable("a.json", "[{\"a\": \"" + text + "\"}, {}]", options)
            .starts_with("a.json:1: error: the record"));
  CHECK(readable("a.csv", text + "\n1\n", options).starts_with("a.csv:1: error: the record"));  // the header
}

TEST_CASE("Whatever the limit, the rows below it come out of a file as from one without the others") {
  std::mt19937 random(3);
  TemporaryFolder folder;
  for (int trial = 0; trial < 300; ++trial) {
    const size_t limit = 12 + random() % 20;
    std::string all = "a,b\n";
    std::string below = all;
    for (unsigned rows = random() % 8; rows > 0; --rows) {
      const auto field = [&] {
        std::string plain;
        for (unsigned n = random() % 15; n > 0; --n) plain += "x\"\n,y"[random() % 5];
        std::string quoted = "\"";
        for (const char byte : plain) quoted += byte == '"' ? std::string("\"\"") : std::string(1, byte);
        return quoted + "\"";
      };
      const std::string row = field() + "," + field();
      all += row + "\n";
      if (row.size() <= limit + 1) below += row + "\n";  // a quote that closes at the limit is read, too
    }
    const std::string rows = readable("a.csv", all, {.max_record_bytes = limit});
    CHECK(rows.substr(0, rows.rfind(" -")) == outcome("a.csv", below));
  }
}

TEST_CASE("A line of 100 MB is passed over") {
  const TemporaryFolder folder;
  std::string text = "{\"a\": 1}\n{\"a\": \"";
  text.append(size_t{100} << 20, 'x');
  const auto file = folder.write("a.jsonl.gz", gzip(text + "\"}\n{\"a\": 2}\n"));
  const auto reader = open_records(file, {.max_record_bytes = 1'000'000});
  peft::Value row;
  CHECK(reader->next(row));
  CHECK_THROWS_AS(reader->next(row), BadRow);
  CHECK(reader->next(row));
  CHECK(row.at("a").as_integer() == 2);
  CHECK_FALSE(reader->next(row));
}

TEST_CASE("A broken line of JSON is told with line and column") {
  CHECK(outcome("a.jsonl", "{\"a\": 1}\n\n{\"a\": 1\n{\"a\": 2}\n")
            .find("a.jsonl:3:7: error: not valid JSON") == 0);
  CHECK(outcome("a.jsonl", "{\"a\": NaN}\n").find("a.jsonl:1:7: error: not valid JSON") == 0);
  CHECK(
      outcome("a.jsonl", "[1, 2]\n").find("a.jsonl:1: error: row 1: found list, expected an object a line") ==
      0);
  CHECK(outcome("a.jsonl", "{\"a\": 1, \"a\": 2}\n").find("a.jsonl:1:12: error: the key 'a' stands twice") ==
        0);
}

TEST_CASE("A broken JSON array is told where it breaks") {
  CHECK(outcome("a.json", "[{\"a\": 1},\n  {\"a\" 2}]").find("a.json:2:8: error: not valid JSON") == 0);
  CHECK(outcome("a.json", "[{\"a\": 1}\n{\"a\": 2}]") == "a.json:2: error: expected ',' or ']' after row 1");
  CHECK(outcome("a.json", "[{},\n]") == "a.json:2: error: a comma before the array's end; remove it");
  CHECK(outcome("a.json", "[{},,{}]").find("a.json:1:5: error: not valid JSON") == 0);
  CHECK(outcome("a.json", "[,{}]").find("a.json:1:2: error: not valid JSON") == 0);
  CHECK(outcome("a.json", "[{}] {}").find("a.json:1: error: text after the array's end") == 0);
  CHECK(outcome("a.json", "[{}, 5]") == "a.json:1: error: row 2: found integer, expected an object");
  CHECK(outcome("a.json", "}").find("a.json:1:1: error: not valid JSON") == 0);
}

TEST_CASE("A JSON array that is cut off anywhere is an error") {
  const std::string whole = R"([{"a": "b\"c"}, {"d": [1, {"e": null}]}])";
  for (size_t size = 1; size < whole.size(); ++size) {
    CHECK(outcome("a.json", whole.substr(0, size)).find("error: ") != std::string::npos);
  }
}

TEST_CASE("Text that is not UTF-8's kind is refused by name") {
  using namespace std::string_literals;
  CHECK(outcome("a.csv",
                "\xff\xfe"
                "a\0b\0"s)
            .find("a.csv:1: error: the text is in UTF-16") == 0);
  CHECK(outcome("a.jsonl", "\xfe\xff\0{"s).find("a.jsonl:1: error: the text is in UTF-16") == 0);
  CHECK(outcome("a.txt", "\xff\xfe\0\0a\0\0\0"s).find("a.txt:1: error: the text is in UTF-32") == 0);
  CHECK(outcome("a.txt", "one\ntwo\0\n"s).find("a.txt:2: error: a NUL byte") == 0);
  CHECK(outcome("a.txt", std::string(400'000, '\n') + "x\0"s).find("a.txt:400001: error: a NUL byte") == 0);
}

TEST_CASE("Gzip data that is truncated, damaged or no gzip at all is an error") {
  std::mt19937 random(1);
  std::string text = "a\n";
  for (int i = 0; i < 3000; ++i) text += std::to_string(random()) + "\n";
  const std::string packed = gzip(text);
  for (size_t size : {size_t{10}, packed.size() / 2, packed.size() - 8, packed.size() - 1}) {
    CHECK(outcome("a.csv.gz", packed.substr(0, size)) ==
          "a.csv.gz: error: the gzip data is truncated; fetch the file again");
  }
  for (size_t at : {packed.size() / 2, packed.size() - 6}) {  // the data, its checksum
    std::string damaged = packed;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    CHECK(outcome("a.csv.gz", damaged).find("a.csv.gz: error: the gzip data is damaged: ") == 0);
  }
  CHECK(outcome("a.csv.gz", text).find("a.csv.gz: error: not gzip data") == 0);
  CHECK(outcome("a.csv.gz", "").find("a.csv.gz: error: found an empty file, expected gzip data") == 0);
}

TEST_CASE("Gzip data in several members is read to its end, and nothing behind it is passed over") {
  const std::string first = gzip("a\n1\n");
  CHECK(outcome("a.csv.gz", first + gzip("2\n") + gzip("") + gzip("3\n")) ==
        R"([{"a": "1"}, {"a": "2"}, {"a": "3"}])");
  CHECK(outcome("a.csv.gz", first + std::string(5000, '\0')) == R"([{"a": "1"}])");  // as a tape pads it
  const std::string something_else = "a.csv.gz: error: found something else behind the gzip data's end";
  CHECK(outcome("a.csv.gz", first + "2\n").find(something_else) == 0);
  CHECK(outcome("a.csv.gz", first + std::string(3, '\0') + "x\n").find(something_else) == 0);
  std::string damaged = gzip("2\n");
  damaged[0] = 'x';
  CHECK(outcome("a.csv.gz", first + damaged).find(something_else) == 0);
  CHECK(outcome("a.csv.gz", first + gzip("2\n").substr(0, 12)) ==
        "a.csv.gz: error: the gzip data is truncated; fetch the file again");
}

TEST_CASE("Random bytes end in rows or in an error, whatever the format") {
  TemporaryFolder folder;
  std::mt19937 random(11);
  static const char alphabet[] = "{}[]\",:\\\n\r\t a1\xff\xc3";
  for (int i = 0; i < 200; ++i) {
    std::string bytes;
    for (unsigned n = random() % 40; n > 0; --n) bytes += alphabet[random() % (sizeof alphabet - 1)];
    for (const char* name : {"a.csv", "a.jsonl", "a.json", "a.txt"}) {
      try {
        read_rows({folder.write(name, bytes)});
      } catch (const peft::Error& error) {
        REQUIRE(std::string(error.what()).find(std::string(name) + ":") != std::string::npos);
      }
    }
  }
}
