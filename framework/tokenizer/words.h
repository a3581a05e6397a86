// A text while it is cut into words.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace peft::host {

// The words point into the text that was given, or into memory of this object once a stage has changed it.
// Reused from text to text: memory lives on, content does not.
class Words {
 public:
  // The whole of `text`, which must outlive this content, as one word. `begins_text`: nothing stood before
  // it, not even an added token.
  void assign(std::string_view text, bool begins_text) {
    words_.clear();
    if (!text.empty()) words_.push_back(text);
    start_ = begins_text ? text.data() : nullptr;
  }

  const std::vector<std::string_view>& words() const { return words_; }

  // Whether this word begins where the text began.
  bool begins_text(std::string_view word) const { return word.data() == start_; }

  // Replaces each word by the parts that `split(word, emit)` hands to `emit`: slices of the word, in order.
  // Empty ones are left out.
  template <typename Split>
  void split(Split split) {
    parts_.clear();
    for (const std::string_view word : words_) {
      split(word, [&](std::string_view part) {
        if (!part.empty()) parts_.push_back(part);
      });
    }
    words_.swap(parts_);
  }

  // Replaces each word by what `write(word, text)` appends to `text`: at most `growth` times as many bytes
  // and four.
  template <typename Write>
  void rewrite(std::size_t growth, Write write) {
    std::size_t bytes = 64;  // more than a string holds in itself: swapping it then moves no byte
    for (const std::string_view word : words_) bytes += word.size() * growth + 4;
    scratch_.clear();
    scratch_.reserve(bytes);  // nor does appending, so the words may point into it
    const char* new_start = nullptr;
    for (std::string_view& word : words_) {
      const bool first = begins_text(word);
      const std::size_t begin = scratch_.size();
      write(word, scratch_);
      word = std::string_view(scratch_.data() + begin, scratch_.size() - begin);
      if (first) new_start = word.data();
    }
    start_ = new_start;
    rewritten_.swap(scratch_);
  }

 private:
  std::vector<std::string_view> words_;
  std::vector<std::string_view> parts_;
  std::string rewritten_;
  std::string scratch_;
  const char* start_ = nullptr;
};

}  // namespace peft::host
