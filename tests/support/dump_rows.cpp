// dump_rows FILE [COLUMN…]: each row of a data file as a line of JSON, or the wanted columns of it.
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "base/json.h"
#include "records/records.h"

int main(int argc, char** argv) {
  using namespace peft::host;
  if (argc < 2) {
    std::cerr << "usage: dump_rows FILE [COLUMN…]\n";
    return 2;
  }
  try {
    ReadOptions options;
    if (argc > 2) options.columns = std::vector<std::string>(argv + 2, argv + argc);
    const auto reader = open_records(argv[1], options);
    for (peft::Value row; reader->next(row);) std::cout << dump_json(row) << '\n';
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << '\n';
    return 1;
  }
}
