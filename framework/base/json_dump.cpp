#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.h"

namespace peft::host {
namespace {

class Dumper {
 public:
  Dumper(int indent, std::string& out) : indent_(indent), out_(out) {}

  void dump(const Value& value, int level = 0) {
    switch (value.type()) {
      case Value::Type::null: out_ += "null"; break;
      case Value::Type::boolean: out_ += value.as_boolean() ? "true" : "false"; break;
      case Value::Type::integer: out_ += std::to_string(value.as_integer()); break;
      case Value::Type::number: out_ += nlohmann::json(value.as_number()).dump(); break;
      case Value::Type::text: dump_text(value.as_text()); break;
      case Value::Type::list: dump_list(value.as_list(), level); break;
      case Value::Type::map: dump_map(value.as_map(), level); break;
    }
  }

 private:
  void dump_text(const std::string& text) {
    const bool plain = std::all_of(text.begin(), text.end(), [](char byte) {
      return byte >= ' ' && byte < 0x7f && byte != '"' && byte != '\\';
    });
    if (plain) {
      out_.append(1, '"').append(text).append(1, '"');
      return;
    }
    out_ += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }

  void dump_list(const Value::List& list, int level) {
    out_ += '[';
    for (size_t i = 0; i < list.size(); ++i) {
      separate(i, level + 1);
      dump(list[i], level + 1);
    }
    close(list.empty(), level, ']');
  }

  void dump_map(const Value::Map& map, int level) {
    out_ += '{';
    for (size_t i = 0; i < map.size(); ++i) {
      separate(i, level + 1);
      dump_text(map[i].first);
      out_ += ": ";
      dump(map[i].second, level + 1);
    }
    close(map.empty(), level, '}');
  }

  void separate(size_t index, int level) {
    if (index > 0) out_ += indent_ > 0 ? "," : ", ";
    new_line(level);
  }

  void close(bool empty, int level, char bracket) {
    if (!empty) new_line(level);
    out_ += bracket;
  }

  void new_line(int level) {
    if (indent_ > 0) out_.append(1, '\n').append(static_cast<size_t>(indent_ * level), ' ');
  }

  int indent_;
  std::string& out_;
};

}  // namespace

std::string dump_json(const Value& value, int indent) {
  std::string out;
  Dumper(indent, out).dump(value);
  return out;
}

}  // namespace peft::host
