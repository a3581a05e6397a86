#include "data/token_store.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "data/byte_stream.h"
#include "peft/error.h"

namespace peft::host {
namespace {

// The kernel maps up to 64 KiB around a byte that is touched: 16 MiB at most of reads here and there. Looks
// walk along the columns, a few bytes each.
constexpr size_t cost_before_pages_go = 4096;
constexpr size_t read_cost = cost_before_pages_go / 256;
constexpr size_t look_cost = 1;

void require(bool holds) {
  if (!holds) throw Error("the bytes of encoded examples contradict themselves");
}

// Of what lies in a mapped file.
void drop_pages_of(std::string_view bytes) {
  drop_pages({reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()});
}

// What stands behind the blocks: its own place is the last number.
std::string_view tail_of(std::string_view bytes) {
  uint64_t begin = 0;
  require(bytes.size() >= sizeof begin);
  const size_t end = bytes.size() - sizeof begin;
  std::memcpy(&begin, bytes.data() + end, sizeof begin);
  require(begin <= end && begin % sizeof begin == 0);
  return bytes.substr(begin, end - begin);
}

}  // namespace

TokenStore::TokenStore(std::string_view bytes, std::shared_ptr<const MappedFile> file)
    : bytes_(bytes), file_(std::move(file)) {
  const std::string_view tail = tail_of(bytes);
  ByteReader reader(tail);
  summary_.rows = reader.number<int64_t>();
  summary_.examples = reader.number<int64_t>();
  for (auto left = reader.number<uint64_t>(); left > 0; --left) {
    const std::string_view what = reader.text();
    summary_.counts.add(what, reader.number<int64_t>());
  }
  const auto ends = reader.array<uint64_t>();
  require(reader.at_end());
  uint64_t begin = 0;
  size_t examples = 0;
  for (const uint64_t end : ends) {
    require(begin <= end && end <= bytes.size() - tail.size());
    const std::string_view block = bytes.substr(begin, end - begin);
    block_begins_.push_back(size_);
    blocks_.emplace_back(block);
    require(size_ == examples || blocks_.back().encoded() == 0);
    size_ += blocks_.back().encoded();
    examples += blocks_.back().examples();
    drop_pages_of(block);
    begin = (end + 7) / 8 * 8;
  }
  require(bytes.data() + begin == tail.data() && examples == static_cast<size_t>(summary_.examples));
}

TokenStore::Place TokenStore::place_of(size_t number) const {
  const auto behind = std::upper_bound(block_begins_.begin(), block_begins_.end(), number);
  const auto block = static_cast<size_t>(behind - block_begins_.begin()) - 1;
  return {blocks_[block], number - block_begins_[block]};
}

void TokenStore::touched(size_t cost) const {
  if (cost_.fetch_add(cost) % cost_before_pages_go + cost >= cost_before_pages_go) drop_pages_of(bytes_);
}

std::vector<std::string_view> TokenStore::groups() const {
  std::vector<std::string_view> groups;
  groups.reserve(size_);
  for (const TokenBlock& block : blocks_) {
    for (size_t i = 0; i < block.encoded(); ++i) groups.push_back(block.group(i));
  }
  return groups;
}

std::vector<uint64_t> TokenStore::groups_across_sources() const {
  std::vector<uint64_t> groups;
  groups.reserve(static_cast<size_t>(summary_.examples));
  for (const TokenBlock& block : blocks_) {
    for (size_t i = 0; i < block.examples(); ++i) groups.push_back(block.group_across_sources(i));
  }
  return groups;
}

Example TokenStore::example(size_t number) const {
  touched(read_cost);
  const auto [block, place] = place_of(number);
  return block.example(place);
}

bool TokenStore::has_target(size_t number) const {
  const auto [block, place] = place_of(number);
  return block.has_target(place);
}

EncodedExample TokenStore::encoded(size_t number) const {
  touched(read_cost);
  const auto [block, place] = place_of(number);
  EncodedExample example = block.encoded(place);
  example.index = static_cast<int64_t>(number);
  return example;
}

ExampleShape TokenStore::shape(size_t number) const {
  touched(look_cost);
  const auto [block, place] = place_of(number);
  return block.shape(place);
}

void TokenStore::add_counts(size_t number, Counts& counts) const {
  touched(look_cost);
  const auto [block, place] = place_of(number);
  block.add_counts(place, counts);
}

}  // namespace peft::host
