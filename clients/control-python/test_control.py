"""boto3's client of Aurora DSQL, where the environment says it is."""

import json
import unittest

import boto3
import botocore
from botocore.config import Config
from botocore.exceptions import ClientError

QUICK = {"Delay": 1, "MaxAttempts": 60}


class Control(unittest.TestCase):
    def setUp(self):
        self.dsql = boto3.client("dsql")

    def refusal(self, call, **arguments):
        """The whole answer of a call that is refused."""
        with self.assertRaises(ClientError) as caught:
            call(**arguments)
        return caught.exception.response

    def create(self, **arguments):
        """A cluster's identifier, once it is active; it is deleted after the test."""
        made = self.dsql.create_cluster(**arguments)
        identifier = made["identifier"]
        self.addCleanup(self.delete, identifier)
        self.dsql.get_waiter("cluster_active").wait(identifier=identifier, WaiterConfig=QUICK)
        return identifier

    def delete(self, identifier):
        try:
            self.dsql.update_cluster(identifier=identifier, deletionProtectionEnabled=False)
            self.dsql.delete_cluster(identifier=identifier)
        except self.dsql.exceptions.ResourceNotFoundException:
            return
        self.dsql.get_waiter("cluster_not_exists").wait(
            identifier=identifier, WaiterConfig=QUICK
        )

    def test_a_clusters_life(self):
        made = self.dsql.create_cluster(tags={"Name": "shop", "ünïcode": "ß /+=@"})
        identifier = made["identifier"]
        self.assertRegex(identifier, "^[a-z0-9]{26}$")
        self.assertEqual(made["status"], "CREATING")
        self.assertTrue(made["deletionProtectionEnabled"])
        self.dsql.get_waiter("cluster_active").wait(identifier=identifier, WaiterConfig=QUICK)
        got = self.dsql.get_cluster(identifier=identifier)
        self.assertEqual(got["status"], "ACTIVE")
        self.assertEqual(got["arn"], made["arn"])
        self.assertEqual(got["creationTime"], made["creationTime"])
        self.assertEqual(got["tags"], {"Name": "shop", "ünïcode": "ß /+=@"})
        self.assertEqual(got["encryptionDetails"]["encryptionType"], "AWS_OWNED_KMS_KEY")
        self.assertTrue(got["endpoint"].startswith(identifier + ".dsql."))

        refused = self.refusal(self.dsql.delete_cluster, identifier=identifier)
        self.assertEqual(refused["ResponseMetadata"]["HTTPStatusCode"], 400)
        self.assertEqual(refused["Error"]["Code"], "ValidationException")
        self.assertEqual(refused["reason"], "deletionProtectionEnabled")

        self.dsql.update_cluster(identifier=identifier, deletionProtectionEnabled=False)
        self.assertFalse(
            self.dsql.get_cluster(identifier=identifier)["deletionProtectionEnabled"]
        )
        deleted = self.dsql.delete_cluster(identifier=identifier)
        self.assertEqual(deleted["status"], "DELETING")
        self.dsql.get_waiter("cluster_not_exists").wait(
            identifier=identifier, WaiterConfig=QUICK
        )
        gone = self.refusal(self.dsql.get_cluster, identifier=identifier)
        self.assertEqual(gone["ResponseMetadata"]["HTTPStatusCode"], 404)
        self.assertEqual(gone["resourceId"], identifier)
        self.assertEqual(gone["resourceType"], "cluster")

    def test_a_client_token_makes_one_cluster(self):
        identifier = self.create(clientToken="once")
        again = self.dsql.create_cluster(clientToken="once")
        self.assertEqual(again["identifier"], identifier)
        refused = self.refusal(self.dsql.create_cluster, clientToken="once", tags={"a": "b"})
        self.assertEqual(refused["Error"]["Code"], "ConflictException")

    def test_lists_in_pages(self):
        made = {self.create() for _ in range(3)}
        pages = list(
            self.dsql.get_paginator("list_clusters").paginate(PaginationConfig={"PageSize": 2})
        )
        listed = [cluster["identifier"] for page in pages for cluster in page["clusters"]]
        self.assertEqual(len(listed), len(set(listed)))
        self.assertLessEqual(made, set(listed))
        self.assertTrue(all(len(page["clusters"]) <= 2 for page in pages))

    def test_tags(self):
        identifier = self.create()
        arn = self.dsql.get_cluster(identifier=identifier)["arn"]
        self.dsql.tag_resource(resourceArn=arn, tags={"a": "1", "b / c": "2"})
        self.dsql.tag_resource(resourceArn=arn, tags={"a": "3", "d": ""})
        tags = self.dsql.list_tags_for_resource(resourceArn=arn)["tags"]
        self.assertEqual(tags, {"a": "3", "b / c": "2", "d": ""})
        self.dsql.untag_resource(resourceArn=arn, tagKeys=["a", "b / c"])
        self.assertEqual(self.dsql.get_cluster(identifier=identifier)["tags"], {"d": ""})

    def test_policies(self):
        identifier = self.create()
        policy = json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"AWS": "*"},
                        "Action": "dsql:*",
                        "Resource": "*",
                    }
                ],
            }
        )
        put = self.dsql.put_cluster_policy(identifier=identifier, policy=policy)
        got = self.dsql.get_cluster_policy(identifier=identifier)
        self.assertEqual((got["policy"], got["policyVersion"]), (policy, put["policyVersion"]))
        refused = self.refusal(
            self.dsql.put_cluster_policy,
            identifier=identifier,
            policy=policy,
            expectedPolicyVersion="77",
        )
        self.assertEqual(refused["Error"]["Code"], "ConflictException")
        self.dsql.delete_cluster_policy(
            identifier=identifier, expectedPolicyVersion=put["policyVersion"]
        )
        refused = self.refusal(self.dsql.get_cluster_policy, identifier=identifier)
        self.assertEqual(refused["Error"]["Code"], "ResourceNotFoundException")

    def test_what_is_unsupported_or_wrong_is_a_validation_exception(self):
        for call, arguments in (
            (self.dsql.create_cluster, {"multiRegionProperties": {"witnessRegion": "us-west-2"}}),
            (self.dsql.create_cluster, {"kmsEncryptionKey": "arn:aws:kms:us-east-1:1:key/k"}),
            (self.dsql.get_vpc_endpoint_service_name, {"identifier": "a" * 26}),
            (self.dsql.get_cluster, {"identifier": "A" * 26}),
        ):
            self.assertEqual(
                self.refusal(call, **arguments)["Error"]["Code"], "ValidationException", call
            )
        refused = self.refusal(self.dsql.create_cluster, tags={"aws:x": "y"})
        self.assertEqual(refused["reason"], "fieldValidationFailed")
        self.assertEqual([field["name"] for field in refused["fieldList"]], ["tags"])

    def test_who_does_not_prove_who_it_is_is_refused(self):
        key = boto3.Session().get_credentials().access_key
        messages = set()
        for client in (
            boto3.client("dsql", config=Config(signature_version=botocore.UNSIGNED)),
            boto3.client("dsql", aws_access_key_id=key, aws_secret_access_key="wrong"),
            boto3.client("dsql", aws_access_key_id="AKIANOBODY", aws_secret_access_key="x"),
        ):
            for refused in (
                self.refusal(client.list_clusters),
                self.refusal(client.get_cluster, identifier="a" * 26),
                self.refusal(client.create_cluster),
            ):
                self.assertEqual(refused["ResponseMetadata"]["HTTPStatusCode"], 403)
                self.assertEqual(refused["Error"]["Code"], "AccessDeniedException")
                messages.add(refused["Error"]["Message"])
        self.assertEqual(len(messages), 1)

    def test_a_body_changed_on_the_way_is_refused(self):
        identifier = self.create()

        def change(request, **_):
            assert b"false" in request.body
            request.body = request.body.replace(b"false", b" true")

        client = boto3.client("dsql")
        client.meta.events.register("before-send.dsql.UpdateCluster", change)
        refused = self.refusal(
            client.update_cluster, identifier=identifier, deletionProtectionEnabled=False
        )
        self.assertEqual(refused["ResponseMetadata"]["HTTPStatusCode"], 403)


if __name__ == "__main__":
    unittest.main()
