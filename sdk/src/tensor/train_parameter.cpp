#include "peft/train_parameter.h"

#include <memory>
#include <utility>

namespace peft {
namespace {

class Override : public ParameterAttachment {
 public:
  explicit Override(at::Tensor tensor) : tensor_(std::move(tensor)) {}
  at::Tensor value(const at::Tensor&) const override { return tensor_; }

 private:
  at::Tensor tensor_;
};

}  // namespace

at::Tensor train_parameter(Attacher& attacher, ParameterSite& site) {
  const at::Tensor tensor =
      attacher.tensor(site.name, site.tensor.sizes().vec(), init::copy_of([&site] { return site.tensor; }),
                      {.decays = site.decays()});
  attacher.attach(site, std::make_unique<Override>(tensor));
  return tensor;
}

}  // namespace peft
