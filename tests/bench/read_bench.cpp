// read_bench FILE COLUMN TOKENIZER THREADS CACHE: reads the texts in a column of a data file and encodes them
// all, or finds them in the token cache's folder, as `peft-host run` does. Prints one JSON line: {"seconds",
// "rows", "tokens" (without each text's end-of-text), "cached"}.
#include <chrono>
#include <iostream>
#include <limits>
#include <numeric>
#include <string>

#include "base/json.h"
#include "base/xxh3.h"
#include "data/codec.h"
#include "data/conversation_template.h"
#include "data/encode_source.h"
#include "data/encoded_data.h"
#include "data/token_cache.h"
#include "datasets/text/text_dataset.h"
#include "tasks/causal_lm/causal_lm.h"
#include "templates/named_templates.h"
#include "tokenizer/tokenizer.h"

namespace {

using namespace peft;
using namespace peft::host;

constexpr int64_t no_limit = std::numeric_limits<int64_t>::max();

std::shared_ptr<const TokenStore> encode(const std::string& file, const std::string& column,
                                         const Encoding& encoding, size_t threads, TokenFile& into) {
  text::TextDataset dataset;
  const DatasetDescriptor descriptor = text::descriptor();
  return encode_source(
      encoding,
      {.dataset = dataset, .descriptor = descriptor, .files = {file}, .columns = {{"text", column}}},
      std::numeric_limits<size_t>::max(), threads, into);
}

void measure(const std::string& file, const std::string& column, const std::string& folder, size_t threads,
             const std::string& cache_folder) {
  const auto started = std::chrono::steady_clock::now();
  const std::unique_ptr<Tokenizer> tokenizer = load_tokenizer(folder);
  const TokenizerCodec codec(*tokenizer);
  const ConversationTemplate form(named_template("human_assistant"), {});
  const causal_lm::CausalLm task;
  const Encoding encoding{.task = task, .codec = codec, .form = form, .settings = {.max_length = no_limit}};

  const TokenCache cache(cache_folder, std::numeric_limits<uint64_t>::max());
  const std::string key = xxh3_of_file(file);
  std::shared_ptr<const TokenStore> store = cache.find(key).store;
  const bool cached = store != nullptr;
  if (!cached) {
    const TokenCache::Begun begun = cache.begin(key);
    store = encode(file, column, encoding, threads, *begun.file);
    cache.keep(key, *begun.file);
  }
  std::vector<size_t> all(store->size());
  std::iota(all.begin(), all.end(), size_t{0});
  const EncodedData data = select_examples(store, all, no_limit);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;

  Value found;
  found.set("seconds", took.count());
  found.set("rows", store->summary().rows);
  found.set("tokens", data.summary.tokens - data.summary.examples);
  found.set("cached", cached);
  std::cout << dump_json(found) << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::cerr << "usage: read_bench FILE COLUMN TOKENIZER THREADS CACHE\n";
    return 2;
  }
  try {
    measure(argv[1], argv[2], argv[3], std::stoul(argv[4]), argv[5]);
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << '\n';
    return 1;
  }
  return 0;
}
