#include "cli/verb_options.h"

#include <boost/program_options.hpp>

#include <algorithm>
#include <charconv>
#include <iostream>
#include <utility>

#include "base/suggest.h"
#include "cli/text_table.h"
#include "peft/error.h"

namespace po = boost::program_options;

namespace peft::host {
namespace {

constexpr const char* positional_name = "words";

std::string as_flag_name(std::string name) {
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

// A word as a recipe would read it: an integer, a number or a text.
Value value_of(const std::string& word) {
  const char* end = word.data() + word.size();
  int64_t integer = 0;
  if (const auto [rest, fault] = std::from_chars(word.data(), end, integer);
      fault == std::errc() && rest == end) {
    return integer;
  }
  double number = 0;
  if (const auto [rest, fault] = std::from_chars(word.data(), end, number);
      fault == std::errc() && rest == end) {
    return number;
  }
  return word;
}

// Exactly what is described, nothing abbreviated: a prefix that is unique today may not be tomorrow.
constexpr int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;

}  // namespace

VerbOptions::VerbOptions(const Invocation& invocation) : invocation_(invocation) {
  texts("plugin-dir", "DIR", plugin_folders, "another folder with plugins (also: PEFT_PLUGIN_PATH)");
}

void VerbOptions::flag(std::string_view name, bool& target, std::string_view doc) {
  options_.push_back({std::string(name), "", std::string(doc),
                      [&target](const std::vector<std::string>&) { target = true; }});
}

void VerbOptions::text(std::string_view name, std::string_view placeholder,
                       std::optional<std::string>& target, std::string_view doc) {
  options_.push_back({std::string(name), std::string(placeholder), std::string(doc),
                      [&target](const std::vector<std::string>& given) { target = given.front(); }});
}

void VerbOptions::texts(std::string_view name, std::string_view placeholder, std::vector<std::string>& target,
                        std::string_view doc) {
  options_.push_back({std::string(name), std::string(placeholder), std::string(doc),
                      [&target](const std::vector<std::string>& given) { target = given; }, true});
}

void VerbOptions::value(const OptionSpec& spec, Value& target) {
  const std::string name = as_flag_name(spec.name);
  if (spec.type == OptionType::text_list) {
    const auto assign_all = [&target, spec](const std::vector<std::string>& given) {
      target.set(spec.name, Value::List(given.begin(), given.end()));
    };
    options_.push_back({name, "TEXT", spec.doc + "; may be given several times", assign_all, true});
    return;
  }
  const auto assign = [&target, spec, name](const std::vector<std::string>& given) {
    std::string problem;
    std::optional<Value> converted = spec.convert(value_of(given.front()), problem);
    if (!converted) throw UsageError("--" + name + ": " + problem);
    target.set(spec.name, std::move(*converted));
  };
  options_.push_back({name, spec.type == OptionType::integer ? "N" : "X", spec.doc, assign});
}

std::optional<std::vector<std::string>> VerbOptions::parse() {
  po::options_description described;
  po::options_description_easy_init add = described.add_options();
  add("help,h", "");
  std::vector<std::string> names = {"--help"};
  for (const Option& option : options_) {
    names.push_back("--" + option.name);
    if (option.placeholder.empty()) {
      add(option.name.c_str(), "");
    } else if (option.repeatable) {
      add(option.name.c_str(), po::value<std::vector<std::string>>(), "");
    } else {
      add(option.name.c_str(), po::value<std::string>(), "");
    }
  }
  add(positional_name, po::value<std::vector<std::string>>(), "");
  po::positional_options_description positional;
  positional.add(positional_name, -1);

  const std::string advice = "; see 'peft-host " + std::string(invocation_.verb->name) + " --help'";
  po::variables_map found;
  try {
    po::store(po::command_line_parser(invocation_.words)
                  .options(described)
                  .positional(positional)
                  .style(style)
                  .run(),
              found);
  } catch (const po::unknown_option& error) {
    const std::string name = error.get_option_name();
    const std::string nearest = did_you_mean(name, names);
    throw UsageError("unknown option '" + name + "'" + (nearest.empty() ? advice : nearest));
  } catch (const po::error& error) {
    throw UsageError(error.what() + advice);
  }

  if (found.count("help") > 0) {
    show_help();
    return std::nullopt;
  }
  for (const Option& option : options_) {
    if (found.count(option.name) == 0) continue;
    const boost::any& given = found[option.name].value();
    if (option.placeholder.empty()) {
      option.assign({});
    } else if (option.repeatable) {
      option.assign(boost::any_cast<const std::vector<std::string>&>(given));
    } else {
      option.assign({boost::any_cast<const std::string&>(given)});
    }
  }
  if (found.count(positional_name) == 0) return std::vector<std::string>();
  return found[positional_name].as<std::vector<std::string>>();
}

void VerbOptions::show_help() const {
  std::vector<std::pair<std::string, std::string>> lines;
  for (const Option& option : options_) {
    lines.emplace_back("--" + option.name + (option.placeholder.empty() ? "" : " " + option.placeholder),
                       option.doc);
  }
  std::rotate(lines.begin(), lines.begin() + 1, lines.end());  // what all verbs have comes last
  lines.emplace_back("--help", "this text");
  std::cout << "usage: peft-host " << invocation_.verb->usage << "\n\n"
            << invocation_.verb->summary << "\n\n"
            << aligned_pairs(lines, 2);
  if (!remark_.empty()) std::cout << "\n" << remark_ << "\n";
}

}  // namespace peft::host
