// Lines about work under way, as both observers show them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "engine/engine.h"

namespace peft::host {

std::string step_count(const StepLine& line);    // "step 120/600"
std::string step_figures(const StepLine& line);  // "epoch 0.60  loss 2.3456  3,210 tokens/s  ETA 4:32"
std::string evaluation_line(int64_t step, const std::map<std::string, double>& figures);
std::string warning_line(const std::string& text);                               // "peft-host: warning: …"
std::string progress_count(std::string_view what, int64_t done, int64_t total);  // "tokenising 120/5,000"
std::string transfer_amount(const TransferLine& line);  // "fetching gpt2 12 MB of 548 MB"
std::string transfer_speed(const TransferLine& line);   // "35 MB/s  ETA 0:15"; empty where it is not known
// "[=====>    ]", `width` columns in all; empty where that is too few to say anything.
std::string bar(int64_t done, int64_t total, size_t width);

}  // namespace peft::host
