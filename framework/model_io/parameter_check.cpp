#include "model_io/parameter_check.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "peft/error.h"

namespace peft::host {
namespace {

// A wrong model gives hundreds of lines of one kind; the first few tell as much.
constexpr std::size_t longest_list = 20;

bool is_floating_point(ElementType type) {
  return type == ElementType::float64 || type == ElementType::float32 || type == ElementType::float16 ||
         type == ElementType::bfloat16;
}

bool same_values(const TensorView& a, const TensorView& b) {
  return a.type == b.type && a.shape == b.shape && a.bytes.size() == b.bytes.size() &&
         (a.bytes.empty() || std::memcmp(a.bytes.data(), b.bytes.data(), a.bytes.size()) == 0);
}

// The problems of one kind under a heading.
class Problems {
 public:
  explicit Problems(std::string heading) : heading_(std::move(heading)) {}

  void add(std::string line) { lines_.push_back(std::move(line)); }
  bool empty() const { return lines_.empty(); }

  std::string text() const {
    if (lines_.empty()) return {};
    std::string text = "\n  " + heading_ + " (" + std::to_string(lines_.size()) + "):";
    const std::size_t shown = std::min(lines_.size(), longest_list);
    for (std::size_t i = 0; i < shown; ++i) text += "\n    " + lines_[i];
    if (shown < lines_.size()) text += "\n    and " + std::to_string(lines_.size() - shown) + " more";
    return text;
  }

 private:
  std::string heading_;
  std::vector<std::string> lines_;
};

std::string wrong_shape(const ExpectedParameter& expected, const TensorView& tensor) {
  std::string line =
      tensor.name + ": found " + shape_text(tensor.shape) + ", expected " + shape_text(expected.shape);
  if (std::ranges::equal(tensor.shape, std::vector(expected.shape.rbegin(), expected.shape.rend()))) {
    line += " (transposed)";
  }
  return line;
}

}  // namespace

MatchedParameters check_parameters(const std::string& source, const std::vector<ExpectedParameter>& expected,
                                   const std::vector<TensorView>& tensors,
                                   const NameCanonicaliser& canonical_name) {
  Problems missing("missing");
  Problems unexpected("unexpected");
  Problems misshapen("of another shape");
  Problems mistyped("not floating-point");
  Problems ambiguous("different values for one parameter");

  std::map<std::string_view, const ExpectedParameter*> wanted;
  for (const ExpectedParameter& parameter : expected) wanted.emplace(parameter.name, &parameter);

  MatchedParameters matched;
  for (const TensorView& tensor : tensors) {
    const std::optional<std::string> name = canonical_name(tensor.name);
    if (!name) {
      matched.ignored.push_back(tensor.name);
      continue;
    }
    const auto parameter = wanted.find(*name);
    if (parameter == wanted.end()) {
      unexpected.add(tensor.name + " " + shape_text(tensor.shape));
      continue;
    }
    if (tensor.shape != parameter->second->shape) misshapen.add(wrong_shape(*parameter->second, tensor));
    if (!is_floating_point(tensor.type)) {
      mistyped.add(tensor.name + ": found " + std::string(peft::name(tensor.type)));
    }
    const auto [first, is_new] = matched.parameters.emplace(*name, tensor);
    if (is_new) continue;
    if (same_values(first->second, tensor)) {
      matched.ignored.push_back(tensor.name);
    } else {
      ambiguous.add(first->second.name + " and " + tensor.name + " both mean " + *name);
    }
  }
  for (const ExpectedParameter& parameter : expected) {
    if (!parameter.optional && !matched.parameters.contains(parameter.name)) {
      missing.add(parameter.name + " " + shape_text(parameter.shape));
    }
  }

  std::string problems;
  for (const Problems* each : {&missing, &unexpected, &misshapen, &mistyped, &ambiguous}) {
    problems += each->text();
  }
  if (!problems.empty()) {
    throw Error(source + ": the weights do not fit the model's parameters" + problems +
                "\n  check that config.json and the weights are of one model, of the recipe's model.family");
  }
  return matched;
}

}  // namespace peft::host
