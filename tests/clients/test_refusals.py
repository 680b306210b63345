"""What is not done is refused with 501, by the service's name as its users know it and the operation's name as AWS's reference has it."""
import http.client
import urllib.parse

from harness import CloudTest


class RefusalTest(CloudTest):
    def assert_refused(self, text, service, operation, **arguments):
        with self.subTest(operation=operation):
            message = self.assert_error("NotImplemented", getattr(self.cloud.client(service), operation), status=501, **arguments)
            self.assertEqual(message, f"{text} is not implemented by this cloud")

    def test_each_protocol_names_service_and_operation(self):
        self.assert_refused("CloudWatch: DescribeAlarms", "cloudwatch", "describe_alarms")
        self.assert_refused("CloudWatch Logs: StartQuery", "logs", "start_query", logGroupName="g", startTime=0, endTime=1, queryString="fields @message")
        self.assert_refused("ECR: StartImageScan", "ecr", "start_image_scan", repositoryName="some", imageId={"imageTag": "1"})
        self.assert_refused("EC2: DescribeNatGateways", "ec2", "describe_nat_gateways")
        self.assert_refused("Elastic Load Balancing v2: GetTrustStoreCaCertificatesBundle", "elbv2", "get_trust_store_ca_certificates_bundle", TrustStoreArn="arn:x")
        self.assert_refused("IAM: CreateGroup", "iam", "create_group", GroupName="g")

    def test_rest_operations_are_named_though_their_requests_do_not_name_them(self):
        self.assert_refused("Lambda: ListLayers", "lambda", "list_layers")
        self.assert_refused("Lambda: GetLayerVersionByArn", "lambda", "get_layer_version_by_arn", Arn="arn:aws:lambda:us-east-1:000000000000:layer:l:1")
        self.assert_refused("Lambda: CreateEventSourceMapping", "lambda", "create_event_source_mapping", FunctionName="f", EventSourceArn="arn:aws:sqs:us-east-1:0:q")
        self.assert_refused("Lambda: PutProvisionedConcurrencyConfig", "lambda", "put_provisioned_concurrency_config", FunctionName="f", Qualifier="1",
                            ProvisionedConcurrentExecutions=1)
        self.assert_refused("S3: PutBucketAcl", "s3", "put_bucket_acl", Bucket="some", ACL="private")
        self.assert_refused("S3: GetObjectTagging", "s3", "get_object_tagging", Bucket="some", Key="k")
        self.assert_refused("S3: ListBucketMetricsConfigurations", "s3", "list_bucket_metrics_configurations", Bucket="some")
        self.assert_refused("S3: GetBucketMetricsConfiguration", "s3", "get_bucket_metrics_configuration", Bucket="some", Id="i")

    def test_a_service_that_is_not_here_is_named_by_its_signature(self):
        self.assert_refused("dynamodb: ListTables", "dynamodb", "list_tables")
        self.assert_refused("sqs: ListQueues", "sqs", "list_queues")
        self.assert_refused("sns: ListTopics", "sns", "list_topics")
        self.assert_refused("elasticloadbalancing, version 2012-06-01: DescribeLoadBalancers", "elb", "describe_load_balancers")

    def test_an_operation_of_s3_that_is_not_done_never_becomes_one_that_is(self):
        """A query parameter that means another operation does not store an object or make a bucket."""
        s3 = self.cloud.client("s3")
        s3.create_bucket(Bucket="refusals")
        for method, path, operation in (("PUT", "/refusals/new?renameObject", "RenameObject"), ("PUT", "/other?abac", "PutBucketAbac")):
            with self.subTest(operation=operation):
                url = urllib.parse.urlparse(s3.generate_presigned_url("put_object", Params={"Bucket": "refusals", "Key": "new"}))
                status, body = self.send_signed(method, f"{url.scheme}://{url.netloc}{path}")
                self.assertEqual(status, 501, body)
                self.assertIn(operation.encode(), body)
        self.assertNotIn("Contents", s3.list_objects_v2(Bucket="refusals"))
        self.assertEqual([bucket["Name"] for bucket in s3.list_buckets()["Buckets"]], ["refusals"])

    def send_signed(self, method, url):
        from botocore.auth import S3SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials

        request = AWSRequest(method=method, url=url, data=b"")
        S3SigV4Auth(Credentials(self.cloud.env["AWS_ACCESS_KEY_ID"], self.cloud.env["AWS_SECRET_ACCESS_KEY"]), "s3", "us-east-1").add_auth(request)
        place = urllib.parse.urlparse(url)
        connection = http.client.HTTPConnection(place.hostname, place.port, timeout=30)
        self.addCleanup(connection.close)
        connection.request(method, f"{place.path}?{place.query}", b"", dict(request.headers))
        answer = connection.getresponse()
        return answer.status, answer.read()


del CloudTest  # the loader would run it by itself
