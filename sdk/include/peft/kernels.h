// Which implementations of the hot operations are in use. They are chosen by what the processor can do, never
// by timing: a run that is resumed on the same processor computes the same bits.
#pragma once

#include <string>
#include <string_view>

namespace peft {

// `wish` is empty for the best there is, or a list, separated by commas, of
//   plain      LibTorch's differentiable operations throughout; none of the below
//   no-simd    LibTorch's kernels in place of our vectorised ones
//   avx2       our vectorised ones, at most for AVX2
//   no-onednn  matrix products by LibTorch's BLAS
//   onednn     matrix products by oneDNN, whatever the processor
//   any-bf16   bfloat16 is computed in even where the processor has no instructions for it
// Throws `peft::UsageError` for a word that is none of these. Not while anything computes.
void choose_kernels(std::string_view wish);

// Such as "AVX3 kernels, oneDNN": stands in a run's log and in its checkpoints, for results depend on it.
std::string kernels_in_use();

// Whether this processor multiplies bfloat16 (AVX512-BF16, AMX or the Arm extension): without, it is slower
// than float32. True wherever `any-bf16` was wished for.
bool computes_bfloat16();

}  // namespace peft
