// An adapter set: the methods of a recipe (or of a saved adapter) as they stand on a model, with their
// tensors.
//
// Several sets may stand on one base; a forward names those that act. The base alone, a tuned model, a stack
// of two adapters and a frozen reference policy are all the same model with other sets named.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace peft {

class Method;

// A tensor of a method: trained, or only saved with it (`trained` false: a shared random projection, say).
struct MethodTensor {
  std::string name;   // "h.3.attn.qkv.A"; unique within its method
  at::Tensor tensor;  // a leaf; requires a gradient where trained
  bool trained = true;
  bool decays = true;  // AdamW's weight decay applies where the recipe sets one
  double learning_rate_scale = 1.0;
};

// One method of a set.
struct MethodInstance {
  std::string name;    // from the recipe: `name:`, else the plugin's name
  std::string plugin;  // "lora"
  std::unique_ptr<Method> method;
  std::deque<MethodTensor> tensors;  // in the order of declaration; addresses do not change
  int64_t prefix_length = 0;         // virtual tokens in front of keys and values
  int64_t prompt_length = 0;         // virtual tokens in front of the embeddings
  // What the recipe's reserved keys say; the optimiser's own values where absent.
  bool trainable = true;
  double learning_rate = -1.0;  // below zero: the run's
  double weight_decay = -1.0;   // below zero: the run's
};

class AdapterSet {
 public:
  explicit AdapterSet(std::string name);
  ~AdapterSet();
  AdapterSet(const AdapterSet&) = delete;
  AdapterSet& operator=(const AdapterSet&) = delete;

  const std::string& name() const { return name_; }
  std::deque<MethodInstance>& methods() { return methods_; }
  const std::deque<MethodInstance>& methods() const { return methods_; }

  int64_t prefix_length() const;
  int64_t prompt_length() const;
  int64_t virtual_tokens() const { return prefix_length() + prompt_length(); }
  // Elements of trained tensors of trainable methods.
  int64_t trained_elements() const;

 private:
  std::string name_;
  std::deque<MethodInstance> methods_;
};

// A set that acts in a forward, and how much: by 1 as it was trained, by 0.5 with half of what it changes.
// Virtual tokens cannot be there by half: a set that has some acts by 1.
struct ActiveSet {
  // Implicit: most sets act as they are.
  ActiveSet(const AdapterSet* active, double strength = 1.0) : set(active), weight(strength) {}
  const AdapterSet* set;
  double weight;
};

}  // namespace peft
