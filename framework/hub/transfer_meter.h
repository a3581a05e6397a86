// How far a fetch has come, how fast, and how long it will take.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include "hub/hub.h"

namespace peft::host {

class TransferMeter {
 public:
  // `total` bytes of all files. The observer must outlive this.
  TransferMeter(std::string what, int64_t total, HubObserver& observer)
      : observer_(observer), begin_(clock::now()), next_(begin_) {
    progress_.what = std::move(what);
    progress_.total = total;
  }

  // So many bytes of the file under way are there. What was there at first was fetched before, and counts as
  // no speed of now.
  void on_file(int64_t there) {
    if (!has_begun_file_ || there < in_file_) fetched_before_ += there - in_file_;
    has_begun_file_ = true;
    in_file_ = there;
    if (clock::now() >= next_) tell();
  }

  void end_file(int64_t size) {
    ended_ += size;
    in_file_ = 0;
    has_begun_file_ = false;
    tell();
  }

  double seconds() const { return std::chrono::duration<double>(clock::now() - begin_).count(); }

 private:
  using clock = std::chrono::steady_clock;

  void tell() {
    progress_.done = ended_ + in_file_;
    const double elapsed = seconds();
    const auto fetched = static_cast<double>(progress_.done - fetched_before_);
    progress_.bytes_per_second = elapsed > 0.5 && fetched > 0 ? fetched / elapsed : 0.0;
    const auto left = static_cast<double>(progress_.total - progress_.done);
    progress_.seconds_left = progress_.bytes_per_second > 0 ? left / progress_.bytes_per_second : -1.0;
    observer_.on_progress(progress_);
    next_ = clock::now() + std::chrono::milliseconds(100);
  }

  HubObserver& observer_;
  HubProgress progress_;
  clock::time_point begin_;
  clock::time_point next_;
  int64_t ended_ = 0;    // bytes of files that are done
  int64_t in_file_ = 0;  // and of the one under way
  int64_t fetched_before_ = 0;
  bool has_begun_file_ = false;
};

}  // namespace peft::host
