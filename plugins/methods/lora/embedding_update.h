// What acts at token embeddings: LoRA of the table, W' = W + s · (B A)ᵀ, of which only the rows of the tokens
// that occur are computed. DoRA's magnitudes are those of the table's columns, as in HF PEFT.
#pragma once

#include <memory>

#include "low_rank.h"
#include "peft/attachments.h"

namespace peft::lora {

// In terms of Wᵀ [d, vocabulary]: A [rank, vocabulary], B [d, rank].
std::unique_ptr<EmbeddingAttachment> embedding_update(EmbeddingSite& site, LowRank low_rank);

}  // namespace peft::lora
