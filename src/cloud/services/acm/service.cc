#include "cloud/services/acm/service.h"

#include "base/text.h"

namespace pds::cloud::acm {

Acm::Acm(Core& core, const MasterKey& master_key, const Clock& real_time)
    : core_(core),
      real_time_(real_time),
      sealing_key_(master_key.derive("acm private keys")),
      certificates_(core.store, core.table("acm", "certificates")) {}

Result<http::TlsIdentity> Acm::certificate(const std::string& certificate_arn) const {
  TRY(const CertificateRecord* record, at(certificate_arn));
  TRY(std::string sealed, from_base64(record->sealed_key));
  TRY(std::string key, open_sealed(sealing_key_, sealed, record->arn));
  std::string separator = record->certificate_pem.ends_with('\n') ? "" : "\n";
  return http::TlsIdentity{record->arn, record->certificate_pem + separator + record->chain_pem, std::move(key)};
}

namespace {

// What a policy is asked about.
template <class Request>
std::string named_certificate(const Call&, const void* request) {
  return static_cast<const Request*>(request)->certificate_arn;
}

}  // namespace

Api Acm::api() {
  namespace wire = aws::acm;
  Api api(wire::service_info());
  api.add<wire::AddTagsToCertificate>(this, &Acm::add_tags_to_certificate).resource =
      named_certificate<wire::AddTagsToCertificateRequest>;
  api.add<wire::DeleteCertificate>(this, &Acm::delete_certificate).resource = named_certificate<wire::DeleteCertificateRequest>;
  api.add<wire::DescribeCertificate>(this, &Acm::describe_certificate).resource = named_certificate<wire::DescribeCertificateRequest>;
  api.add<wire::GetCertificate>(this, &Acm::get_certificate).resource = named_certificate<wire::GetCertificateRequest>;
  api.add<wire::ImportCertificate>(this, &Acm::import_certificate).resource = [](const Call&, const void* request) {
    return static_cast<const wire::ImportCertificateRequest*>(request)->certificate_arn.value_or("*");
  };
  api.add<wire::ListCertificates>(this, &Acm::list_certificates);
  api.add<wire::ListTagsForCertificate>(this, &Acm::list_tags_for_certificate).resource =
      named_certificate<wire::ListTagsForCertificateRequest>;
  api.add<wire::RemoveTagsFromCertificate>(this, &Acm::remove_tags_from_certificate).resource =
      named_certificate<wire::RemoveTagsFromCertificateRequest>;
  return api;
}

}  // namespace pds::cloud::acm
