#include "tokenizer/model.h"

namespace peft::host {

Model::Workspace::~Workspace() = default;
Model::~Model() = default;

std::unique_ptr<Model::Workspace> Model::make_workspace() const {
  return std::make_unique<Workspace>();
}

}  // namespace peft::host
