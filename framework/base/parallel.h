// Independent pieces of work on several threads.
#pragma once

#include <cstddef>
#include <functional>

namespace peft::host {

// Calls `work(begin, end)` for consecutive ranges that together are 0 … count, each of `range` numbers (the
// last may have fewer), on at most `threads` threads, the caller's among them. A range's number is
// begin / range: results kept by it do not depend on the threads. Where ranges throw, the rest is left out,
// and the exception of the lowest of them is thrown when every thread is done.
void for_each_range(size_t count, size_t range, size_t threads,
                    const std::function<void(size_t begin, size_t end)>& work);

}  // namespace peft::host
