"""ACM as the stock SDK sees it."""
import shutil
import tempfile

from certificates import Authority
from harness import CloudTest


class AcmTest(CloudTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = tempfile.mkdtemp(prefix="pds-acm-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.authority = Authority(cls.folder)

    def setUp(self):
        self.acm = self.cloud.client("acm")

    def test_a_certificate_lives_from_import_to_deletion(self):
        given = self.authority.as_import("a.example", "*.a.example", rsa=True)
        arn = self.acm.import_certificate(**given, Tags=[{"Key": "for", "Value": "test"}])["CertificateArn"]
        self.assertRegex(arn, r"^arn:aws:acm:us-east-1:\d{12}:certificate/[0-9a-f-]{36}$")
        detail = self.acm.describe_certificate(CertificateArn=arn)["Certificate"]
        self.assertEqual((detail["Status"], detail["Type"], detail["DomainName"]), ("ISSUED", "IMPORTED", "a.example"))
        self.assertEqual(detail["SubjectAlternativeNames"], ["a.example", "*.a.example"])
        self.assertEqual((detail["KeyAlgorithm"], detail["InUseBy"]), ("RSA_2048", []))
        self.assertLess(detail["NotBefore"], detail["NotAfter"])
        got = self.acm.get_certificate(CertificateArn=arn)
        self.assertEqual((got["Certificate"].encode(), got["CertificateChain"].encode()), (given["Certificate"], given["CertificateChain"]))
        self.assertIn(arn, [c["CertificateArn"] for c in self.acm.list_certificates()["CertificateSummaryList"]])
        self.acm.add_tags_to_certificate(CertificateArn=arn, Tags=[{"Key": "more", "Value": "1"}])
        self.acm.remove_tags_from_certificate(CertificateArn=arn, Tags=[{"Key": "for"}])
        self.assertEqual(self.acm.list_tags_for_certificate(CertificateArn=arn)["Tags"], [{"Key": "more", "Value": "1"}])
        self.acm.delete_certificate(CertificateArn=arn)
        self.assert_error("ResourceNotFoundException", self.acm.describe_certificate, CertificateArn=arn)

    def test_what_does_not_belong_together_is_not_imported(self):
        one, other = self.authority.as_import("one.example"), self.authority.as_import("other.example")
        self.assert_error("ValidationException", self.acm.import_certificate, **{**one, "PrivateKey": other["PrivateKey"]})
        self.assert_error("ValidationException", self.acm.import_certificate, Certificate=one["Certificate"], PrivateKey=one["PrivateKey"])
        self.assert_error("ValidationException", self.acm.import_certificate, **{**one, "Certificate": b"not a certificate"})

    def test_certificates_are_not_made_here(self):
        message = self.assert_error("NotImplemented", self.acm.request_certificate, DomainName="a.example", status=501)
        self.assertIn("RequestCertificate", message)
