// bleu_corpora: reads a corpus a line, a JSON list of [hypothesis, reference], and writes its BLEU a line.
// bleu_corpora --words: reads a JSON string a line and writes its words as a JSON list. For parity with
// Python.
#include <cstdio>
#include <iostream>
#include <string>
#include <string_view>

#include "base/json.h"
#include "metrics/bleu/corpus_bleu.h"
#include "metrics/bleu/tokenizer_13a.h"

namespace {

void write_score(const peft::Value& pairs) {
  peft::bleu::Statistics statistics;
  for (const peft::Value& pair : pairs.as_list()) {
    statistics.add(pair.as_list().at(0).as_text(), pair.as_list().at(1).as_text());
  }
  std::printf("%.17g\n", peft::bleu::score(statistics));
}

void write_words(const std::string& text) {
  peft::Value::List words;
  for (std::string& word : peft::bleu::tokenize_13a(text)) words.emplace_back(std::move(word));
  std::puts(peft::host::dump_json(words).c_str());
}

}  // namespace

int main(int argc, char** argv) {
  const bool words = argc == 2 && std::string_view(argv[1]) == "--words";
  if (argc > 1 && !words) {
    std::cerr << "usage: bleu_corpora [--words] < LINES\n";
    return 2;
  }
  try {
    for (std::string line; std::getline(std::cin, line);) {
      const peft::Value value = peft::host::parse_json(line);
      words ? write_words(value.as_text()) : write_score(value);
    }
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << '\n';
    return 1;
  }
}
