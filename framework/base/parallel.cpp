#include "base/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace peft::host {
namespace {

class Ranges {
 public:
  Ranges(size_t count, size_t range, const std::function<void(size_t, size_t)>& work)
      : count_(count), range_(range), work_(work) {}

  // Ranges are taken in rising order, so those below one that throws have all been taken and are finished.
  void take_all() {
    for (;;) {
      const size_t begin = next_.fetch_add(range_);
      if (begin >= count_) return;
      try {
        work_(begin, std::min(begin + range_, count_));
      } catch (...) {
        next_ = count_;
        keep(begin, std::current_exception());
      }
    }
  }

  void rethrow() const {
    if (problem_) std::rethrow_exception(problem_);
  }

 private:
  void keep(size_t begin, std::exception_ptr problem) {
    const std::lock_guard lock(mutex_);
    if (problem_ && begin > problem_at_) return;
    problem_ = std::move(problem);
    problem_at_ = begin;
  }

  size_t count_;
  size_t range_;
  const std::function<void(size_t, size_t)>& work_;
  std::atomic<size_t> next_ = 0;
  std::mutex mutex_;
  std::exception_ptr problem_;
  size_t problem_at_ = 0;
};

}  // namespace

void for_each_range(size_t count, size_t range, size_t threads,
                    const std::function<void(size_t begin, size_t end)>& work) {
  Ranges ranges(count, range, work);
  const size_t pieces = (count + range - 1) / range;
  std::vector<std::jthread> others;
  for (size_t i = 1; i < std::min(threads, pieces); ++i) others.emplace_back([&] { ranges.take_all(); });
  ranges.take_all();
  others.clear();  // waits for them
  ranges.rethrow();
}

}  // namespace peft::host
