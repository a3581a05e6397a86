#include "peft/error.h"

namespace peft {

Error::~Error() = default;
UsageError::~UsageError() = default;

}  // namespace peft
