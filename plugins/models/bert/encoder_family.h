// A family of encoders, told from others by its description alone.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "encoder.h"
#include "peft/head.h"
#include "peft/model.h"

namespace peft::bert {

class EncoderFamily : public ModelFamily {
 public:
  using Describe = EncoderDescription (*)(const Value& config);
  explicit EncoderFamily(Describe describe) : describe_(describe) {}

  ModelPlan plan(const Value& config) const override {
    const EncoderDescription encoder = describe_(config);
    return {
        .info = model_info(encoder), .parameters = parameters(encoder, labels_of(config)), .config = config};
  }

  std::unique_ptr<Model> build(const ModelPlan& plan, const BaseTensors& tensors) const override {
    return std::make_unique<Encoder>(describe_(plan.config), tensors);
  }

  std::optional<std::string> canonical_name(const ModelPlan& plan, std::string_view found) const override {
    return bert::canonical_name(describe_(plan.config), found);
  }

 private:
  Describe describe_;
};

}  // namespace peft::bert
