// A base in this process, and what is stacked on it.
#pragma once

#include <ATen/core/grad_mode.h>

#include <optional>
#include <string>
#include <vector>

#include "engine/adapter_stack.h"
#include "support/engine_tool.h"

namespace peft::test {

struct OpenStack {
  explicit OpenStack(const std::string& run)
      : catalogue(host::find_plugins({PEFT_BUILT_PLUGINS})), plugins(catalogue) {
    recipe = *host::load_recipe(run + "/recipe.yaml", {}, catalogue, {.needs_data = false}).recipe;
    host::resolve_environment(recipe);
    session = host::open_base(recipe, plugins);
    stack.emplace(recipe, session, plugins);
  }

  void use(const std::vector<host::AdapterChoice>& adapters) { stack->use(adapters, observer); }

  at::Tensor logits() {
    const at::NoGradGuard no_grad;
    EncodedExample example;
    example.inputs.emplace_back().ids = {5, 17, 300, 42, 8000, 7};
    const Batch batch = pack({&example}, at::kCPU);
    ForwardOptions options;
    options.sets = stack->active();
    Forward forward(session.model(), batch, options);
    return forward.linear(*session.model().language_head(),
                          session.model().hidden(forward).index_select(0, forward.real_rows()));
  }

  host::PluginCatalogue catalogue;
  host::PluginSet plugins;
  host::SilentObserver observer;
  host::Recipe recipe;
  host::Session session;
  std::optional<host::AdapterStack> stack;
};

}  // namespace peft::test
