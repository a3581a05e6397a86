#include "engine/failure.h"

#include <c10/util/Exception.h>

#include <cctype>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <new>
#include <string_view>

#include "base/byte_size.h"
#include "peft/error.h"

namespace peft::host {
namespace {

constexpr std::string_view no_memory = "out of memory";

// "asked for 3.2 GB at once", out of what LibTorch's allocators say: "… tried to allocate 3221225472 bytes."
// on a CPU, "… Tried to allocate 3.00 GiB." on a GPU. Empty where the message is not of memory.
std::string asked_memory(std::string_view message) {
  constexpr std::string_view said = "ried to allocate ";
  const size_t at = message.find(said);
  if (at == std::string_view::npos) return "";
  const std::string_view amount = message.substr(at + said.size());
  size_t digits = 0;
  while (digits < amount.size() && std::isdigit(static_cast<unsigned char>(amount[digits])) != 0) ++digits;
  if (!amount.substr(digits).starts_with(" bytes")) {
    return "asked for " + std::string(amount.substr(0, amount.find(". "))) + " at once";
  }
  const uint64_t bytes = std::strtoull(std::string(amount.substr(0, digits)).c_str(), nullptr, 10);
  return "asked for " + byte_size(static_cast<int64_t>(bytes)) + " at once";
}

std::string out_of_memory(const std::string& asked) {
  return std::string(no_memory) + (asked.empty() ? "" : ": " + asked) +
         "; lower train.batch_size (train.accumulate makes up for it) or data.max_length, or set "
         "dtype=bfloat16";
}

}  // namespace

std::string failure_text() {
  try {
    throw;
  } catch (const c10::Error& error) {
    const std::string asked = asked_memory(error.what_without_backtrace());
    return asked.empty() ? error.what_without_backtrace() : out_of_memory(asked);
  } catch (const std::bad_alloc&) {
    return out_of_memory("");
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "something was thrown that is not a std::exception";
  }
}

void rethrow_readably() {
  try {
    throw;
  } catch (const Error&) {
    throw;
  } catch (...) {
    const std::string text = failure_text();
    throw Error(text.starts_with(no_memory) ? text : "unexpected: " + text);
  }
}

}  // namespace peft::host
