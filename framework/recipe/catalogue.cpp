#include "recipe/catalogue.h"

namespace peft::host {

std::string_view kind_name(ComponentKind kind) {
  switch (kind) {
    case ComponentKind::method: return "method";
    case ComponentKind::model: return "model family";
    case ComponentKind::dataset: return "dataset";
    case ComponentKind::metric: return "metric";
    case ComponentKind::task: return "task";
  }
  return "component";
}

}  // namespace peft::host
