// peft-plugin-manifest LIBRARY.so [MANIFEST.json]: loads a plugin just as the host does and writes what it
// says of itself, by default beside it. A plugin that the host would refuse is refused here, with the same
// words: when it is built, not when it is used.
#include <filesystem>
#include <iostream>

#include "base/files.h"
#include "base/json.h"
#include "plugin/load_plugin.h"

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::cerr << "usage: peft-plugin-manifest LIBRARY.so [MANIFEST.json]\n";
    return 2;
  }
  try {
    const std::filesystem::path library = std::filesystem::canonical(argv[1]);
    const std::filesystem::path manifest = argc == 3 ? argv[2] : peft::host::manifest_path(library);
    const peft::Value content = to_value(peft::host::load_plugin(library).manifest);
    // Absolute, for a durable write wants the folder's name too.
    peft::host::write_file_atomically(std::filesystem::absolute(manifest),
                                      peft::host::dump_json(content, 2) + "\n");
    return 0;
  } catch (const std::exception& problem) {
    std::cerr << "peft-plugin-manifest: error: " << problem.what() << "\n";
    return 1;
  }
}
