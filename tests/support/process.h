// A program in the background, to be stopped at a moment of a test's choosing.
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace peft::test {

class Process {
 public:
  // What it says, on stdout and stderr, is added to `log`.
  Process(std::vector<std::string> words, const std::filesystem::path& log) {
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (output < 0) throw std::runtime_error("cannot write " + log.string());
    id_ = ::fork();
    if (id_ < 0) throw std::runtime_error("cannot fork");
    if (id_ == 0) {
      ::dup2(output, STDOUT_FILENO);
      ::dup2(output, STDERR_FILENO);
      ::execv(arguments.front(), arguments.data());
      ::_exit(127);
    }
    ::close(output);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() {
    if (has_ended_) return;
    signal(SIGKILL);
    wait();
  }

  // Looks again and again. False where the program ended before, or nothing came for ten minutes: on a
  // machine whose processors are busy with other work, a step takes many seconds.
  bool wait_until(const std::function<bool()>& moment) {
    using clock = std::chrono::steady_clock;
    const auto patience = clock::now() + std::chrono::minutes(10);
    while (clock::now() < patience) {
      if (moment()) return true;
      if (has_ended()) return false;
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    return false;
  }

  void signal(int number) const {
    if (!has_ended_) ::kill(id_, number);
  }

  // Its exit code, or 128 + the signal that ended it.
  int wait() {
    if (!has_ended_) ::waitpid(id_, &status_, 0);
    has_ended_ = true;
    return WIFSIGNALED(status_) ? 128 + WTERMSIG(status_) : WEXITSTATUS(status_);
  }

 private:
  bool has_ended() {
    has_ended_ = has_ended_ || ::waitpid(id_, &status_, WNOHANG) == id_;
    return has_ended_;
  }

  pid_t id_ = -1;
  int status_ = 0;
  bool has_ended_ = false;
};

}  // namespace peft::test
