#include "freeze_method.h"

#include <algorithm>
#include <map>
#include <set>

#include "peft/error.h"
#include "peft/names.h"
#include "peft/train_parameter.h"

namespace peft::freeze {
namespace {

using Chosen = std::set<const ParameterSite*>;

// Blocks of each stack: an encoder-decoder has two.
std::map<std::string, int64_t> count_blocks(const Sites& sites) {
  std::map<std::string, int64_t> blocks;
  for (const ParameterSite& site : sites.parameters) {
    if (const auto block = block_of(site.name)) {
      int64_t& count = blocks[block->stack];
      count = std::max(count, block->index + 1);
    }
  }
  return blocks;
}

void choose_last_blocks(const Sites& sites, int64_t layers, Chosen& chosen) {
  if (layers == 0) return;
  const std::map<std::string, int64_t> blocks = count_blocks(sites);
  if (blocks.empty())
    throw UsageError("'layers' is " + std::to_string(layers) + ", but the model has no blocks");
  for (const auto& [stack, count] : blocks) {
    if (layers <= count) continue;
    throw UsageError("'layers' is " + std::to_string(layers) + ", but the model has " +
                     std::to_string(count) + " in '" + stack + "'; set it to at most " +
                     std::to_string(count));
  }
  for (const ParameterSite& site : sites.parameters) {
    const auto block = block_of(site.name);
    if (block && block->index >= blocks.at(block->stack) - layers) chosen.insert(&site);
  }
}

// Norms outside all blocks, and behind some: one in front of all of them belongs to the embeddings.
void choose_final_norms(const Sites& sites, Chosen& chosen) {
  std::set<std::string> norms;
  bool behind_blocks = false;
  for (const ParameterSite& site : sites.parameters) {
    const bool in_block = block_of(site.name).has_value();
    behind_blocks = behind_blocks || in_block;
    const std::string module = site.name.substr(0, site.name.rfind('.'));
    if (behind_blocks && !in_block && site.role == ParameterRole::norm) norms.insert(module);
    if (norms.contains(module)) chosen.insert(&site);
  }
  if (norms.empty()) throw UsageError("'final_norm' is set, but the model has no norm behind its last block");
}

}  // namespace

std::optional<Block> block_of(std::string_view parameter) {
  size_t begin = 0;
  while (begin < parameter.size()) {
    const size_t end = std::min(parameter.find('.', begin), parameter.size());
    const std::string_view segment = parameter.substr(begin, end - begin);
    const bool number = !segment.empty() && segment.size() < 10 &&
                        segment.find_first_not_of("0123456789") == std::string_view::npos;
    if (number && begin > 0) {
      return Block{.stack = std::string(parameter.substr(0, begin - 1)),
                   .index = std::stoll(std::string(segment))};
    }
    begin = end + 1;
  }
  return std::nullopt;
}

const Options<FreezeOptions>& freeze_options() {
  static const Options<FreezeOptions> options = [] {
    Options<FreezeOptions> table;
    table
        .add("layers", &FreezeOptions::layers,
             "how many blocks are trained, counted from the last; of an encoder and a decoder, in each",
             at_least(0))
        .add("final_norm", &FreezeOptions::final_norm, "train the norm behind the last block too")
        .add("embeddings", &FreezeOptions::embeddings, "train the embeddings of tokens and positions too")
        .add("head", &FreezeOptions::head,
             "train the vocabulary projection too; where it is tied, that is the token embedding")
        .add("targets", &FreezeOptions::targets, "globs on the base's parameters that are trained too");
    return table;
  }();
  return options;
}

void FreezeMethod::attach(Attacher& attacher) {
  Sites& sites = attacher.sites();
  Chosen chosen;
  choose_last_blocks(sites, options_.layers, chosen);
  if (options_.final_norm) choose_final_norms(sites, chosen);
  if (options_.head) {
    const LinearSite* head = attacher.model().language_head();
    if (head == nullptr)
      throw UsageError("'head' is set, but the model '" + attacher.info().family + "' has none");
    chosen.insert(head->weight);
    if (head->bias != nullptr) chosen.insert(head->bias);
  }
  if (!options_.targets.empty()) {
    for (const ParameterSite* site : sites.parameter_targets(options_.targets)) chosen.insert(site);
  }
  for (ParameterSite& site : sites.parameters) {
    if (options_.embeddings && site.role == ParameterRole::embedding) chosen.insert(&site);
  }
  if (chosen.empty()) {
    throw UsageError(
        "'layers' is 0 and nothing else is chosen, so nothing would be trained; expected 'layers' at "
        "least 1, or 'final_norm', 'embeddings', 'head' or 'targets'");
  }
  for (ParameterSite& site : sites.parameters) {
    if (chosen.contains(&site)) train_parameter(attacher, site);
  }
}

}  // namespace peft::freeze
