// tokenize_lines FOLDER: reads a JSON string a line, writes its ids as a JSON list a line. For parity with
// Python. tokenize_lines --classes: writes the class of every code point, 'l', 'n', 's' or 'o', in one line.
// Ends with the time that encoding took (reading and writing left out) on stderr, as JSON.
#include <chrono>
#include <iostream>
#include <string>
#include <vector>

#include "base/json.h"
#include "tokenizer/tokenizer.h"
#include "tokenizer/unicode_classes.h"

namespace {

using namespace peft::host;

void write_classes() {
  std::string classes;
  for (char32_t code = 0; code < 0x110000; ++code) {
    classes.push_back("olns"[static_cast<int>(unicode::class_of(code))]);
  }
  std::cout << classes << '\n';
}

void tokenize(const std::string& folder) {
  using Clock = std::chrono::steady_clock;
  const auto before_load = Clock::now();
  const auto tokenizer = load_tokenizer(folder);
  const std::chrono::duration<double> load = Clock::now() - before_load;

  std::vector<std::string> texts;
  for (std::string line; std::getline(std::cin, line);)
    texts.push_back(peft::host::parse_json(line).as_text());

  const auto before_encode = Clock::now();
  std::vector<std::vector<std::int64_t>> encoded;
  encoded.reserve(texts.size());
  for (const std::string& text : texts) encoded.push_back(tokenizer->encode(text));
  const std::chrono::duration<double> encode = Clock::now() - before_encode;

  std::size_t bytes = 0;
  std::size_t round_trips = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    bytes += texts[i].size();
    round_trips += tokenizer->decode(encoded[i]) == texts[i] ? 1 : 0;
    std::string line;
    for (const std::int64_t id : encoded[i]) line.append(line.empty() ? "[" : ",").append(std::to_string(id));
    std::cout << (line.empty() ? "[" : line) << "]\n";
  }
  std::cerr << "{\"load_seconds\": " << load.count() << ", \"encode_seconds\": " << encode.count()
            << ", \"bytes\": " << bytes << ", \"round_trips\": " << round_trips << "}\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: tokenize_lines FOLDER | --classes\n";
    return 2;
  }
  try {
    if (std::string_view(argv[1]) == "--classes") {
      write_classes();
    } else {
      tokenize(argv[1]);
    }
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << '\n';
    return 1;
  }
}
