#include "cli/signals.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <string_view>

#include "cli/exit_code.h"

namespace peft::host {
namespace {

// A handler has nowhere else to leave word.
std::atomic<bool> arrived = false;
std::string_view message;  // set before a handler is
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may not wait for a lock");

// Only what POSIX calls async-signal-safe.
extern "C" void on_interruption(int /*signal*/) {
  if (arrived.exchange(true)) ::_exit(static_cast<int>(ExitCode::interrupted));
  const int saved = errno;
  // Where stderr is gone there is nobody to tell.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, message.data(), message.size());
  errno = saved;
}

void handle(int signal, void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;  // reads and writes under way are finished
  ::sigaction(signal, &action, nullptr);
}

bool is_ignored(int signal) {
  struct sigaction action = {};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

void handle_all(void (*handler)(int)) {
  handle(SIGINT, handler);
  handle(SIGTERM, handler);
  if (!is_ignored(SIGHUP)) handle(SIGHUP, handler);
}

}  // namespace

void catch_interruptions(std::string_view answer) {
  message = answer;
  handle_all(on_interruption);
}

void stop_catching_interruptions() {
  handle_all(SIG_DFL);
  arrived = false;
}

bool interrupted() {
  return arrived.load();
}

void ignore_broken_pipes() {
  std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace peft::host
