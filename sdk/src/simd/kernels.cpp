#include "simd/kernels.h"

#include <hwy/targets.h>

#include "simd/parts.h"

namespace peft::simd {

Kernels best_kernels(bool at_most_avx2) {
  hwy::DisableTargets(at_most_avx2 ? HWY_AVX3 : 0);
  hwy::GetChosenTarget().DeInit();  // so that the next call chooses anew
  Kernels kernels{};
  fill_row_kernels(kernels);
  fill_decoder_row_kernels(kernels);
  fill_attention_kernels(kernels);
  fill_few_rows_kernels(kernels);
  fill_low_rank_kernels(kernels);
  return kernels;
}

}  // namespace peft::simd
