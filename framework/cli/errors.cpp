#include "cli/errors.h"

#include <iostream>
#include <new>

#include "base/shortened.h"
#include "peft/error.h"

namespace peft::host {
namespace {

constexpr std::string_view program_prefix = "peft-host: error: ";

bool stands_alone(std::string_view line) {
  return line.find(": error: ") != std::string_view::npos ||
         line.find(": warning: ") != std::string_view::npos;
}

ExitCode report(std::string_view message, ExitCode code) {
  std::cout.flush();  // what was printed before stays before
  std::cerr << error_text(message) << std::flush;
  return code;
}

}  // namespace

std::string error_text(std::string_view message) {
  std::string text;
  bool first = true;
  while (!message.empty() || first) {
    const size_t end = message.find('\n');
    const std::string_view line = message.substr(0, end);
    const bool continues = !first && (line.empty() || line.front() == ' ' || line.front() == '\t');
    if (!continues && !stands_alone(line)) text += program_prefix;
    text.append(shortened(line)).append("\n");
    first = false;
    if (end == std::string_view::npos) break;
    message.remove_prefix(end + 1);
  }
  return text;
}

ExitCode run_guarded(const std::function<ExitCode()>& verb) {
  try {
    return verb();
  } catch (const UsageError& error) {
    return report(error.what(), ExitCode::wrong_usage);
  } catch (const Error& error) {
    return report(error.what(), ExitCode::failed);
  } catch (const std::bad_alloc&) {
    return report("out of memory; try a smaller train.batch_size or data.max_length, or dtype=bfloat16",
                  ExitCode::failed);
  } catch (const std::exception& error) {
    return report(std::string("unexpected: ") + error.what(), ExitCode::failed);
  } catch (...) {
    return report("unexpected: something was thrown that is no std::exception", ExitCode::failed);
  }
}

}  // namespace peft::host
