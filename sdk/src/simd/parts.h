// The parts that the table of kernels is put together from, each for the instruction set in use.
#pragma once

#include "simd/kernels.h"

namespace peft::simd {

void fill_row_kernels(Kernels& kernels);
void fill_decoder_row_kernels(Kernels& kernels);
void fill_attention_kernels(Kernels& kernels);
void fill_few_rows_kernels(Kernels& kernels);
void fill_low_rank_kernels(Kernels& kernels);

}  // namespace peft::simd
