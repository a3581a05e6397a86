// dump_logits RECIPE_OR_RUN SEQUENCES.jsonl LOGITS.safetensors [--base]: the logits of token id lists, one a
// dump_logits RECIPE_OR_RUN SEQUENCES.jsonl LOGITS.safetensors [--base]: the logits of token id lists, one a
// line (of an encoder-decoder two a pair: what the encoder reads, what the decoder reads), as one tensor
// `logits` [tokens of all of them, vocabulary], virtual tokens left out; of a task that labels, its scores
// [lists, labels]. Of a run's folder: with its newest checkpoint; of a recipe: with its methods as they start
// (`init_from` included); --base: with none of them but a head. Plugins are those of PEFT_PLUGIN_PATH. For
// parity with Python.
#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>

#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "engine/tensor_bytes.h"
#include "model_io/safetensors_writer.h"
#include "peft/head.h"
#include "peft/labelling.h"
#include "support/engine_tool.h"

namespace {

using namespace peft;
using namespace peft::host;

at::Tensor logits(Session& session, bool base, const EncodedExample& example) {
  const Batch batch = pack({&example}, session.device);
  ForwardOptions options;
  options.sets = base ? session.base_sets() : std::vector<ActiveSet>{session.set.get()};
  Forward forward(session.model(), batch, options);
  if (query<Labelling>(*session.task) != nullptr) return sequence_scores(forward, session.model());
  const at::Tensor hidden = session.model().hidden(forward);
  return forward.linear(*session.model().language_head(), hidden).index_select(0, forward.real_rows());
}

void dump(const std::vector<std::string>& arguments) {
  const at::NoGradGuard no_grad;
  EngineTool tool(arguments.at(0));
  const bool base = arguments.size() > 3 && arguments[3] == "--base";
  const bool pairs = tool.session.model().info().kind == ModelKind::encoder_decoder;
  const std::vector<std::vector<int64_t>> lists = read_ids(arguments.at(1));
  std::vector<at::Tensor> rows;
  for (size_t i = 0; i < lists.size(); ++i) {
    EncodedExample example;
    example.inputs.emplace_back().ids = lists[i];
    if (pairs) example.decoder_inputs.emplace_back().ids = lists.at(++i);
    rows.push_back(logits(tool.session, base, example));
  }
  write_safetensors(arguments.at(2), {tensor_view("logits", at::cat(rows, 0))});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "usage: dump_logits RECIPE_OR_RUN SEQUENCES.jsonl LOGITS.safetensors [--base]\n";
    return 2;
  }
  try {
    dump({argv + 1, argv + argc});
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << '\n';
    return 1;
  }
}
