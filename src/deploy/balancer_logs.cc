#include "deploy/balancer_logs.h"

#include <fmt/core.h>

#include <algorithm>

#include "aws/shapes/elbv2.h"
#include "aws/shapes/s3.h"
#include "aws/xml.h"
#include "base/text.h"
#include "oci/compression.h"

namespace pds::deploy {
namespace {

struct Place {
  std::string bucket, prefix;
};

io::Task<Result<Place>> place_of(aws::Client& client, const std::string& balancer_arn) {
  CO_TRY(auto attributes, co_await client.call<aws::elbv2::DescribeLoadBalancerAttributes>({balancer_arn}));
  Place place;
  bool enabled = false;
  for (const auto& attribute : attributes.attributes) {
    if (attribute.key == "access_logs.s3.enabled") enabled = attribute.value == "true";
    if (attribute.key == "access_logs.s3.bucket") place.bucket = attribute.value;
    if (attribute.key == "access_logs.s3.prefix") place.prefix = attribute.value;
  }
  if (!enabled) co_return fail("E_NOT_FOUND", "the balancer writes no access logs: its attribute access_logs.s3.enabled is false");
  if (!place.prefix.empty()) place.prefix += "/";
  co_return place;
}

io::Task<Result<std::string>> get(aws::Client& client, std::string target) {
  http::Request request;
  request.head.method = "GET";
  request.head.target = std::move(target);
  CO_TRY(http::Response response, co_await client.send_signed(aws::s3::service_info(), std::move(request)));
  if (response.head.status < 300) co_return std::move(response.body);
  aws::XmlElement said = aws::parse_xml(response.body).value_or(aws::XmlElement{});
  co_return fail(std::string(said.text_of("Code")), std::string(said.text_of("Message")), response.head.status);
}

// Keys end in times and the folders are dates: their order is that of time.
io::Task<Result<std::vector<std::string>>> newest_files(aws::Client& client, Place place, std::string balancer, size_t files) {
  std::vector<std::string> keys;
  std::string token;
  for (size_t page = 0; page < log_listing_pages_max; ++page) {
    std::string query = "?list-type=2&prefix=" + percent_encode(place.prefix + "AWSLogs/") + (token.empty() ? "" : "&continuation-token=" + percent_encode(token));
    CO_TRY(std::string listing, co_await get(client, "/" + place.bucket + query));
    CO_TRY(aws::XmlElement document, aws::parse_xml(listing));
    for (const aws::XmlElement& element : document.children) {
      std::string key(element.name == "Contents" ? element.text_of("Key") : "");
      if (key.ends_with(".log.gz") && key.find("_" + balancer + "_") != std::string::npos) keys.push_back(std::move(key));
    }
    token = document.text_of("NextContinuationToken");
    if (token.empty()) break;
  }
  std::sort(keys.begin(), keys.end());
  if (keys.size() > files) keys.erase(keys.begin(), keys.end() - static_cast<std::ptrdiff_t>(files));
  co_return keys;
}

}  // namespace

Result<std::vector<std::string>> lines_of_log_file(std::string bytes) {
  bool compressed = bytes.starts_with("\x1f\x8b");
  oci::ByteSource plain = oci::decompressed(compressed ? oci::Compression::gzip : oci::Compression::none,
                                            [left = std::string_view(bytes)](std::span<char> into) mutable -> Result<size_t> {
                                              size_t size = left.copy(into.data(), into.size());
                                              left.remove_prefix(size);
                                              return size;
                                            });
  std::string text;
  char piece[16384];
  while (true) {
    TRY(size_t size, plain(piece));
    if (size == 0) break;
    text.append(piece, size);
    if (text.size() > log_file_bytes_max) return fail("E_TOO_LARGE", fmt::format("a log file has more than {} bytes", log_file_bytes_max));
  }
  std::vector<std::string> lines;
  for (std::string_view line : split(text, '\n'))
    if (!line.empty()) lines.emplace_back(line);
  return lines;
}

io::Task<Result<std::vector<std::string>>> read_balancer_logs(aws::Client& client, std::string balancer_arn, size_t files) {
  CO_TRY(Place place, co_await place_of(client, balancer_arn));
  std::string balancer = balancer_arn.substr(balancer_arn.find("loadbalancer/") + 13);  // "app/web/50dc..." is "app.web.50dc..." in keys
  std::replace(balancer.begin(), balancer.end(), '/', '.');
  CO_TRY(std::vector<std::string> keys, co_await newest_files(client, place, balancer, files));
  std::vector<std::string> lines;
  for (const std::string& key : keys) {
    CO_TRY(std::string bytes, co_await get(client, "/" + place.bucket + "/" + percent_encode(key, true)));
    CO_TRY(std::vector<std::string> more, lines_of_log_file(std::move(bytes)));
    lines.insert(lines.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
  co_return lines;
}

}  // namespace pds::deploy
