#include "prefix_method.h"

#include <vector>

#include "peft/error.h"

namespace peft::prefix {
namespace {

std::vector<AttentionSite*> sites_of(Attacher& attacher, AttentionKind kind) {
  std::vector<AttentionSite*> sites;
  for (AttentionSite& site : attacher.sites().attentions) {
    if (site.kind == kind) sites.push_back(&site);
  }
  return sites;
}

}  // namespace

const Options<PrefixOptions>& prefix_options() {
  static const Options<PrefixOptions> options = [] {
    Options<PrefixOptions> table;
    table
        .add("tokens", &PrefixOptions::tokens, "virtual tokens n in front of every layer's keys and values",
             at_least(1))
        .add("projection", &PrefixOptions::projection, "train through a two-layer perceptron")
        .add("projection_hidden", &PrefixOptions::projection_hidden,
             "its hidden width; absent: the model's width", at_least(1))
        .add("init", &PrefixOptions::init, "N(0, 1), zeros, or the keys and values of `text`",
             {"random", "zero", "text"})
        .add("text", &PrefixOptions::text, "cut or repeated to n tokens, for init: text")
        .add(
            "peft_compat", &PrefixOptions::peft_compat,
            "on an encoder-decoder: what PEFT does, a prefix for the decoder's attention to itself alone, of "
            "which layers share parts");
    return table;
  }();
  return options;
}

void PrefixMethod::check_options(const Attacher& attacher) const {
  const bool has_encoder = attacher.info().kind == ModelKind::encoder_decoder;
  if (options_.init == "text" && options_.projection) {
    throw UsageError(
        "'init: text' sets keys and values directly and cannot start a projection; set 'projection: false'");
  }
  if ((options_.init == "text") != options_.text.has_value()) {
    throw UsageError("'text' and 'init: text' go together; give both or neither");
  }
  if (options_.init == "text" && has_encoder) {
    throw UsageError(
        "'init: text' needs a text whose keys and values a decoder computes; the encoder-decoder " +
        attacher.info().family + " has three kinds of them; set 'init: random' or 'init: zero'");
  }
  if (options_.peft_compat && !has_encoder) {
    throw UsageError("'peft_compat' is about encoder-decoders, which " + attacher.info().family +
                     " is not; leave it out: the prefix is PEFT's in any case");
  }
}

void PrefixMethod::attach(Attacher& attacher) {
  check_options(attacher);
  const std::vector<AttentionSite*> self = sites_of(attacher, AttentionKind::self);
  if (self.empty())
    throw UsageError("the model '" + attacher.info().family +
                     "' has no self-attention to put a prefix in front of");
  if (attacher.info().kind == ModelKind::encoder_decoder && !options_.peft_compat) {
    groups_.emplace_back(sites_of(attacher, AttentionKind::encoder), "encoder.");
    groups_.emplace_back(self, "decoder.");
    groups_.emplace_back(sites_of(attacher, AttentionKind::cross), "cross.");
  } else {
    groups_.emplace_back(self, "");
  }
  for (PrefixGroup& group : groups_) group.attach(attacher, options_);
}

void* PrefixMethod::query(std::string_view wanted) noexcept {
  if (wanted == PeftFormat::id) return static_cast<PeftFormat*>(this);
  return wanted == PeftImport::id ? static_cast<PeftImport*>(this) : nullptr;
}

}  // namespace peft::prefix
