#include "data/chunk_encoder.h"

#include <optional>
#include <utility>

#include "base/parallel.h"
#include "data/encode_context.h"
#include "data/example_group.h"
#include "peft/error.h"

namespace peft::host {
namespace {

// A tenth of a second or so: far above what handing it over costs, far below memory.
constexpr size_t chunk_bytes = size_t{4} << 20;
constexpr size_t chunk_examples = 16'384;
constexpr size_t range_size = 64;  // examples: a millisecond or two, far above what handing them out costs

// A message that says where it is about is given no second place.
std::string placed(const std::string& where, const std::string& message) {
  return where.empty() || message.starts_with(where) ? message : where + ": error: " + message;
}

}  // namespace

void ChunkEncoder::add(Example example, const std::string& where) {
  gathered_bytes_ += text_size(example);
  gathering_.push_back({.example = std::move(example), .where = where, .encode = added_++ < limit_});
  if (gathered_bytes_ >= chunk_bytes || gathering_.size() >= chunk_examples) hand_over();
}

void ChunkEncoder::wait() {
  if (encoding_one_.valid()) encoding_one_.get();
}

void ChunkEncoder::finish() {
  if (!gathering_.empty()) hand_over();
  wait();
}

void ChunkEncoder::hand_over() {
  wait();
  gathered_bytes_ = 0;
  Chunk chunk = std::exchange(gathering_, {});
  if (threads_ <= 1) return encode(chunk);
  encoding_one_ = std::async(std::launch::async, [this, taken = std::move(chunk)] { encode(taken); });
}

void ChunkEncoder::encode(const Gathered& gathered, Part& part) const {
  const auto& [example, where, wanted] = gathered;
  if (!wanted) return part.columns.add_group(example);
  // A context an example, so that its counts are its own.
  HostEncodeContext context(encoding_.codec, encoding_.form, encoding_.settings);
  std::optional<EncodedExample> encoded;
  try {
    encoded = encoding_.task.encode(example, context);
  } catch (const UsageError& problem) {
    if (bad_rows_ == BadRows::error) throw UsageError(placed(where, problem.what()));
    return part.refused.push_back(placed(where, problem.what()));
  } catch (const Error& problem) {
    if (bad_rows_ == BadRows::error) throw Error(placed(where, problem.what()));
    return part.refused.push_back(placed(where, problem.what()));
  }
  part.columns.add(example, encoded, context.counts());
}

void ChunkEncoder::encode(const Chunk& chunk) {
  std::vector<Part> parts((chunk.size() + range_size - 1) / range_size);
  for_each_range(chunk.size(), range_size, threads_, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) encode(chunk[i], parts[begin / range_size]);
  });
  TokenColumns columns;
  for (Part& part : parts) {
    columns.append(part.columns);
    for (const std::string& problem : part.refused) refused_.add(problem);
    part = {};  // its memory
  }
  file_.add(columns);
}

}  // namespace peft::host
