// What goes wrong in the libraries and plugins below, in words for the user.
#pragma once

#include <string>

namespace peft::host {

// Of the exception that is being handled, whatever it is: call it in a `catch (...)`. LibTorch's are told
// without their backtrace; where memory ran out, with how much was asked for and what to lower.
std::string failure_text();

// Throws the exception that is being handled again: the host's own as they are, any other as a `peft::Error`
// in the words above, called unexpected unless memory ran out.
[[noreturn]] void rethrow_readably();

// Runs `work`, which so throws nothing but the host's own exceptions.
template <class Work>
auto readably(const Work& work) {
  try {
    return work();
  } catch (...) {
    rethrow_readably();
  }
}

}  // namespace peft::host
