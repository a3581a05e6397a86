#include "norms_method.h"

#include <set>

#include "peft/error.h"
#include "peft/names.h"
#include "peft/train_parameter.h"

namespace peft::norms {
namespace {

// "transformer.h.0.ln_1.weight": the module, and what of it.
std::pair<std::string, std::string> split(const std::string& parameter) {
  const size_t dot = parameter.rfind('.');
  return {parameter.substr(0, dot), parameter.substr(dot + 1)};
}

// Throws `UsageError` for a pattern without a match.
std::set<std::string> matching(const std::vector<std::string>& norms,
                               const std::vector<std::string>& patterns) {
  std::set<std::string> found;
  for (const std::string& pattern : patterns) {
    bool matched = false;
    for (const std::string& norm : norms) {
      if (!matches_site(pattern, norm)) continue;
      found.insert(norm);
      matched = true;
    }
    if (matched) continue;
    throw UsageError("'targets': no norm matches '" + pattern + "': expected a glob on names such as '" +
                     norms.back() + "' (`*` stops at a dot, `**` does not)" + did_you_mean(pattern, norms));
  }
  return found;
}

}  // namespace

std::vector<std::string> norms_of(const Sites& sites) {
  std::vector<std::string> norms;
  for (const ParameterSite& site : sites.parameters) {
    if (site.role == ParameterRole::norm) norms.push_back(split(site.name).first);
  }
  return norms;
}

const Options<NormsOptions>& norms_options() {
  static const Options<NormsOptions> options = [] {
    Options<NormsOptions> table;
    table.add("targets", &NormsOptions::targets,
              "globs on the names of the base's norms, such as `transformer.h.*.ln_1`");
    return table;
  }();
  return options;
}

void NormsMethod::attach(Attacher& attacher) {
  const std::vector<std::string> norms = norms_of(attacher.sites());
  if (norms.empty()) throw UsageError("the model '" + attacher.info().family + "' has no norms to train");
  if (options_.targets.empty())
    throw UsageError("'targets': found an empty list, expected at least one glob on the names of norms");
  const std::set<std::string> wanted = matching(norms, options_.targets);
  for (ParameterSite& site : attacher.sites().parameters) {
    auto [norm, quantity] = split(site.name);
    if (!wanted.contains(norm)) continue;
    trained_.push_back({.norm = std::move(norm),
                        .quantity = std::move(quantity),
                        .tensor = train_parameter(attacher, site)});
  }
}

void* NormsMethod::query(std::string_view wanted) noexcept {
  if (wanted == PeftFormat::id) return static_cast<PeftFormat*>(this);
  return wanted == PeftImport::id ? static_cast<PeftImport*>(this) : nullptr;
}

}  // namespace peft::norms
