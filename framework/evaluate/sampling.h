// The next token from the scores (logits) of the vocabulary, with the meaning and in the order of Hugging
// Face's generate: repetition penalty, temperature, top-k, top-p, draw.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "evaluate/generation_options.h"
#include "peft/random.h"

namespace peft::host {

// One a token of the vocabulary; minus infinity: never chosen. Somebody else's memory, which is written to: a
// vocabulary is not copied to choose one token of it.
using Scores = std::span<float>;

// The score of each token in `seen`, once however often it was seen, is divided by the penalty where it is
// positive and multiplied where it is negative (Keskar et al. 2019).
void penalize_repetition(Scores scores, const std::vector<int64_t>& seen, double penalty);

// Removes every token below the k-th best score: more than k stay where there are ties.
void keep_top_k(Scores scores, int64_t k);

// Keeps the smallest set of likeliest tokens whose probabilities sum to at least p (Holtzman et al. 2019),
// never fewer than one; of equal scores, lower ids first.
void keep_top_p(Scores scores, double p);

// The lowest id among those with the best score.
int64_t best_token(Scores scores);

// The token at `place`, in [0, 1), of the distribution softmax(scores).
int64_t token_at(Scores scores, double place);

// `seen`: prompt and answer so far. `sample` is the sample's own stream and `step` the number of the token
// in the answer: a draw depends on nothing else. Throws `peft::Error` where a score is not a number.
int64_t next_token(Scores scores, const std::vector<int64_t>& seen, const GenerationOptions& options,
                   const RandomStream& sample, int64_t step);

// The stream of draws of one sample.
RandomStream sample_stream(uint64_t seed, uint64_t sample);

}  // namespace peft::host
