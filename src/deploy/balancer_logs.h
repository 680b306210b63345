// The balancer's access logs, read back from the bucket that its attributes name.
#pragma once

#include <string>
#include <vector>

#include "aws/client.h"

namespace pds::deploy {

inline constexpr size_t log_file_bytes_max = 64u << 20;  // of one file, decompressed
inline constexpr size_t log_listing_pages_max = 100;     // of a thousand files each

// Lines of the newest `files` log files, oldest first. E_NOT_FOUND when the balancer writes none; an empty list when none was
// delivered yet.
io::Task<Result<std::vector<std::string>>> read_balancer_logs(aws::Client& client, std::string balancer_arn, size_t files);

// Whole lines of a log file's bytes, gzip or plain. E_LAYER_INVALID, E_TOO_LARGE.
Result<std::vector<std::string>> lines_of_log_file(std::string bytes);

}  // namespace pds::deploy
