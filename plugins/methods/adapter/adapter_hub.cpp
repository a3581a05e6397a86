// Adapters in the format of AdapterHub's library, `adapters`, as it saves them with `use_safetensors=True`.
#include <algorithm>

#include "adapter_method.h"
#include "peft/error.h"

namespace peft::adapter {
namespace {

// The library's name for the module at a place. Each family has its own.
std::string hub_module(const ModelInfo& info, const ResidualSite& site) {
  if (info.family != "gpt2") {
    throw Error("where AdapterHub's library keeps the adapters of the model '" + info.family +
                "' is not known here; expected a model of the family gpt2");
  }
  const bool attention = site.place == ResidualPlace::after_attention;
  return "transformer.h." + std::to_string(site.layer) +
         (attention ? ".attention_adapters" : ".output_adapters");
}

// What decides what an adapter computes, with the option of ours that decides it.
struct Setting {
  const char* key;
  Value value;
  const char* option;
};

std::vector<Setting> settings(const Design& design) {
  const bool parallel = design.input == Input::residual;
  return {
      {"mh_adapter", design.after_attention, "kind"},
      {"output_adapter", true, "kind"},
      {"is_parallel", parallel, "kind"},
      {"original_ln_before", design.input == Input::sum, "kind"},
      {"original_ln_after", true, "kind"},
      {"residual_before_ln", true, "kind"},
      {"adapter_residual_before_ln", false, "kind"},
      {"ln_before", false, "kind"},
      {"ln_after", false, "kind"},
      {"use_gating", false, "kind"},
      {"phm_layer", false, "kind"},
      {"cross_adapter", false, "kind"},
      {"inv_adapter", Value(), "kind"},
      {"non_linearity", design.non_linearity, "non_linearity"},
      {"scaling", design.scale, "scale"},
  };
}

struct HubFolder {
  const Value& config;  // of the adapters alone
  std::string name;
};

HubFolder read_config(const PeftFolder& folder) {
  const Value* config = folder.config.find("config");
  const Value* name = folder.config.find("name");
  if (config == nullptr || !config->is_map() || name == nullptr || !name->is_text()) {
    throw Error(
        "the adapter's configuration lacks the map 'config' or the text 'name'; expected what "
        "AdapterHub's library saves");
  }
  return {.config = *config, .name = name->as_text()};
}

}  // namespace

std::vector<PeftTensor> AdapterMethod::hub_tensors(const Model& model, const std::string& name) const {
  std::vector<PeftTensor> tensors;
  for (const auto& [site, bottleneck] : places_) {
    const std::string stem = hub_module(model.info(), *site) + ".adapters." + name + ".";
    tensors.push_back({.name = stem + "adapter_down.0.weight", .into = bottleneck.down});
    tensors.push_back({.name = stem + "adapter_down.0.bias", .into = bottleneck.down_bias});
    tensors.push_back({.name = stem + "adapter_up.weight", .into = bottleneck.up});
    tensors.push_back({.name = stem + "adapter_up.bias", .into = bottleneck.up_bias});
  }
  return tensors;
}

PeftFolder AdapterMethod::to_peft(const Model& model, const MethodInstance& instance) const {
  PeftFolder folder;
  for (const PeftTensor& tensor : hub_tensors(model, instance.name)) {
    folder.tensors[tensor.name] = tensor.into.detach();
  }
  Value::List leave_out;
  for (int64_t layer = 0; layer < model.info().layers; ++layer) {
    const auto there =
        std::ranges::count_if(places_, [&](const Place& place) { return place.site->layer == layer; });
    if (there == 0) leave_out.emplace_back(layer);
    if (there == 1 && design_.after_attention) {
      throw Error("'leave_out' leaves out one of the two adapters of layer " + std::to_string(layer) +
                  ", and AdapterHub's format knows whole layers alone");
    }
  }
  Value config;
  for (const Setting& setting : settings(design_)) config.set(setting.key, setting.value);
  config.set("reduction_factor", design_.reduction_factor);
  config.set("init_weights", design_.starts_silent ? "mam_adapter" : "bert");
  config.set("leave_out", std::move(leave_out));
  config.set("dropout", options_.dropout);
  folder.config.set("peft_type", "ADAPTERHUB");
  folder.config.set("config", std::move(config));
  folder.config.set("hidden_size", model.info().hidden_size);
  folder.config.set("model_type", model.info().family);
  folder.config.set("name", instance.name);
  folder.config.set("version", "adapters.1.3.0");  // whose format this is
  return folder;
}

void AdapterMethod::from_peft(const PeftFolder& folder, const Model& model, MethodInstance&) const {
  const HubFolder hub = read_config(folder);
  for (const Setting& setting : settings(design_)) {
    // Older versions of the library had fewer settings, which were off.
    if (hub.config.find(setting.key) != nullptr) {
      expect_peft_setting(hub.config, setting.key, setting.value, setting.option);
    }
  }
  load_peft_tensors(folder, hub_tensors(model, hub.name));
}

Value AdapterMethod::options_of(const PeftFolder& folder, const Model& model) const {
  const Value& config = read_config(folder).config;
  const auto found = [&](const char* key) {
    const Value* value = config.find(key);
    return value == nullptr ? Value() : *value;
  };
  const bool after_attention = found("mh_adapter") == Value(true);
  Value options;
  options.set("kind", found("is_parallel") == Value(true) ? "parallel"
                      : after_attention                   ? "houlsby"
                                                          : "pfeiffer");
  options.set("reduction_factor", found("reduction_factor"));
  options.set("non_linearity", found("non_linearity"));
  options.set("scale", found("scaling"));

  Value::List leave_out;
  const Value layers = found("leave_out");
  for (const ResidualSite& site : model.sites().residuals) {
    if (layers.is_null() || (site.place == ResidualPlace::after_attention && !after_attention)) continue;
    const auto& left_out = layers.as_list();
    if (std::ranges::find(left_out, Value(site.layer)) != left_out.end()) leave_out.emplace_back(site.name);
  }
  options.set("leave_out", std::move(leave_out));
  return options;
}

}  // namespace peft::adapter
