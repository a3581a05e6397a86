// tokenize_lines FOLDER: reads a JSON string a line, writes its ids as a JSON list a line. For parity with
// Python. tokenize_lines FOLDER --all: writes an object a line, of what the tokenizer makes of the text in
// every way. tokenize_lines --classes: writes the class of every code point, 'l', 'n', 's' or 'o', in one
// line. Ends with the time that encoding took (reading and writing left out) on stderr, as JSON.
#include <ctime>
#include <iostream>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/utf8.h"
#include "tokenizer/stream_decoder.h"
#include "tokenizer/tokenizer.h"
#include "tokenizer/unicode_classes.h"

namespace {

using namespace peft::host;
using Ids = std::vector<std::int64_t>;

// Not the clock's: other programs may be at work.
double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

void write_classes() {
  std::string classes;
  for (char32_t code = 0; code < 0x110000; ++code) {
    classes.push_back("olns"[static_cast<int>(unicode::class_of(code))]);
  }
  std::cout << classes << '\n';
}

void write_ids(const Ids& ids) {
  std::string line;
  for (const std::int64_t id : ids) line.append(line.empty() ? "[" : ",").append(std::to_string(id));
  std::cout << (line.empty() ? "[" : line) << "]\n";
}

peft::Value list_of(const Ids& ids) {
  return peft::Value::List(ids.begin(), ids.end());
}

std::string streamed(const Tokenizer& tokenizer, const Ids& ids) {
  StreamDecoder stream(tokenizer, /*skip_special=*/true);
  std::string text;
  for (const std::int64_t id : ids) text += stream.push(id);
  return text + stream.finish();
}

void write_all(const Tokenizer& tokenizer, const std::string& text, const Ids& ids) {
  const Ids with_special = tokenizer.with_special_tokens(ids);
  std::string decoded = tokenizer.decode(with_special, /*skip_special=*/false);
  std::string decoded_text = tokenizer.decode(with_special, /*skip_special=*/true);
  replace_invalid_utf8(decoded);
  replace_invalid_utf8(decoded_text);
  const peft::Value::Map all = {{"ids", list_of(ids)},
                                {"ordinary", list_of(tokenizer.encode_ordinary(text))},
                                {"special", list_of(with_special)},
                                {"pair", list_of(tokenizer.with_special_tokens(ids, ids))},
                                {"decoded", decoded},
                                {"decoded_text", decoded_text},
                                {"streamed", streamed(tokenizer, with_special)}};
  std::cout << dump_json(all) << '\n';
}

void tokenize(const std::string& folder, bool all) {
  const double before_load = cpu_seconds();
  const auto tokenizer = load_tokenizer(folder);
  const double load = cpu_seconds() - before_load;

  std::vector<std::string> texts;
  for (std::string line; std::getline(std::cin, line);)
    texts.push_back(peft::host::parse_json(line).as_text());

  const double before_encode = cpu_seconds();
  std::vector<Ids> encoded;
  encoded.reserve(texts.size());
  for (const std::string& text : texts) encoded.push_back(tokenizer->encode(text));
  const double encode = cpu_seconds() - before_encode;

  std::size_t bytes = 0;
  std::size_t round_trips = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    bytes += texts[i].size();
    round_trips += tokenizer->decode(encoded[i]) == texts[i] ? 1 : 0;
    all ? write_all(*tokenizer, texts[i], encoded[i]) : write_ids(encoded[i]);
  }
  std::cerr << "{\"load_seconds\": " << load << ", \"encode_seconds\": " << encode << ", \"bytes\": " << bytes
            << ", \"round_trips\": " << round_trips << "}\n";
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const bool all = arguments.size() == 2 && arguments[1] == "--all";
  if (arguments.empty() || (arguments.size() > 1 && !all)) {
    std::cerr << "usage: tokenize_lines FOLDER [--all] | --classes\n";
    return 2;
  }
  try {
    if (arguments[0] == "--classes") {
      write_classes();
    } else {
      tokenize(arguments[0], all);
    }
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << '\n';
    return 1;
  }
}
