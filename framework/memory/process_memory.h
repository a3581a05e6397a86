// The memory of this process, as the system sees it. Bytes everywhere.
#pragma once

#include <cstdint>

namespace peft::host {

// What this process may use at most: the machine's memory, or less where its control group has a limit.
int64_t usable_memory();

// What is resident now, mapped files counted.
int64_t resident_memory();

// Gives memory that was freed back to the system where the allocator has kept it: what is resident is then
// what is in use.
void return_free_memory();

}  // namespace peft::host
