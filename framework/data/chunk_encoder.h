// Encodes examples on several threads while more of them are read.
#pragma once

#include <cstddef>
#include <future>
#include <string>
#include <vector>

#include "data/bad_rows.h"
#include "data/encoding.h"
#include "data/token_columns.h"
#include "data/token_file.h"
#include "peft/example.h"

namespace peft::host {

// Examples are gathered in chunks; one is encoded and written while the next is gathered. Where chunks end
// depends on the examples alone. On one thread nothing happens at the same time.
class ChunkEncoder {
 public:
  // All must outlive this. `limit`: of the examples behind so many only the group is written.
  ChunkEncoder(const Encoding& encoding, BadRows bad_rows, size_t limit, size_t threads, TokenFile& file)
      : encoding_(encoding), bad_rows_(bad_rows), limit_(limit), threads_(threads), file_(file) {}

  // `where` may be empty. Throws what encoding an earlier chunk threw.
  void add(Example example, const std::string& where);
  // Waits for what is being encoded. Throws as `add`.
  void wait();
  // Encodes the rest, too.
  void finish();

  // Examples that the task refused; once all is encoded.
  const SkippedRows& refused() const { return refused_; }

 private:
  struct Gathered {
    Example example;
    std::string where;
    bool encode = true;
  };
  using Chunk = std::vector<Gathered>;
  // What becomes of a few consecutive examples.
  struct Part {
    TokenColumns columns;
    std::vector<std::string> refused;
  };

  void hand_over();
  void encode(const Chunk& chunk);
  void encode(const Gathered& gathered, Part& part) const;

  const Encoding& encoding_;
  BadRows bad_rows_;
  size_t limit_;
  size_t threads_;
  TokenFile& file_;
  SkippedRows refused_;
  Chunk gathering_;
  size_t gathered_bytes_ = 0;
  size_t added_ = 0;
  std::future<void> encoding_one_;  // last: its end is waited for before anything else goes
};

}  // namespace peft::host
