// A plugin that registers as it should, and whose factories all fail, or what they make does, each in its own
// way.
#include <stdexcept>

#include "peft/error.h"
#include "peft/plugin.h"

namespace {

// Made well, and then does not get onto the model.
template <class Thrown>
class Slips : public peft::Method {
 public:
  explicit Slips(Thrown thrown) : thrown_(std::move(thrown)) {}
  void attach(peft::Attacher&) override { throw thrown_; }

 private:
  Thrown thrown_;
};

using Factory = std::unique_ptr<peft::Method> (*)(const peft::Value&);

void register_bad_factories(peft::Registry& registry) {
  const auto add = [&](const char* name, Factory create) {
    registry.add(peft::MethodDescriptor{
        .name = name, .summary = "cannot be made", .paper = "", .options = {}, .create = create});
  };
  add("throws_std", [](const peft::Value&) -> std::unique_ptr<peft::Method> {
    throw std::out_of_range("there is no layer 99");
  });
  add("throws_int", [](const peft::Value&) -> std::unique_ptr<peft::Method> { throw 42; });
  add("throws_usage", [](const peft::Value&) -> std::unique_ptr<peft::Method> {
    throw peft::UsageError("found rank 9, expected one that divides 8");
  });
  add("attach_throws_std", [](const peft::Value&) -> std::unique_ptr<peft::Method> {
    return std::make_unique<Slips<std::out_of_range>>(std::out_of_range("there is no layer 99"));
  });
  add("attach_throws_int",
      [](const peft::Value&) -> std::unique_ptr<peft::Method> { return std::make_unique<Slips<int>>(42); });
  add("returns_null", [](const peft::Value&) -> std::unique_ptr<peft::Method> { return nullptr; });
}

}  // namespace

PEFT_PLUGIN("bad_factories", "1.0.0", register_bad_factories)
