// AWS's SDK for JavaScript, where the environment says that Aurora DSQL is.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CreateClusterCommand,
  CreateStreamCommand,
  DSQLClient,
  DeleteClusterCommand,
  GetClusterCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateClusterCommand,
  paginateListClusters,
  waitUntilClusterActive,
  waitUntilClusterNotExists,
} from "@aws-sdk/client-dsql";

const client = new DSQLClient({});
const waiting = { client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 };

// A cluster's identifier, once it is active; it is deleted after the test.
async function create(t, input = {}) {
  const { identifier } = await client.send(new CreateClusterCommand(input));
  t.after(() => remove(identifier));
  await waitUntilClusterActive(waiting, { identifier });
  return identifier;
}

async function remove(identifier) {
  try {
    await client.send(new UpdateClusterCommand({ identifier, deletionProtectionEnabled: false }));
    await client.send(new DeleteClusterCommand({ identifier }));
  } catch (error) {
    if (error.name !== "ResourceNotFoundException") throw error;
  }
  await waitUntilClusterNotExists(waiting, { identifier });
}

async function refusal(sending) {
  try {
    await sending;
  } catch (error) {
    return error;
  }
  return assert.fail("it was not refused");
}

test("a cluster's life", async () => {
  const made = await client.send(new CreateClusterCommand({ tags: { Name: "shop" } }));
  const { identifier } = made;
  assert.match(identifier, /^[a-z0-9]{26}$/);
  assert.equal(made.status, "CREATING");
  await waitUntilClusterActive(waiting, { identifier });
  const got = await client.send(new GetClusterCommand({ identifier }));
  assert.equal(got.status, "ACTIVE");
  assert.equal(got.arn, made.arn);
  assert.deepEqual(got.creationTime, made.creationTime);
  assert.ok(Math.abs(Date.now() - got.creationTime.getTime()) < 600_000);
  assert.deepEqual(got.tags, { Name: "shop" });
  assert.equal(got.deletionProtectionEnabled, true);

  const refused = await refusal(client.send(new DeleteClusterCommand({ identifier })));
  assert.equal(refused.name, "ValidationException");
  assert.equal(refused.$metadata.httpStatusCode, 400);
  assert.equal(refused.reason, "deletionProtectionEnabled");

  await client.send(new UpdateClusterCommand({ identifier, deletionProtectionEnabled: false }));
  const deleted = await client.send(new DeleteClusterCommand({ identifier }));
  assert.equal(deleted.status, "DELETING");
  await waitUntilClusterNotExists(waiting, { identifier });
  const gone = await refusal(client.send(new GetClusterCommand({ identifier })));
  assert.equal(gone.name, "ResourceNotFoundException");
  assert.equal(gone.$metadata.httpStatusCode, 404);
  assert.equal(gone.resourceId, identifier);
});

test("lists in pages", async (t) => {
  const made = [await create(t), await create(t), await create(t)];
  const listed = [];
  for await (const page of paginateListClusters({ client, pageSize: 2 }, {})) {
    assert.ok(page.clusters.length <= 2);
    listed.push(...page.clusters.map((cluster) => cluster.identifier));
  }
  for (const identifier of made) assert.ok(listed.includes(identifier));
});

test("tags", async (t) => {
  const identifier = await create(t);
  const { arn } = await client.send(new GetClusterCommand({ identifier }));
  const of = { resourceArn: arn };
  await client.send(new TagResourceCommand({ ...of, tags: { a: "1", "b / c": "ü" } }));
  assert.deepEqual((await client.send(new ListTagsForResourceCommand(of))).tags, {
    a: "1",
    "b / c": "ü",
  });
  await client.send(new UntagResourceCommand({ ...of, tagKeys: ["a"] }));
  assert.deepEqual((await client.send(new ListTagsForResourceCommand(of))).tags, { "b / c": "ü" });
});

test("a client token makes one cluster", async (t) => {
  const input = { clientToken: "once-by-node" };
  const identifier = await create(t, input);
  assert.equal((await client.send(new CreateClusterCommand(input))).identifier, identifier);
});

test("what is unsupported is a validation exception", async () => {
  const streamArn = "arn:aws:kinesis:us-east-1:123456789012:stream/s";
  const roleArn = "arn:aws:iam::123456789012:role/r";
  const refusals = [
    new CreateClusterCommand({ multiRegionProperties: { witnessRegion: "us-west-2" } }),
    new CreateStreamCommand({
      clusterIdentifier: "a".repeat(26),
      targetDefinition: { kinesis: { streamArn, roleArn } },
      ordering: "UNORDERED",
      format: "JSON",
    }),
  ];
  for (const command of refusals) {
    assert.equal((await refusal(client.send(command))).name, "ValidationException");
  }
});

test("who does not prove who it is is refused", async () => {
  const { accessKeyId } = await client.config.credentials();
  const strangers = [
    new DSQLClient({ credentials: { accessKeyId, secretAccessKey: "wrong" } }),
    new DSQLClient({ credentials: { accessKeyId: "AKIANOBODY", secretAccessKey: "x" } }),
  ];
  for (const stranger of strangers) {
    const refused = await refusal(
      stranger.send(new GetClusterCommand({ identifier: "a".repeat(26) })),
    );
    assert.equal(refused.name, "AccessDeniedException");
    assert.equal(refused.$metadata.httpStatusCode, 403);
  }
  const unsigned = await fetch(`${process.env.AWS_ENDPOINT_URL_DSQL}/cluster`);
  assert.equal(unsigned.status, 403);
  assert.deepEqual(Object.keys(await unsigned.json()), ["message"]);
});

test("a body changed on the way is refused", async (t) => {
  const identifier = await create(t);
  const changing = new DSQLClient({});
  changing.middlewareStack.add(
    (next) => (args) => {
      const body = Buffer.from(args.request.body).toString();
      assert.match(body, /false/);
      args.request.body = body.replace("false", " true");
      return next(args);
    },
    { step: "deserialize", priority: "low" },
  );
  const command = new UpdateClusterCommand({ identifier, deletionProtectionEnabled: false });
  const refused = await refusal(changing.send(command));
  assert.equal(refused.$metadata?.httpStatusCode, 403, refused);
});
