// A plugin's factory whose failures name the plugin: whatever it throws, and a null result, become
// `peft::Error`.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "peft/error.h"

namespace peft::host {

// Who is to blame: "method 'lora'", and "plugin lora 1.0.0 (/usr/lib/peft/plugins/lora.so)".
struct FactoryOwner {
  std::string component;
  std::string plugin;
};

template <class Product, class... Args>
std::function<std::unique_ptr<Product>(Args...)> guarded(
    std::function<std::unique_ptr<Product>(Args...)> create, FactoryOwner owner) {
  return [create = std::move(create), owner = std::move(owner)](Args... args) {
    const auto fail = [&](const std::string& what) -> Error {
      return Error(owner.component + " of " + owner.plugin + " cannot be made: " + what);
    };
    std::unique_ptr<Product> product;
    try {
      product = create(std::forward<Args>(args)...);
    } catch (const UsageError& mistake) {  // the user's, not the plugin's
      throw UsageError(owner.component + ": " + mistake.what());
    } catch (const std::exception& failure) {
      throw fail(failure.what());
    } catch (...) {
      throw fail("it threw something that is not a std::exception; this is a fault of the plugin");
    }
    if (product == nullptr) throw fail("its factory returned nothing; this is a fault of the plugin");
    return product;
  };
}

}  // namespace peft::host
