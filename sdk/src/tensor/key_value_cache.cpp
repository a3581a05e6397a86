#include "key_value_cache.h"

#include <ATen/ops/empty.h>

#include <algorithm>

#include "peft/model.h"

namespace peft {
namespace {

constexpr int64_t least_room = 64;  // tokens that fit before the cache grows for the first time

at::Tensor grown(const at::Tensor& old, const at::Tensor& like, int64_t length, int64_t capacity) {
  at::Tensor larger = at::empty({like.size(1), capacity, like.size(2)}, like.options());
  if (length > 0) larger.narrow(1, 0, length).copy_(old.narrow(1, 0, length));
  return larger;
}

}  // namespace

void CachedSequence::reserve(const at::Tensor& like, int64_t added) {
  const int64_t capacity = keys.defined() ? keys.size(1) : 0;
  if (length + added <= capacity) return;
  const int64_t wanted = std::max<int64_t>(2 * capacity, length + added + least_room);
  keys = grown(keys, like, length, wanted);
  values = grown(values, like, length, wanted);
}

void CachedSequence::append(const at::Tensor& more_keys, const at::Tensor& more_values) {
  const int64_t added = more_keys.size(0);
  reserve(more_keys, added);
  keys.narrow(1, length, added).copy_(more_keys.transpose(0, 1));
  values.narrow(1, length, added).copy_(more_values.transpose(0, 1));
  length += added;
}

KeyValueCache::KeyValueCache(const Model& model, int64_t sequences) : state_(std::make_unique<State>()) {
  for (const AttentionSite& site : model.sites().attentions) {
    if (site.kind == AttentionKind::encoder) continue;  // read once
    if (state_->first == nullptr && site.kind == AttentionKind::self) state_->first = &site;
    state_->sites[&site].resize(static_cast<size_t>(sequences));
  }
}
KeyValueCache::~KeyValueCache() = default;
KeyValueCache::KeyValueCache(KeyValueCache&&) noexcept = default;
KeyValueCache& KeyValueCache::operator=(KeyValueCache&&) noexcept = default;

int64_t KeyValueCache::length(int64_t sequence) const {
  return state_->sites.at(state_->first).at(static_cast<size_t>(sequence)).length;
}

void KeyValueCache::select(const std::vector<int64_t>& sequences) {
  for (auto& [site, cached] : state_->sites) {
    std::vector<CachedSequence> kept;
    std::vector<bool> taken(cached.size(), false);
    for (const int64_t index : sequences) {
      CachedSequence sequence = cached.at(static_cast<size_t>(index));
      // A second copy must not share what it appends to.
      if (taken[static_cast<size_t>(index)] && site->kind != AttentionKind::cross) {
        sequence.keys = sequence.keys.clone();
        sequence.values = sequence.values.clone();
      }
      taken[static_cast<size_t>(index)] = true;
      kept.push_back(std::move(sequence));
    }
    cached = std::move(kept);
  }
}

}  // namespace peft
