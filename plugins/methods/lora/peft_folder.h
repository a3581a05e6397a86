// What HF PEFT calls things in a folder.
#pragma once

#include <string>
#include <string_view>

namespace peft::lora {

// "transformer.h.0.attn.c_attn", "lora_A.weight": as in adapter_model.safetensors.
inline std::string tensor_name(const std::string& hf_module, std::string_view tensor) {
  return "base_model.model." + hf_module + "." + std::string(tensor);
}

}  // namespace peft::lora
