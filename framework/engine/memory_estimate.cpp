#include "engine/memory_estimate.h"

#include <algorithm>
#include <vector>

namespace peft::host {
namespace {

constexpr int64_t process_bytes = int64_t{300} << 20;  // LibTorch and its threads
constexpr int64_t bytes_of_float = 4;
// Kept for the backward pass, in widths of the residual stream a token and block: the two norms' inputs and
// outputs (4), queries, keys and values (3), the attention's output (1), and the feed-forward before and
// after its activation (2 · 4).
constexpr int64_t widths_a_block = 16;
constexpr int64_t logits_rows = 256;

// Tokens of the fullest batch there can be.
int64_t fullest_batch(const Recipe& recipe, const RunData& data) {
  std::vector<int64_t> lengths;
  for (const EncodedExample& example : data.training.examples) {
    int64_t length = 0;
    for (const EncodedSequence& sequence : example.inputs)
      length += static_cast<int64_t>(sequence.ids.size());
    lengths.push_back(length);
  }
  std::sort(lengths.rbegin(), lengths.rend());
  lengths.resize(std::min(lengths.size(), static_cast<size_t>(recipe.train.batch_size)));
  int64_t tokens = 0;
  for (const int64_t length : lengths) tokens += length;
  return tokens;
}

}  // namespace

int64_t estimate_memory(const Recipe& recipe, const Session& session, const RunData& data) {
  const ModelInfo& info = session.base.model->info();
  int64_t base = 0;
  for (const ParameterSite& site : session.base.model->sites().parameters)
    base += static_cast<int64_t>(site.tensor.nbytes());
  const int64_t trained = 4 * bytes_of_float * session.set->trained_elements();
  const int64_t rows = fullest_batch(recipe, data) + recipe.train.batch_size * session.set->prompt_length();
  const int64_t activations = rows * info.hidden_size * info.layers * widths_a_block * bytes_of_float;
  const int64_t logits = 2 * logits_rows * info.vocabulary * bytes_of_float;
  return process_bytes + base + trained + activations + logits;
}

}  // namespace peft::host
