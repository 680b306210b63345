// _X_AMZN_TRACE_ID: by Lambda's convention the variable names the trace of the invocation that goes on, for whoever looks there.
#pragma once

#include <string_view>

namespace pds::podinfo {

// Empty, or longer than any id is: the variable is not there. Other threads may read the environment meanwhile, other variables of it.
void set_trace_variable(std::string_view trace_id);

}  // namespace pds::podinfo
