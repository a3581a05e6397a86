#include "peft/sites.h"

#include <algorithm>
#include <functional>
#include <set>

#include "peft/error.h"
#include "peft/names.h"

namespace peft {
namespace {

LinearTarget whole(LinearSite& site) {
  return {.site = &site, .name = site.name, .begin = 0, .size = site.out};
}

// "h.3.attn.qkv" and "attn.q": "h.3.attn.q".
std::string part_name(const LinearSite& site, const LinearPart& part) {
  const size_t stem = site.name.size() - std::min(site.name.size(), site.role.size());
  return site.name.substr(0, stem) + part.role;
}

LinearTarget slice(LinearSite& site, const LinearPart& part) {
  return {.site = &site, .name = part_name(site, part), .begin = part.begin, .size = part.size};
}

// "attn.qkv" where the projections are separate: the three of them.
bool is_fused_role_of(std::string_view fused, std::string_view role) {
  if (!fused.ends_with(".qkv")) return false;
  const std::string_view stem = fused.substr(0, fused.size() - 3);
  return role.size() == stem.size() + 1 && role.starts_with(stem) &&
         std::string_view("qkv").find(role.back()) != std::string_view::npos;
}

template <class Accepts>
std::vector<LinearTarget> collect(
    std::deque<LinearSite>& sites, const Accepts& accepts_site,
    const std::function<bool(const LinearSite&, const LinearPart&)>& accepts_part) {
  std::vector<LinearTarget> targets;
  for (LinearSite& site : sites) {
    if (accepts_site(site)) {
      targets.push_back(whole(site));
      continue;
    }
    for (const LinearPart& part : site.parts) {
      if (accepts_part(site, part)) targets.push_back(slice(site, part));
    }
  }
  return targets;
}

std::vector<LinearTarget> match_linears(std::deque<LinearSite>& sites, const std::string& pattern) {
  std::vector<LinearTarget> targets = collect(
      sites, [&](const LinearSite& site) { return site.role == pattern; },
      [&](const LinearSite&, const LinearPart& part) { return part.role == pattern; });
  const auto no_part = [](const LinearSite&, const LinearPart&) { return false; };
  if (targets.empty()) {
    targets = collect(
        sites, [&](const LinearSite& site) { return is_fused_role_of(pattern, site.role); }, no_part);
  }
  if (targets.empty()) {
    targets = collect(
        sites, [&](const LinearSite& site) { return matches_site(pattern, site.name); }, no_part);
  }
  if (targets.empty()) {
    targets = collect(
        sites, [](const LinearSite&) { return false; },
        [&](const LinearSite& site, const LinearPart& part) {
          return matches_site(pattern, part_name(site, part));
        });
  }
  return targets;
}

// A list of nothing would leave the method without effect, and nobody the wiser.
void require_patterns(const std::vector<std::string>& patterns) {
  if (patterns.empty())
    throw UsageError("'targets': found an empty list, expected at least one name or glob");
}

// A target and the pattern that named it.
struct Named {
  LinearTarget target;
  std::string pattern;
};

// A slice beside the whole it is of (or beside the same outputs under another name) would be adapted twice.
// `found` is sorted by site and first output.
void require_disjoint(const std::vector<Named>& found) {
  for (size_t i = 1; i < found.size(); ++i) {
    const LinearTarget& a = found[i - 1].target;
    const LinearTarget& b = found[i].target;
    if (a.site != b.site || a.begin + a.size <= b.begin) continue;
    throw UsageError("'targets': found '" + found[i - 1].pattern + "' and '" + found[i].pattern +
                     "', which overlap: '" + a.name + "' and '" + b.name + "' share outputs of '" +
                     a.site->name + "', which would be adapted twice; keep one of the two");
  }
}

void add_once(std::vector<std::string>& list, const std::string& item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

// `others` are the roles that the caller takes beside those of linear sites.
std::vector<LinearTarget> find_linears(std::deque<LinearSite>& linears,
                                       const std::vector<std::string>& patterns,
                                       const std::vector<std::string>& others) {
  std::set<std::string> wanted;
  std::vector<Named> found;
  for (const std::string& pattern : patterns) {
    std::vector<LinearTarget> matches = match_linears(linears, pattern);
    if (matches.empty()) {
      std::vector<std::string> roles;
      for (const LinearSite& site : linears) {
        add_once(roles, site.role);
        for (const LinearPart& part : site.parts) add_once(roles, part.role);
      }
      for (const std::string& role : others) add_once(roles, role);
      std::vector<std::string> names = roles;
      for (const LinearSite& site : linears) names.push_back(site.name);
      throw UsageError("'targets': no linear site is called '" + pattern + "'" +
                       (names.empty()
                            ? ": the model has none"
                            : ": expected one of the roles " + join(roles) +
                                  ", or a glob on full names such as '" + linears.front().name + "'") +
                       did_you_mean(pattern, names));
    }
    for (LinearTarget& match : matches) {
      if (wanted.insert(match.name).second) found.push_back({.target = std::move(match), .pattern = pattern});
    }
  }
  const auto place = [&](const Named& named) {
    const auto is_site = [&](const LinearSite& site) { return &site == named.target.site; };
    return std::find_if(linears.begin(), linears.end(), is_site) - linears.begin();
  };
  std::stable_sort(found.begin(), found.end(), [&](const Named& a, const Named& b) {
    return std::pair(place(a), a.target.begin) < std::pair(place(b), b.target.begin);
  });
  require_disjoint(found);
  std::vector<LinearTarget> targets;
  targets.reserve(found.size());
  for (Named& named : found) targets.push_back(std::move(named.target));
  return targets;
}

}  // namespace

ParameterSite& Sites::parameter(std::string_view name) {
  for (ParameterSite& site : parameters) {
    if (site.name == name) return site;
  }
  throw Error("the model has no parameter '" + std::string(name) + "'");
}

std::vector<LinearTarget> Sites::linear_targets(const std::vector<std::string>& patterns) {
  require_patterns(patterns);
  return find_linears(linears, patterns, {});
}

WeightTargets Sites::weight_targets(const std::vector<std::string>& patterns) {
  require_patterns(patterns);
  WeightTargets targets;
  std::vector<std::string> roles;
  std::vector<std::string> of_linears = patterns;
  for (EmbeddingSite& site : embeddings) {
    add_once(roles, site.role);
    const auto names_it = [&](const std::string& pattern) {
      return pattern == site.role || pattern == site.name;
    };
    if (std::erase_if(of_linears, names_it) > 0) targets.embeddings.push_back(&site);
  }
  targets.linears = find_linears(linears, of_linears, roles);
  return targets;
}

namespace {

// A task trains its head's last layer itself; without such a task nothing reads what the base has of it.
bool is_of_a_tasks_head(const Sites& sites, const ParameterSite& parameter) {
  return std::ranges::any_of(sites.heads, [&](const HeadSite& head) {
    const HeadLayer& last = head.layers.back();
    return &parameter == last.weight || &parameter == last.bias;
  });
}

}  // namespace

std::vector<ParameterSite*> Sites::parameter_targets(const std::vector<std::string>& patterns) {
  require_patterns(patterns);
  std::set<const ParameterSite*> wanted;
  for (const std::string& pattern : patterns) {
    bool matched = false;
    std::vector<std::string> names;
    for (const ParameterSite& site : parameters) {
      if (is_of_a_tasks_head(*this, site)) continue;
      names.push_back(site.name);
      if (!matches_site(pattern, site.name)) continue;
      wanted.insert(&site);
      matched = true;
    }
    if (!matched) {
      throw UsageError("'targets': no parameter matches '" + pattern +
                       "': expected a glob on names such as '" + (names.empty() ? "" : names.back()) +
                       "' (`*` stops at a dot, `**` does not)" + did_you_mean(pattern, names));
    }
  }
  std::vector<ParameterSite*> found;
  for (ParameterSite& site : parameters) {
    if (wanted.contains(&site)) found.push_back(&site);
  }
  return found;
}

void Sites::detach(const AdapterSet& set) {
  const auto detach_from = [&](auto& sites) {
    for (auto& site : sites) {
      std::erase_if(site.attachments, [&](const auto& attached) { return attached.set == &set; });
    }
  };
  detach_from(parameters);
  detach_from(linears);
  detach_from(attentions);
  detach_from(embeddings);
  detach_from(residuals);
  detach_from(heads);
}

at::Tensor weight_out_in(const LinearSite& site) {
  return site.layout == WeightLayout::out_in ? site.weight->tensor : site.weight->tensor.t();
}

}  // namespace peft
