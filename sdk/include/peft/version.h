// What a plugin is compiled against.
#pragma once

// Raised with every change that an already built plugin cannot survive.
#define PEFT_SDK_NUMBER 3

// GCC and Clang on Linux share the Itanium C++ ABI; its major revision (10xx since GCC 4).
#define PEFT_COMPILER_ABI (__GXX_ABI_VERSION / 100)

// A hash of the SDK's headers, defined by the build (`peft_add_plugin`).
#ifndef PEFT_SDK_HEADER_HASH
#define PEFT_SDK_HEADER_HASH "unknown"
#endif
