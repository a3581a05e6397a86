#include "engine/metrics_log.h"

#include <sys/resource.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "base/files.h"
#include "base/json.h"
#include "peft/error.h"

namespace peft::host {

int64_t peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<int64_t>(usage.ru_maxrss) * 1024;
}

MetricsLog::MetricsLog(std::filesystem::path file, std::string text)
    : file_(std::move(file)), text_(std::move(text)) {
  write_file_atomically(file_, text_);
}

void MetricsLog::append(const std::string& line) {
  std::ofstream out(file_, std::ios::binary | std::ios::app);
  out << line << '\n';
  out.flush();
  if (!out) throw Error("cannot write " + file_.string() + ": " + std::strerror(errno));
  text_ += line + "\n";
}

bool MetricsLog::ends_in_evaluation() const {
  if (text_.empty()) return false;
  const size_t before = text_.rfind('\n', text_.size() - 2);
  const std::string line = text_.substr(before == std::string::npos ? 0 : before + 1);
  return parse_json(line).find("eval") != nullptr;
}

void MetricsLog::add(const StepLine& line) {
  Value value;
  value.set("step", line.step);
  value.set("epoch", line.epoch);
  value.set("loss", line.loss);
  value.set("learning_rate", line.learning_rate);
  value.set("tokens", line.tokens);
  value.set("tokens_per_second", line.tokens_per_second);
  value.set("seconds", line.seconds);
  value.set("peak_memory_bytes", line.peak_memory_bytes);
  value.set("grad_norm", line.gradient_norm);
  if (line.penalty) value.set("penalty", *line.penalty);
  append(dump_json(value));
}

void MetricsLog::add(int64_t step, const std::map<std::string, double>& figures) {
  Value::Map entries;
  for (const auto& [name, figure] : figures) entries.emplace_back(name, Value(figure));
  Value value;
  value.set("step", step);
  value.set("eval", std::move(entries));
  append(dump_json(value));
}

}  // namespace peft::host
