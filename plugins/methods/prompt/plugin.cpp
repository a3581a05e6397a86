#include "peft/plugin.h"
#include "prompt_method.h"

namespace {

void register_prompt(peft::Registry& registry) {
  registry.add(peft::MethodDescriptor{.name = "prompt",
                                      .summary = "learned embeddings in front of each sequence",
                                      .paper = "Lester et al. 2021, arXiv:2104.08691",
                                      .options = peft::prompt::prompt_options().table(),
                                      .create = [](const peft::Value& options) {
                                        return std::make_unique<peft::prompt::PromptMethod>(
                                            peft::prompt::prompt_options().read(options));
                                      }});
}

}  // namespace

PEFT_PLUGIN("prompt", "1.0.0", register_prompt)
