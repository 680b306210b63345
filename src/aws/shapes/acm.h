// ACM 2015-12-08: imported certificates.
#pragma once

#include "aws/shape.h"
#include "aws/unsupported.h"

namespace pds::aws::acm {

inline const ServiceInfo& service_info() {
  static const ServiceInfo info{.signing_name = "acm",
                                .id = "ACM",
                                .protocol = Protocol::json,
                                .version = "2015-12-08",
                                .target_prefix = "CertificateManager",
                                .json_version = "1.1",
                                .endpoint_prefix = "acm"};
  return info;
}

struct Tag {
  std::string key;
  std::optional<std::string> value;
};
PDS_WIRE_SHAPE(Tag, FIELD(key, "Key").required().bounds(1, 128), FIELD(value, "Value").bounds(0, 256))

struct ImportCertificateRequest {
  std::optional<std::string> certificate_arn;
  Blob certificate, private_key;
  std::optional<Blob> certificate_chain;
  std::vector<Tag> tags;
};
PDS_WIRE_SHAPE(ImportCertificateRequest, FIELD(certificate_arn, "CertificateArn").bounds(20, 2048),
               FIELD(certificate, "Certificate").required().bounds(1, 32768),
               FIELD(private_key, "PrivateKey").required().sensitive().bounds(1, 5120),
               FIELD(certificate_chain, "CertificateChain").bounds(1, 2097152), FIELD(tags, "Tags"))

struct ImportCertificateReply {
  std::string certificate_arn;
};
PDS_WIRE_SHAPE(ImportCertificateReply, FIELD(certificate_arn, "CertificateArn"))

PDS_OPERATION(ImportCertificate)

struct CertificateArnRequest {
  std::string certificate_arn;
};
PDS_WIRE_SHAPE(CertificateArnRequest, FIELD(certificate_arn, "CertificateArn").required().bounds(20, 2048))

struct KeyUsage {
  std::string name;
};
PDS_WIRE_SHAPE(KeyUsage, FIELD(name, "Name"))

struct ExtendedKeyUsage {
  std::string name;
};
PDS_WIRE_SHAPE(ExtendedKeyUsage, FIELD(name, "Name"))

struct CertificateOptions {
  std::string certificate_transparency_logging_preference;
};
PDS_WIRE_SHAPE(CertificateOptions, FIELD(certificate_transparency_logging_preference, "CertificateTransparencyLoggingPreference"))

struct CertificateDetail {
  std::string certificate_arn, domain_name;
  std::vector<std::string> subject_alternative_names;
  std::string serial, subject, issuer;
  std::optional<Timestamp> created_at, imported_at;
  std::string status;
  std::optional<Timestamp> not_before, not_after;
  std::string key_algorithm, signature_algorithm;
  std::vector<std::string> in_use_by;
  std::string type;
  std::vector<KeyUsage> key_usages;
  std::vector<ExtendedKeyUsage> extended_key_usages;
  std::string renewal_eligibility;
  CertificateOptions options;
};
PDS_WIRE_SHAPE(CertificateDetail, FIELD(certificate_arn, "CertificateArn"), FIELD(domain_name, "DomainName"),
               FIELD(subject_alternative_names, "SubjectAlternativeNames"), FIELD(serial, "Serial"), FIELD(subject, "Subject"),
               FIELD(issuer, "Issuer"), FIELD(created_at, "CreatedAt"), FIELD(imported_at, "ImportedAt"), FIELD(status, "Status"),
               FIELD(not_before, "NotBefore"), FIELD(not_after, "NotAfter"), FIELD(key_algorithm, "KeyAlgorithm"),
               FIELD(signature_algorithm, "SignatureAlgorithm"), FIELD(in_use_by, "InUseBy"), FIELD(type, "Type"),
               FIELD(key_usages, "KeyUsages"), FIELD(extended_key_usages, "ExtendedKeyUsages"),
               FIELD(renewal_eligibility, "RenewalEligibility"), FIELD(options, "Options"))

using DescribeCertificateRequest = CertificateArnRequest;

struct DescribeCertificateReply {
  CertificateDetail certificate;
};
PDS_WIRE_SHAPE(DescribeCertificateReply, FIELD(certificate, "Certificate"))

PDS_OPERATION(DescribeCertificate)

using GetCertificateRequest = CertificateArnRequest;

struct GetCertificateReply {
  std::string certificate;
  std::optional<std::string> certificate_chain;
};
PDS_WIRE_SHAPE(GetCertificateReply, FIELD(certificate, "Certificate"), FIELD(certificate_chain, "CertificateChain"))

PDS_OPERATION(GetCertificate)

struct Filters {
  std::vector<std::string> key_types, key_usage, extended_key_usage;
  std::optional<Unsupported> managed_by, export_option;
};
PDS_WIRE_SHAPE(Filters, FIELD(key_types, "keyTypes"), FIELD(key_usage, "keyUsage"), FIELD(extended_key_usage, "extendedKeyUsage"),
               FIELD(managed_by, "managedBy"), FIELD(export_option, "exportOption"))

struct ListCertificatesRequest {
  std::vector<std::string> certificate_statuses;
  std::optional<Filters> includes;
  std::optional<std::string> next_token;
  std::optional<int> max_items;
  std::optional<std::string> sort_by, sort_order;
};
PDS_WIRE_SHAPE(ListCertificatesRequest, FIELD(certificate_statuses, "CertificateStatuses"), FIELD(includes, "Includes"),
               FIELD(next_token, "NextToken").bounds(1, 10000), FIELD(max_items, "MaxItems").bounds(1, 1000), FIELD(sort_by, "SortBy"),
               FIELD(sort_order, "SortOrder"))

struct CertificateSummary {
  std::string certificate_arn, domain_name;
  std::vector<std::string> subject_alternative_name_summaries;
  bool has_additional_subject_alternative_names = false;
  std::string status, type, key_algorithm;
  std::vector<std::string> key_usages, extended_key_usages;
  bool in_use = false;
  std::string renewal_eligibility;
  std::optional<Timestamp> not_before, not_after, created_at, imported_at;
};
PDS_WIRE_SHAPE(CertificateSummary, FIELD(certificate_arn, "CertificateArn"), FIELD(domain_name, "DomainName"),
               FIELD(subject_alternative_name_summaries, "SubjectAlternativeNameSummaries"),
               FIELD(has_additional_subject_alternative_names, "HasAdditionalSubjectAlternativeNames"), FIELD(status, "Status"),
               FIELD(type, "Type"), FIELD(key_algorithm, "KeyAlgorithm"), FIELD(key_usages, "KeyUsages"),
               FIELD(extended_key_usages, "ExtendedKeyUsages"), FIELD(in_use, "InUse"),
               FIELD(renewal_eligibility, "RenewalEligibility"), FIELD(not_before, "NotBefore"), FIELD(not_after, "NotAfter"),
               FIELD(created_at, "CreatedAt"), FIELD(imported_at, "ImportedAt"))

struct ListCertificatesReply {
  std::optional<std::string> next_token;
  std::vector<CertificateSummary> certificate_summary_list;
};
PDS_WIRE_SHAPE(ListCertificatesReply, FIELD(next_token, "NextToken"), FIELD(certificate_summary_list, "CertificateSummaryList"))

PDS_OPERATION(ListCertificates)

using DeleteCertificateRequest = CertificateArnRequest;
using DeleteCertificateReply = Empty;
PDS_OPERATION(DeleteCertificate)

struct CertificateTagsRequest {
  std::string certificate_arn;
  std::vector<Tag> tags;
};
PDS_WIRE_SHAPE(CertificateTagsRequest, FIELD(certificate_arn, "CertificateArn").required().bounds(20, 2048),
               FIELD(tags, "Tags").required().bounds(1, 50))

using AddTagsToCertificateRequest = CertificateTagsRequest;
using AddTagsToCertificateReply = Empty;
PDS_OPERATION(AddTagsToCertificate)

using RemoveTagsFromCertificateRequest = CertificateTagsRequest;
using RemoveTagsFromCertificateReply = Empty;
PDS_OPERATION(RemoveTagsFromCertificate)

using ListTagsForCertificateRequest = CertificateArnRequest;

struct ListTagsForCertificateReply {
  std::vector<Tag> tags;
};
PDS_WIRE_SHAPE(ListTagsForCertificateReply, FIELD(tags, "Tags"))

PDS_OPERATION(ListTagsForCertificate)

}  // namespace pds::aws::acm
