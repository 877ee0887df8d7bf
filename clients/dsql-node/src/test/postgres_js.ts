// postgres.js with tokens of @aws-sdk/dsql-signer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DsqlSigner } from '@aws-sdk/dsql-signer';
import postgres from 'postgres';
import {
  authority, cluster, otherCluster, rejection, rendezvous, retrying, users,
} from './cluster';

function open(user: string, schema: string) {
  const signer = new DsqlSigner({ hostname: cluster.host, region: cluster.region });
  return postgres({
    ...cluster,
    user,
    password: () =>
      user === 'admin' ? signer.getDbConnectAdminAuthToken() : signer.getDbConnectAuthToken(),
    ssl: { ca: authority, servername: cluster.host, rejectUnauthorized: true },
    connection: { search_path: schema },
    onnotice: () => {},
    max: 10,
  });
}

for (const { user, schema } of users) {
  test(`postgres.js: tables, changes and transactions, as ${user}`, async () => {
    const sql = open(user, schema);
    try {
      const [{ me, path }] = await sql`
        SELECT current_user AS me, current_setting('search_path') AS path`;
      assert.deepEqual([me, path], [user, schema]);
      await sql`CREATE TABLE IF NOT EXISTS owner (
        id UUID PRIMARY KEY DEFAULT gen_random_uuid(), name VARCHAR(30) NOT NULL, tags JSONB)`;
      const owners = [
        { name: 'Ann', tags: { since: 2001 } },
        { name: 'Ben', tags: { since: 2002 } },
      ];
      await retrying(() =>
        sql.begin((tx) => tx`INSERT INTO owner ${tx(owners, 'name', 'tags')}`),
      );
      const found = await retrying(
        () => sql`SELECT name, tags FROM owner WHERE name = ANY (${['Ann', 'Ben']}) ORDER BY name`,
      );
      assert.deepEqual([...found], owners);
      const failed = sql.begin(async (tx) => {
        await tx`DELETE FROM owner`;
        await tx`SELECT * FROM nosuch`;
      });
      assert.equal((await rejection(failed)).code, '42P01');
      const [{ count }] = await sql`SELECT count(*)::int FROM owner`;
      assert.equal(count, 2);
      await sql`DROP TABLE owner`;
    } finally {
      await sql.end();
    }
  });

  test(`postgres.js: the loser of a conflict gets OC000, as ${user}`, async () => {
    const sql = open(user, schema);
    try {
      await sql`CREATE TABLE counter (id INT PRIMARY KEY, value INT NOT NULL)`;
      await retrying(() => sql`INSERT INTO counter VALUES (1, 0)`);
      const workers = 8;
      let conflicts = 0;
      // All have read before the first one commits: all others lose.
      const haveRead = rendezvous(workers);
      const increment = async () => {
        while (true) {
          try {
            await sql.begin(async (tx) => {
              const [{ value }] = await tx`SELECT value FROM counter WHERE id = 1`;
              await haveRead();
              await tx`UPDATE counter SET value = ${value + 1} WHERE id = 1`;
            });
            return;
          } catch (error: any) {
            if (error.code !== '40001') throw error;
            if (/\(OC000\)$/.test(error.message)) conflicts++;
          }
        }
      };
      await Promise.all(Array.from({ length: workers }, increment));
      const [{ value }] = await sql`SELECT value FROM counter`;
      assert.equal(value, workers);
      assert(conflicts >= workers - 1, `only ${conflicts} conflicts`);
      await sql`DROP TABLE counter`;
    } finally {
      await sql.end();
    }
  });
}

for (const [what, target, hint] of [
  [
    'another cluster',
    { hostname: otherCluster, region: cluster.region },
    /which is not this one/,
  ],
  ['another region', { hostname: cluster.host, region: 'eu-west-1' }, /region.*eu-west-1/],
] as const) {
  test(`postgres.js: a token for ${what} is refused`, async () => {
    const signer = new DsqlSigner(target);
    const sql = postgres({
      ...cluster,
      user: 'admin',
      password: () => signer.getDbConnectAdminAuthToken(),
      ssl: { ca: authority, servername: cluster.host },
      max: 1,
    });
    const refused = await rejection(sql`SELECT 1`);
    assert.equal(refused.code, '08006');
    assert.match(refused.hint ?? '', hint);
    await sql.end();
  });
}
