// Encoded examples by their place, made when they are asked for: training walks over more of them than memory
// holds. Header only: what trains and evaluates needs nothing else of this folder.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "data/example_tokens.h"
#include "peft/batch.h"

namespace peft::host {

// What a model computes for an example.
struct ExampleShape {
  int64_t tokens = 0;  // of all sequences, an encoder-decoder's targets included, without virtual tokens
  int64_t sequences = 0;
  int64_t longest = 0;  // tokens of the longest sequence

  void add(int64_t tokens_of_sequence) {
    tokens += tokens_of_sequence;
    ++sequences;
    longest = std::max(longest, tokens_of_sequence);
  }
};

// Where encoded examples are, by their number in the dataset. Any thread may read.
class EncodedSource {
 public:
  virtual ~EncodedSource() = default;
  virtual EncodedExample encoded(size_t number) const = 0;
  virtual ExampleShape shape(size_t number) const = 0;  // quicker than decoding
};

// Examples in a vector, which must outlive this.
class EncodedVector : public EncodedSource {
 public:
  explicit EncodedVector(const std::vector<EncodedExample>& examples) : examples_(examples) {}
  EncodedExample encoded(size_t number) const override { return examples_[number]; }
  ExampleShape shape(size_t number) const override {
    ExampleShape shape;
    for_each_sequence(examples_[number], [&](const EncodedSequence& sequence) {
      shape.add(static_cast<int64_t>(sequence.ids.size()));
    });
    return shape;
  }

 private:
  const std::vector<EncodedExample>& examples_;
};

// Chosen examples of a source, in an order of their own. Copies share both.
class EncodedExamples {
 public:
  EncodedExamples() : EncodedExamples(nullptr, {}) {}
  EncodedExamples(std::shared_ptr<const EncodedSource> source, std::vector<size_t> numbers)
      : source_(std::move(source)),
        numbers_(std::make_shared<const std::vector<size_t>>(std::move(numbers))) {}
  // All of a vector, which must outlive this and its copies.
  EncodedExamples(const std::vector<EncodedExample>& examples)  // NOLINT(google-explicit-constructor)
      : EncodedExamples(std::make_shared<EncodedVector>(examples), first_numbers(examples.size())) {}

  size_t size() const { return numbers_->size(); }
  bool empty() const { return numbers_->empty(); }
  EncodedExample operator[](size_t place) const { return source_->encoded((*numbers_)[place]); }
  ExampleShape shape(size_t place) const { return source_->shape((*numbers_)[place]); }

 private:
  static std::vector<size_t> first_numbers(size_t count) {
    std::vector<size_t> numbers(count);
    std::iota(numbers.begin(), numbers.end(), size_t{0});
    return numbers;
  }

  std::shared_ptr<const EncodedSource> source_;
  std::shared_ptr<const std::vector<size_t>> numbers_;
};

}  // namespace peft::host
