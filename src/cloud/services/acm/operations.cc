#include <fmt/format.h>

#include <algorithm>

#include "aws/arn.h"
#include "aws/paging.h"
#include "base/text.h"
#include "cloud/services/acm/service.h"

namespace pds::cloud::acm {

namespace wire = aws::acm;

namespace {

constexpr int page_size_default = 100;
constexpr size_t summarised_names_max = 100;

Result<void> take_tags(std::map<std::string, std::string>& tags, const std::vector<wire::Tag>& given) {
  for (const wire::Tag& tag : given) {
    if (tag.key.starts_with("aws:")) return fail("InvalidTagException", "Tag keys that begin with \"aws:\" are reserved.");
    tags[tag.key] = tag.value.value_or("");
  }
  if (tags.size() > tags_max) return fail("TooManyTagsException", fmt::format("A certificate has at most {} tags.", tags_max));
  return {};
}

bool any_of(const std::vector<std::string>& wanted, const std::vector<std::string>& there) {
  return std::any_of(wanted.begin(), wanted.end(), [&](const std::string& one) {
    return one == "ANY" || std::find(there.begin(), there.end(), one) != there.end();
  });
}

// As AWS has it, RSA keys of up to 2048 bits only, unless the caller names kinds of keys.
bool included(const http::CertificateFacts& facts, const std::optional<wire::Filters>& filters) {
  static const std::vector<std::string> default_kinds = {"RSA_1024", "RSA_2048"};
  const std::vector<std::string>& kinds = filters && !filters->key_types.empty() ? filters->key_types : default_kinds;
  if (std::find(kinds.begin(), kinds.end(), facts.key_algorithm) == kinds.end()) return false;
  if (!filters) return true;
  return (filters->key_usage.empty() || any_of(filters->key_usage, facts.key_usages)) &&
         (filters->extended_key_usage.empty() || any_of(filters->extended_key_usage, facts.extended_key_usages));
}

http::CertificateFacts facts_of(const CertificateRecord& record) {
  Result<http::CertificateFacts> facts = http::read_certificate(record.certificate_pem);
  ASSERT(facts.has_value());  // checked when it was imported
  return *std::move(facts);
}

}  // namespace

Result<const CertificateRecord*> Acm::at(const std::string& arn) const {
  if (const CertificateRecord* record = certificates_.find(arn)) return record;
  Result<aws::Arn> parsed = aws::parse_arn(arn);
  if (!parsed || parsed->service != "acm" || !parsed->resource.starts_with("certificate/"))
    return fail("InvalidArnException", fmt::format("'{}' is not the ARN of a certificate.", arn));
  return fail("ResourceNotFoundException", fmt::format("Could not find certificate {}.", arn));
}

std::string Acm::status_of(const http::CertificateFacts& facts) const {
  return real_time_.now() < facts.not_after ? "ISSUED" : "EXPIRED";
}

wire::CertificateDetail Acm::describe(const CertificateRecord& record) const {
  http::CertificateFacts facts = facts_of(record);
  wire::CertificateDetail detail;
  detail.certificate_arn = record.arn, detail.domain_name = domain_name_of(facts);
  detail.subject_alternative_names = facts.dns_names;
  detail.serial = facts.serial, detail.subject = facts.subject, detail.issuer = facts.issuer_organisation;
  detail.created_at = record.created, detail.imported_at = record.imported;
  detail.status = status_of(facts);
  detail.not_before = facts.not_before, detail.not_after = facts.not_after;
  detail.key_algorithm = facts.key_algorithm, detail.signature_algorithm = facts.signature_algorithm;
  detail.in_use_by = users_of(record.arn);
  detail.type = "IMPORTED", detail.renewal_eligibility = "INELIGIBLE";
  for (const std::string& name : facts.key_usages) detail.key_usages.push_back({name});
  for (const std::string& name : facts.extended_key_usages) detail.extended_key_usages.push_back({name});
  detail.options.certificate_transparency_logging_preference = "DISABLED";
  return detail;
}

Result<wire::ImportCertificateReply> Acm::import_certificate(const Call&, const wire::ImportCertificateRequest& request) {
  Import import{request.certificate.bytes, request.private_key.bytes, request.certificate_chain ? request.certificate_chain->bytes : ""};
  const CertificateRecord* before = nullptr;
  if (request.certificate_arn) {
    TRY(before, at(*request.certificate_arn));
    if (!request.tags.empty()) return fail("ValidationException", "Tags cannot be given when a certificate is imported again.");
  } else if (certificates_.size() >= certificates_max) {
    return fail("LimitExceededException", fmt::format("There are at most {} certificates.", certificates_max));
  }
  TRY(http::CertificateFacts facts, check_import(import, real_time_.now()));
  if (before) CHECK(check_replacement(facts_of(*before), facts));

  CertificateRecord record = before ? *before : CertificateRecord{};
  if (!before) {
    record.arn = core_.arn("acm", "certificate/" + core_.random.uuid());
    record.created = core_.clock.now();
    CHECK(take_tags(record.tags, request.tags));
  }
  record.imported = core_.clock.now();
  record.certificate_pem = std::move(import.certificate_pem), record.chain_pem = std::move(import.chain_pem);
  record.sealed_key = to_base64(seal(sealing_key_, core_.random.bytes(12), import.key_pem, record.arn));
  std::string arn = record.arn;
  certificates_.put(arn, std::move(record));
  if (before && user_) user_->certificate_changed(arn);
  return wire::ImportCertificateReply{arn};
}

Result<wire::DescribeCertificateReply> Acm::describe_certificate(const Call&, const wire::DescribeCertificateRequest& request) {
  TRY(const CertificateRecord* record, at(request.certificate_arn));
  return wire::DescribeCertificateReply{describe(*record)};
}

Result<wire::GetCertificateReply> Acm::get_certificate(const Call&, const wire::GetCertificateRequest& request) {
  TRY(const CertificateRecord* record, at(request.certificate_arn));
  wire::GetCertificateReply reply{record->certificate_pem, std::nullopt};
  if (!record->chain_pem.empty()) reply.certificate_chain = record->chain_pem;
  return reply;
}

Result<wire::ListCertificatesReply> Acm::list_certificates(const Call&, const wire::ListCertificatesRequest& request) {
  if (request.includes) {
    if (auto found = aws::find_unsupported(shape_of(static_cast<const wire::Filters*>(nullptr)), &*request.includes))
      return fail("NotImplemented", "ListCertificates: the filter " + *found + " is not supported", 501);
  }
  if (request.sort_by && *request.sort_by != "CREATED_AT") return fail("ValidationException", "SortBy must be CREATED_AT.");
  std::string order = request.sort_order.value_or("ASCENDING");
  if (order != "ASCENDING" && order != "DESCENDING") return fail("ValidationException", "SortOrder must be ASCENDING or DESCENDING.");

  wire::ListCertificatesReply reply;
  for (const auto& [arn, record] : certificates_.rows()) {
    http::CertificateFacts facts = facts_of(record);
    std::string status = status_of(facts);
    const auto& statuses = request.certificate_statuses;
    if (!statuses.empty() && std::find(statuses.begin(), statuses.end(), status) == statuses.end()) continue;
    if (!included(facts, request.includes)) continue;
    wire::CertificateSummary summary;
    summary.certificate_arn = arn, summary.domain_name = domain_name_of(facts);
    summary.subject_alternative_name_summaries = facts.dns_names;
    if (facts.dns_names.size() > summarised_names_max) {
      summary.subject_alternative_name_summaries.resize(summarised_names_max);
      summary.has_additional_subject_alternative_names = true;
    }
    summary.status = status, summary.type = "IMPORTED", summary.renewal_eligibility = "INELIGIBLE";
    summary.key_algorithm = facts.key_algorithm;
    summary.key_usages = facts.key_usages, summary.extended_key_usages = facts.extended_key_usages;
    summary.in_use = !users_of(arn).empty();
    summary.not_before = facts.not_before, summary.not_after = facts.not_after;
    summary.created_at = record.created, summary.imported_at = record.imported;
    reply.certificate_summary_list.push_back(std::move(summary));
  }
  // The ARN settles ties, and the key grows in the order of the pages.
  auto key_of = [&](const wire::CertificateSummary& s) {
    int64_t micros = s.created_at->time_since_epoch().count();
    return fmt::format("{:020}/{}", order == "ASCENDING" ? micros : INT64_MAX - micros, s.certificate_arn);
  };
  std::sort(reply.certificate_summary_list.begin(), reply.certificate_summary_list.end(),
            [&](const auto& a, const auto& b) { return key_of(a) < key_of(b); });
  TRY(reply.next_token, aws::cut_page(reply.certificate_summary_list, request.next_token, request.max_items.value_or(0),
                                      page_size_default, key_of, "ValidationException"));
  return reply;
}

Result<wire::DeleteCertificateReply> Acm::delete_certificate(const Call&, const wire::DeleteCertificateRequest& request) {
  TRY(const CertificateRecord* record, at(request.certificate_arn));
  if (std::vector<std::string> users = users_of(record->arn); !users.empty())
    return fail("ResourceInUseException", fmt::format("Certificate {} in account {} is in use by {}.", record->arn, core_.account, users[0]));
  certificates_.erase(request.certificate_arn);
  return wire::DeleteCertificateReply{};
}

Result<wire::AddTagsToCertificateReply> Acm::add_tags_to_certificate(const Call&, const wire::AddTagsToCertificateRequest& request) {
  TRY(const CertificateRecord* record, at(request.certificate_arn));
  std::map<std::string, std::string> tags = record->tags;
  CHECK(take_tags(tags, request.tags));
  certificates_.update(request.certificate_arn, [&](CertificateRecord& r) { r.tags = std::move(tags); });
  return wire::AddTagsToCertificateReply{};
}

// A tag given with a value goes only when it has that value.
Result<wire::RemoveTagsFromCertificateReply> Acm::remove_tags_from_certificate(const Call&,
                                                                               const wire::RemoveTagsFromCertificateRequest& request) {
  CHECK(at(request.certificate_arn));
  certificates_.update(request.certificate_arn, [&](CertificateRecord& record) {
    for (const wire::Tag& tag : request.tags) {
      auto found = record.tags.find(tag.key);
      if (found != record.tags.end() && (!tag.value || *tag.value == found->second)) record.tags.erase(found);
    }
  });
  return wire::RemoveTagsFromCertificateReply{};
}

Result<wire::ListTagsForCertificateReply> Acm::list_tags_for_certificate(const Call&,
                                                                         const wire::ListTagsForCertificateRequest& request) {
  TRY(const CertificateRecord* record, at(request.certificate_arn));
  wire::ListTagsForCertificateReply reply;
  for (const auto& [key, value] : record->tags) reply.tags.push_back({key, value});
  return reply;
}

}  // namespace pds::cloud::acm
