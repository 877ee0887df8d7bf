// @aws/aurora-dsql-node-postgres-connector over pg.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuroraDSQLClient } from '@aws/aurora-dsql-node-postgres-connector';
import { cluster, otherCluster, otherRegion, rejection, rendezvous, users } from './cluster';
import { openPool } from './pool';

for (const { user, schema } of users) {
  test(`connector: a pool of concurrent connections, as ${user}`, async () => {
    const pool = openPool(user, schema, { max: 10 });
    try {
      const workers = Array.from({ length: 8 }, async (_, i) => {
        const { rows } = await pool.query('SELECT $1::int AS worker_id, current_user AS me', [i]);
        assert.deepEqual(rows, [{ worker_id: i, me: user }]);
      });
      await Promise.all(workers);
      assert(pool.totalCount > 1);
    } finally {
      await pool.end();
    }
  });

  test(`connector: tables, changes and transactions, as ${user}`, async () => {
    const pool = openPool(user, schema, { retry: { maxRetries: 10 } });
    try {
      await pool.query(`CREATE TABLE IF NOT EXISTS owner (
        id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
        name VARCHAR(30) NOT NULL, city VARCHAR(80) NOT NULL, telephone VARCHAR(20))`);
      await pool.transaction(async (client) => {
        await client.query('INSERT INTO owner (name, city, telephone) VALUES ($1, $2, $3)', [
          'John Doe', 'Anytown', '555-555-1900',
        ]);
      });
      const found = await pool.query('SELECT name, city, telephone FROM owner WHERE name = $1', [
        'John Doe',
      ]);
      assert.deepEqual(found.rows, [
        { name: 'John Doe', city: 'Anytown', telephone: '555-555-1900' },
      ]);
      const failed = pool.transaction(async (client) => {
        await client.query("DELETE FROM owner WHERE name = 'John Doe'");
        throw new Error('changed my mind');
      });
      assert.equal((await rejection(failed)).message, 'changed my mind');
      const deleted = await pool.query("DELETE FROM owner WHERE name = 'John Doe' RETURNING city");
      assert.deepEqual(deleted.rows, [{ city: 'Anytown' }]);
      await pool.query('DROP TABLE owner');
    } finally {
      await pool.end();
    }
  });

  test(`connector: who loses a conflict is retried, as ${user}`, async () => {
    const pool = openPool(user, schema, { max: 20, retry: { maxRetries: 100 } });
    try {
      await pool.query('CREATE TABLE counter (id INT PRIMARY KEY, value INT NOT NULL)');
      await pool.transaction((client) => client.query('INSERT INTO counter VALUES (1, 0)'));
      const workers = 12;
      let attempts = 0;
      // All have read before the first one commits: all others lose.
      const haveRead = rendezvous(workers);
      const increment = () =>
        pool.transaction(async (client) => {
          attempts++;
          const { rows } = await client.query('SELECT value FROM counter WHERE id = 1');
          await haveRead();
          await client.query('UPDATE counter SET value = $1 WHERE id = 1', [rows[0].value + 1]);
        });
      await Promise.all(Array.from({ length: workers }, increment));
      const { rows } = await pool.query('SELECT value FROM counter');
      assert.deepEqual(rows, [{ value: workers }]);
      assert(attempts >= 2 * workers - 1, `only ${attempts} attempts`);
      await pool.query('DROP TABLE counter');
    } finally {
      await pool.end();
    }
  });

  test(`connector: the loser of a conflict gets OC000 at its commit, as ${user}`, async () => {
    const clients = [0, 1].map(() => new AuroraDSQLClient({ ...cluster, user }));
    const [first, second] = clients;
    try {
      for (const client of clients) {
        await client.connect();
        await client.query(`SET search_path = ${schema}`);
        await client.query('SELECT 1');
      }
      await first.query('CREATE TABLE thing (id INT PRIMARY KEY, value TEXT)');
      await first.query("INSERT INTO thing VALUES (1, 'old')");
      // The definition of another session is met once.
      assert.match((await rejection(second.query('SELECT * FROM thing'))).message, /\(OC001\)$/);
      for (const client of clients) await client.query('BEGIN');
      const updated = await Promise.all(
        clients.map((client, i) => client.query('UPDATE thing SET value = $1', [`by ${i}`])),
      );
      assert.deepEqual(updated.map((result) => result.rowCount), [1, 1]);
      await first.query('COMMIT');
      const lost = await rejection(second.query('COMMIT'));
      assert.equal(lost.code, '40001');
      assert.equal(lost.message, 'change conflicts with another transaction (OC000)');
      const { rows } = await second.query('SELECT value FROM thing');
      assert.deepEqual(rows, [{ value: 'by 0' }]);
      await first.query('DROP TABLE thing');
    } finally {
      for (const client of clients) await client.end();
    }
  });
}

test('connector: it finds the region in the host, and takes a connection string', async () => {
  for (const config of [
    { host: cluster.host, port: cluster.port, user: 'admin' },
    `postgresql://admin@${cluster.host}:${cluster.port}/postgres`,
    { connectionString: `postgresql://${cluster.host}:${cluster.port}` },
  ]) {
    const client = new AuroraDSQLClient(config);
    await client.connect();
    try {
      const { rows } = await client.query(
        "SELECT current_user AS me, $1 AS given, current_setting('application_name') AS name",
        [42],
      );
      assert.equal(rows[0].me, 'admin');
      assert.equal(rows[0].given, '42');
      assert.match(rows[0].name, /^aurora-dsql-nodejs-pg\/\d/);
    } finally {
      await client.end();
    }
  }
});

test('connector: keys that are not known or not right are refused', async () => {
  const key = { accessKeyId: 'AKIAAAAAAAAAAAAAAAAA', secretAccessKey: 'not the secret' };
  const client = new AuroraDSQLClient({
    ...cluster, user: 'admin', customCredentialsProvider: key,
  });
  const refused = await rejection(client.connect());
  assert.equal(refused.code, '08006');
  assert.equal(refused.message, 'unable to accept connection, access denied');
  assert.match(refused.hint ?? '', /^The security token included in the request is invalid/);
});

test('connector: a name of no cluster, and another region, are refused', async () => {
  for (const [other, hint] of [
    [{ host: otherCluster }, /^There is no cluster "z{26}"/],
    [{ region: 'eu-west-1' }, /region.*eu-west-1/],
  ] as const) {
    const client = new AuroraDSQLClient({ ...cluster, user: 'admin', ...other });
    const refused = await rejection(client.connect());
    assert.equal(refused.code, '08006');
    assert.equal(refused.message, 'unable to accept connection, access denied');
    assert.match(refused.hint ?? '', hint);
  }
});

test('connector: the certificate must have the name', async () => {
  const client = new AuroraDSQLClient({
    host: otherRegion, port: cluster.port, user: 'admin',
  });
  assert.equal((await rejection(client.connect())).code, 'ERR_TLS_CERT_ALTNAME_INVALID');
});
