// What a Forward knows.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "packed_rows.h"
#include "peft/forward.h"

namespace peft {

struct Forward::State {
  Model& model;
  Batch batch;
  ForwardOptions options;
  PackedSequences own;  // of the batch, what this forward computes
  int64_t prefix_length = 0;
  int64_t prompt_length = 0;
  int64_t longest = 0;    // of the sequences, virtual tokens and those in the cache counted
  bool decoding = false;  // the sequences are in the cache already; the batch goes on with them
  PackedRows packed;
  at::Tensor positions;  // [N']
  at::Tensor labels;     // [N']
  at::Tensor source;     // [N'] as PackedRows::source
  at::Tensor real_rows;  // [N]
  std::map<const void*, std::vector<at::Tensor>> shared;
  std::shared_ptr<Forward> encoder;  // of a decoder's forward
  // Of a block that runs cut off from the graph: the state of the forward it is part of.
  std::shared_ptr<State> outside;

  // Fills what follows from `own`, the cache and the numbers of virtual tokens. Throws `peft::Error` where a
  // sequence has more positions than the model.
  void lay_out();
};

}  // namespace peft
