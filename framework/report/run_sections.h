// The parts of a run's page. A part of which nothing is recorded is empty.
#pragma once

#include "report/html.h"
#include "report/run_record.h"

namespace peft::host {

// What the run is, how far it came, what is damaged, and its figures at a glance.
Html run_head(const RunRecord& record);
Html run_results(const RunRecord& record);
Html run_samples(const RunRecord& record);
Html run_curves(const RunRecord& record);
// The methods with their options and the parameters each has.
Html run_methods(const RunRecord& record);
// How to repeat the run, the resolved recipe, and the plugins it was made with.
Html run_repeat(const RunRecord& record);

}  // namespace peft::host
