"""S3 as stock clients use it: bytes come back as they went in, whichever way they travelled."""
import hashlib
import io
import os
import subprocess
import tempfile
import shutil
import unittest
import urllib.error
import urllib.request
import uuid

from harness import CloudTest


class S3Test(CloudTest):
    def setUp(self):
        self.s3 = self.cloud.client("s3")
        self.bucket = "test-" + uuid.uuid4().hex
        self.s3.create_bucket(Bucket=self.bucket)

    def body(self, key, **kwargs):
        return self.s3.get_object(Bucket=self.bucket, Key=key, **kwargs)["Body"].read()

    def test_an_object_comes_back_with_what_it_was_given(self):
        content = os.urandom(300_000)
        put = self.s3.put_object(Bucket=self.bucket, Key="a b/ü+%?.bin", Body=content, ContentType="x/y", Metadata={"release": "1.0.0"}, CacheControl="no-store")
        self.assertEqual(put["ETag"], '"' + hashlib.md5(content).hexdigest() + '"')
        got = self.s3.get_object(Bucket=self.bucket, Key="a b/ü+%?.bin")
        self.assertEqual(got["Body"].read(), content)
        self.assertEqual((got["ContentType"], got["Metadata"], got["CacheControl"]), ("x/y", {"release": "1.0.0"}, "no-store"))
        self.assertEqual(self.s3.head_object(Bucket=self.bucket, Key="a b/ü+%?.bin")["ContentLength"], len(content))

    def test_ranges_and_conditions(self):
        etag = self.s3.put_object(Bucket=self.bucket, Key="k", Body=b"0123456789")["ETag"]
        self.assertEqual(self.body("k", Range="bytes=2-4"), b"234")
        self.assertEqual(self.body("k", Range="bytes=-3"), b"789")
        self.assertEqual(self.body("k", Range="bytes=8-"), b"89")
        self.assertEqual(self.s3.get_object(Bucket=self.bucket, Key="k", Range="bytes=2-4")["ContentRange"], "bytes 2-4/10")
        self.assert_error("InvalidRange", self.s3.get_object, Bucket=self.bucket, Key="k", Range="bytes=10-", status=416)
        self.assert_error("304", self.s3.get_object, Bucket=self.bucket, Key="k", IfNoneMatch=etag, status=304)
        self.assert_error("PreconditionFailed", self.s3.get_object, Bucket=self.bucket, Key="k", IfMatch='"other"', status=412)
        self.assert_error("PreconditionFailed", self.s3.put_object, Bucket=self.bucket, Key="k", Body=b"x", IfNoneMatch="*", status=412)
        self.assertEqual(self.body("k"), b"0123456789")

    def test_every_checksum_is_checked(self):
        for algorithm in ("CRC32", "SHA256", "SHA1"):
            put = self.s3.put_object(Bucket=self.bucket, Key=algorithm, Body=b"content", ChecksumAlgorithm=algorithm)
            got = self.s3.head_object(Bucket=self.bucket, Key=algorithm, ChecksumMode="ENABLED")
            self.assertEqual(got["Checksum" + algorithm], put["Checksum" + algorithm])
        self.assert_error("BadDigest", self.s3.put_object, Bucket=self.bucket, Key="bad", Body=b"content", ChecksumSHA256="A" * 43 + "=", status=400)
        self.assert_error("404", self.s3.head_object, Bucket=self.bucket, Key="bad", status=404)

    def test_a_stream_of_unknown_length_and_a_large_one(self):
        content = os.urandom(20 << 20)
        self.s3.upload_fileobj(io.BytesIO(content), self.bucket, "large")  # multipart by the SDK's own threshold
        self.assertTrue(self.s3.head_object(Bucket=self.bucket, Key="large")["ETag"].strip('"').endswith("-3"))
        out = io.BytesIO()
        self.s3.download_fileobj(self.bucket, "large", out)
        self.assertEqual(hashlib.sha256(out.getvalue()).digest(), hashlib.sha256(content).digest())

    def test_multipart_by_hand(self):
        upload = self.s3.create_multipart_upload(Bucket=self.bucket, Key="m")["UploadId"]
        parts = [os.urandom(5 << 20), b"tail"]
        done = [{"PartNumber": i + 1, "ETag": self.s3.upload_part(Bucket=self.bucket, Key="m", UploadId=upload, PartNumber=i + 1, Body=part)["ETag"]} for i, part in enumerate(parts)]
        self.assertEqual([p["PartNumber"] for p in self.s3.list_parts(Bucket=self.bucket, Key="m", UploadId=upload)["Parts"]], [1, 2])
        self.assert_error("404", self.s3.head_object, Bucket=self.bucket, Key="m")
        self.assert_error("InvalidPart", self.s3.complete_multipart_upload, Bucket=self.bucket, Key="m", UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": '"0"'}]})
        self.s3.complete_multipart_upload(Bucket=self.bucket, Key="m", UploadId=upload, MultipartUpload={"Parts": done})
        self.assertEqual(self.body("m"), b"".join(parts))
        other = self.s3.create_multipart_upload(Bucket=self.bucket, Key="m")["UploadId"]
        self.assertEqual(len(self.s3.list_multipart_uploads(Bucket=self.bucket)["Uploads"]), 1)
        self.s3.abort_multipart_upload(Bucket=self.bucket, Key="m", UploadId=other)
        self.assert_error("NoSuchUpload", self.s3.list_parts, Bucket=self.bucket, Key="m", UploadId=other, status=404)

    def test_lists_page_and_fold(self):
        for key in ("a", "b/1", "b/2", "c/x/1", "d e"):
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=b"")
        pages = list(self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, PaginationConfig={"PageSize": 2}))
        self.assertEqual([o["Key"] for p in pages for o in p.get("Contents", [])], ["a", "b/1", "b/2", "c/x/1", "d e"])
        folded = self.s3.list_objects_v2(Bucket=self.bucket, Delimiter="/")
        self.assertEqual([o["Key"] for o in folded["Contents"]], ["a", "d e"])
        self.assertEqual([p["Prefix"] for p in folded["CommonPrefixes"]], ["b/", "c/"])
        self.assertEqual([o["Key"] for o in self.s3.list_objects(Bucket=self.bucket, Prefix="b/")["Contents"]], ["b/1", "b/2"])

    def test_versions_are_kept(self):
        self.s3.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"})
        first = self.s3.put_object(Bucket=self.bucket, Key="k", Body=b"one")["VersionId"]
        self.s3.put_object(Bucket=self.bucket, Key="k", Body=b"two")
        self.assertEqual((self.body("k"), self.body("k", VersionId=first)), (b"two", b"one"))
        marker = self.s3.delete_object(Bucket=self.bucket, Key="k")
        self.assertTrue(marker["DeleteMarker"])
        self.assert_error("NoSuchKey", self.s3.get_object, Bucket=self.bucket, Key="k", status=404)
        self.assertEqual(self.body("k", VersionId=first), b"one")
        self.s3.delete_object(Bucket=self.bucket, Key="k", VersionId=marker["VersionId"])
        self.assertEqual(self.body("k"), b"two")

    def test_copy_and_delete_many(self):
        self.s3.put_object(Bucket=self.bucket, Key="from here", Body=b"x", Metadata={"a": "b"})
        self.s3.copy_object(Bucket=self.bucket, Key="to", CopySource={"Bucket": self.bucket, "Key": "from here"})
        self.assertEqual(self.s3.head_object(Bucket=self.bucket, Key="to")["Metadata"], {"a": "b"})
        self.assert_error("BucketNotEmpty", self.s3.delete_bucket, Bucket=self.bucket, status=409)
        answer = self.s3.delete_objects(Bucket=self.bucket, Delete={"Objects": [{"Key": "to"}, {"Key": "from here"}, {"Key": "never"}]})
        self.assertEqual(len(answer["Deleted"]), 3)
        self.s3.delete_bucket(Bucket=self.bucket)
        self.assert_error("404", self.s3.head_bucket, Bucket=self.bucket, status=404)

    def test_presigned_addresses_open_one_door(self):
        self.s3.put_object(Bucket=self.bucket, Key="k", Body=b"hello")
        from botocore.config import Config

        signer = self.cloud.client("s3", config=Config(signature_version="s3v4", s3={"addressing_style": "path"}))
        url = signer.generate_presigned_url("get_object", Params={"Bucket": self.bucket, "Key": "k"}, ExpiresIn=60)
        self.assertEqual(urllib.request.urlopen(url, timeout=10).read(), b"hello")
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(url.replace("/k?", "/other?"), timeout=10)
        self.assertEqual(refused.exception.code, 403)

    def test_errors_are_s3_s(self):
        self.assert_error("NoSuchBucket", self.s3.get_object, Bucket="no-such-bucket", Key="k", status=404)
        self.assert_error("NoSuchKey", self.s3.get_object, Bucket=self.bucket, Key="none", status=404)
        self.assert_error("InvalidAccessKeyId", self.cloud.client("s3", aws_access_key_id="AKIANOBODY").list_buckets, status=403)
        self.assert_error("SignatureDoesNotMatch", self.cloud.client("s3", aws_secret_access_key="wrong").list_buckets, status=403)
        self.assert_error("NotImplemented", self.s3.put_bucket_acl, Bucket=self.bucket, ACL="public-read", status=501)

    @unittest.skipUnless(shutil.which("aws"), "the AWS CLI is not on this machine")
    def test_the_command_line(self):
        with tempfile.TemporaryDirectory() as folder:
            source = os.path.join(folder, "bundle.zip")
            with open(source, "wb") as file:
                file.write(os.urandom(100_000))

            def aws(*arguments):
                done = subprocess.run(["aws", "s3", *arguments], capture_output=True, text=True, env=self.cloud.shell_env(), timeout=120)
                self.assertEqual(done.returncode, 0, done.stderr)
                return done.stdout

            aws("cp", source, f"s3://{self.bucket}/releases/")
            self.assertIn("bundle.zip", aws("ls", f"s3://{self.bucket}/releases/"))
            aws("cp", f"s3://{self.bucket}/releases/bundle.zip", source + ".back")
            with open(source, "rb") as a, open(source + ".back", "rb") as b:
                self.assertEqual(a.read(), b.read())
            aws("rm", f"s3://{self.bucket}", "--recursive")
            aws("rb", f"s3://{self.bucket}")

    def test_an_object_outlives_kill_nine(self):
        self.s3.put_object(Bucket=self.bucket, Key="k", Body=b"kept")
        self.cloud.kill()
        self.cloud.start()
        self.s3 = self.cloud.client("s3")
        self.assertEqual(self.body("k"), b"kept")


del CloudTest
