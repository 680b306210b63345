// ACM: certificates that were imported, for the services that show them.
#pragma once

#include "cloud/certificates.h"
#include "cloud/core.h"
#include "cloud/master_key.h"
#include "cloud/services/acm/certificate.h"

namespace pds::cloud::acm {

class Acm final : public CloudService, public CertificateSource {
 public:
  // Certificates expire by `real_time`, whatever the control plane's clock says.
  Acm(Core& core, const MasterKey& master_key, const Clock& real_time);
  Api api() override;

  bool has_certificate(const std::string& certificate_arn) const override { return certificates_.contains(certificate_arn); }
  Result<http::TlsIdentity> certificate(const std::string& certificate_arn) const override;
  void set_user(CertificateUser* user) override { user_ = user; }

  Result<aws::acm::ImportCertificateReply> import_certificate(const Call&, const aws::acm::ImportCertificateRequest&);
  Result<aws::acm::DescribeCertificateReply> describe_certificate(const Call&, const aws::acm::DescribeCertificateRequest&);
  Result<aws::acm::GetCertificateReply> get_certificate(const Call&, const aws::acm::GetCertificateRequest&);
  Result<aws::acm::ListCertificatesReply> list_certificates(const Call&, const aws::acm::ListCertificatesRequest&);
  Result<aws::acm::DeleteCertificateReply> delete_certificate(const Call&, const aws::acm::DeleteCertificateRequest&);
  Result<aws::acm::AddTagsToCertificateReply> add_tags_to_certificate(const Call&, const aws::acm::AddTagsToCertificateRequest&);
  Result<aws::acm::RemoveTagsFromCertificateReply> remove_tags_from_certificate(const Call&,
                                                                                const aws::acm::RemoveTagsFromCertificateRequest&);
  Result<aws::acm::ListTagsForCertificateReply> list_tags_for_certificate(const Call&, const aws::acm::ListTagsForCertificateRequest&);

 private:
  Result<const CertificateRecord*> at(const std::string& arn) const;
  std::vector<std::string> users_of(const std::string& arn) const { return user_ ? user_->users_of(arn) : std::vector<std::string>(); }
  aws::acm::CertificateDetail describe(const CertificateRecord& record) const;
  std::string status_of(const http::CertificateFacts& facts) const;

  Core& core_;
  const Clock& real_time_;
  const std::string sealing_key_;
  Table<CertificateRecord> certificates_;   // by ARN
  CertificateUser* user_ = nullptr;
};

}  // namespace pds::cloud::acm
