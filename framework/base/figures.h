// Numbers as people read them.
#pragma once

#include <cstdint>
#include <string>

namespace peft::host {

std::string with_separators(int64_t number);        // "1,769,472"
std::string share_of(int64_t part, int64_t whole);  // "0.50 %"; "-" of nothing
std::string duration(double seconds);               // "0:42", "1:02:07"; "-" where it is not known
std::string figure(double value);                   // "31.2046", "1.2000e-05"; "-" for NaN
std::string signed_figure(double value);            // "+0.5000"

}  // namespace peft::host
