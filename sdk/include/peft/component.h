// The root of everything a plugin makes.
#pragma once

#include <string_view>

namespace peft {

// An object made by a plugin and owned by the host. Plugins are never unloaded, so it may outlive everything
// but the process.
//
// What a class can do beyond its virtual functions is found by `query`: new capabilities are new interfaces
// with an id of their own, never a new virtual function in an existing class, so that an old plugin keeps
// working with a new host.
class Component {
 public:
  Component() = default;
  Component(const Component&) = delete;
  Component& operator=(const Component&) = delete;
  virtual ~Component();

  // A pointer to the interface called `id` (each interface states its own as a constant `id`), or null where
  // it is not implemented. The pointer lives as long as the component.
  virtual void* query(std::string_view id) noexcept;
};

// The interface `Interface` of a component, or null.
template <class Interface>
Interface* query(Component& component) {
  return static_cast<Interface*>(component.query(Interface::id));
}

}  // namespace peft
