// Where a plugin says what it brings. Registration is explicit: the host calls the plugin's function once,
// after the handshake.
#pragma once

#include "peft/dataset.h"
#include "peft/method.h"
#include "peft/metric.h"
#include "peft/model.h"
#include "peft/task.h"

namespace peft {

class Registry {
 public:
  virtual ~Registry();
  // A name already taken within its kind is an error that names both plugin files.
  virtual void add(MethodDescriptor method) = 0;
  virtual void add(ModelFamilyDescriptor family) = 0;
  virtual void add(DatasetDescriptor dataset) = 0;
  virtual void add(MetricDescriptor metric) = 0;
  virtual void add(TaskDescriptor task) = 0;
};

}  // namespace peft
