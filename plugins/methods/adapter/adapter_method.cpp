#include "adapter_method.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/addmm.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "non_linearity.h"
#include "peft/error.h"
#include "peft/forward.h"
#include "peft/names.h"

namespace peft::adapter {
namespace {

class AdapterAttachment : public ResidualAttachment {
 public:
  AdapterAttachment(Bottleneck bottleneck, const Design& design, double dropout, std::string stream)
      : bottleneck_(std::move(bottleneck)),
        input_(design.input),
        non_linearity_(non_linearity(design.non_linearity)),
        scale_(design.scale),
        dropout_(dropout),
        stream_(std::move(stream)) {}

  at::Tensor output(const Forward& forward, const Rows& rows, const ResidualStreams& streams) const override {
    const at::Tensor hidden =
        non_linearity_(at::addmm(bottleneck_.down_bias, input(streams), bottleneck_.down.t()));
    const at::Tensor added = at::addmm(bottleneck_.up_bias, hidden, bottleneck_.up.t()) * scale_;
    return streams.sublayer_output + forward.dropout(added, dropout_, stream_, rows);
  }

 private:
  at::Tensor input(const ResidualStreams& streams) const {
    switch (input_) {
      case Input::sublayer_output: return streams.sublayer_output;
      case Input::sum: return streams.residual + streams.sublayer_output;
      case Input::residual: return streams.residual;
    }
    return {};
  }

  Bottleneck bottleneck_;
  Input input_;
  NonLinearity non_linearity_;
  double scale_;
  double dropout_;
  std::string stream_;  // names the masks
};

bool has_place(const Design& design, ResidualPlace place) {
  return place == ResidualPlace::after_feed_forward ||
         (design.after_attention && place == ResidualPlace::after_attention);
}

// Where adapters of this design stand, but for those left out. Throws `UsageError` where none remains or a
// glob names nothing.
std::vector<ResidualSite*> places(Sites& sites, const Design& design,
                                  const std::vector<std::string>& leave_out) {
  std::vector<ResidualSite*> all;
  std::vector<std::string> names;
  for (ResidualSite& site : sites.residuals) {
    if (!has_place(design, site.place)) continue;
    all.push_back(&site);
    names.push_back(site.name);
  }
  if (all.empty()) throw UsageError("the model has no residual stream to put an adapter into");
  for (const std::string& pattern : leave_out) {
    const bool matched =
        std::ranges::any_of(names, [&](const std::string& name) { return matches_site(pattern, name); });
    if (matched) continue;
    throw UsageError("'leave_out': no place for an adapter matches '" + pattern +
                     "': expected a glob on names such as '" + names.front() +
                     "' (`*` stops at a dot, `**` does not)" + did_you_mean(pattern, names));
  }
  std::erase_if(all, [&](const ResidualSite* site) {
    return std::ranges::any_of(leave_out,
                               [&](const std::string& pattern) { return matches_site(pattern, site->name); });
  });
  if (all.empty()) throw UsageError("'leave_out' names every place for an adapter; leave at least one");
  return all;
}

Bottleneck declare(Attacher& attacher, const ResidualSite& site, const Design& design) {
  const int64_t d = site.size;
  const int64_t m = design.bottleneck(d);
  const Init down = design.starts_silent ? init::kaiming_uniform() : init::normal(0.02);
  const Init up = design.starts_silent ? init::zeros() : init::normal(0.02);
  const TensorTraits bias{.decays = false};
  return {.down = attacher.tensor(site.name + ".down.weight", {m, d}, down),
          .down_bias = attacher.tensor(site.name + ".down.bias", {m}, init::zeros(), bias),
          .up = attacher.tensor(site.name + ".up.weight", {d, m}, up),
          .up_bias = attacher.tensor(site.name + ".up.bias", {d}, init::zeros(), bias)};
}

}  // namespace

void AdapterMethod::attach(Attacher& attacher) {
  for (ResidualSite* site : places(attacher.sites(), design_, options_.leave_out)) {
    Bottleneck bottleneck = declare(attacher, *site, design_);
    attacher.attach(*site, std::make_unique<AdapterAttachment>(bottleneck, design_, options_.dropout,
                                                               attacher.name() + "/" + site->name));
    places_.push_back({.site = site, .bottleneck = std::move(bottleneck)});
  }
}

void* AdapterMethod::query(std::string_view wanted) noexcept {
  if (wanted == PeftFormat::id) return static_cast<PeftFormat*>(this);
  return wanted == PeftImport::id ? static_cast<PeftImport*>(this) : nullptr;
}

}  // namespace peft::adapter
