// The pg driver on its own: prepared statements, types, notices, errors, cancel, many clients.
import assert from 'node:assert/strict';
import { describe, it, before, after } from 'node:test';
import { Client, Pool } from 'pg';
import { settings } from '../app/connection';

const options = {
  host: settings.host,
  port: settings.port,
  user: settings.username,
  password: settings.password,
  database: settings.database,
};

describe('the pg driver', () => {
  const client = new Client(options);
  before(() => client.connect());
  after(() => client.end());

  it('answers a query with its fields', async () => {
    const result = await client.query('SELECT $1::int + 1 AS n, $2::text AS t', [41, 'x']);
    assert.deepEqual(result.rows, [{ n: 42, t: 'x' }]);
    assert.deepEqual(
      result.fields.map((field) => [field.name, field.dataTypeID]),
      [
        ['n', 23],
        ['t', 25],
      ],
    );
    assert.equal(result.command, 'SELECT');
    assert.equal(result.rowCount, 1);
  });

  it('runs a named prepared statement many times', async () => {
    for (let i = 0; i < 20; i++) {
      const { rows } = await client.query({
        name: 'double',
        text: 'SELECT $1::int * 2 AS d',
        values: [i],
      });
      assert.equal(rows[0].d, i * 2);
    }
  });

  it('answers in array mode', async () => {
    const { rows } = await client.query({ text: 'SELECT 1, 2 AS a, 3 AS a', rowMode: 'array' });
    assert.deepEqual(rows, [[1, 2, 3]]);
  });

  it('reports an error with its fields and goes on', async () => {
    await assert.rejects(client.query('SELECT nosuch FROM pg_class'), (error: any) => {
      assert.equal(error.code, '42703');
      assert.equal(error.position, '8');
      assert.equal(error.severity, 'ERROR');
      return true;
    });
    assert.deepEqual((await client.query('SELECT 1 AS ok')).rows, [{ ok: 1 }]);
  });

  it('hears notices', async () => {
    const heard: string[] = [];
    client.on('notice', (notice) => heard.push(notice.message ?? ''));
    await client.query('DROP TABLE IF EXISTS surely_not_there');
    assert.deepEqual(heard, ['table "surely_not_there" does not exist, skipping']);
  });

  it('inserts, updates and deletes with row counts', async () => {
    await client.query(
      'CREATE TEMP TABLE drv (id int PRIMARY KEY, v jsonb, a int[], d timestamptz)',
    );
    assert.equal(
      (
        await client.query('INSERT INTO drv VALUES ($1, $2, $3, $4), (2, null, null, null)', [
          1,
          { a: 1 },
          [1, 2],
          new Date(0),
        ])
      ).rowCount,
      2,
    );
    assert.equal((await client.query('UPDATE drv SET v = $1', [JSON.stringify([1])])).rowCount, 2);
    const { rows } = await client.query('DELETE FROM drv WHERE id = $1 RETURNING *', [1]);
    assert.deepEqual(rows, [{ id: 1, v: [1], a: [1, 2], d: new Date(0) }]);
  });

  it('honours a statement timeout', async () => {
    const slow = new Client({ ...options, statement_timeout: 200 });
    await slow.connect();
    await assert.rejects(slow.query('SELECT pg_sleep(10)'), { code: '57014' });
    assert.deepEqual((await slow.query('SELECT 1 AS alive')).rows, [{ alive: 1 }]);
    await slow.end();
  });

  it('serves a pool', async () => {
    const pool = new Pool({ ...options, max: 10 });
    const sums = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        pool.query('SELECT sum(x)::int AS s FROM generate_series(1, $1) x', [i + 1]),
      ),
    );
    sums.forEach((result, i) => assert.equal(result.rows[0].s, ((i + 1) * (i + 2)) / 2));
    await pool.end();
  });

  it('streams many rows', async () => {
    const { rows } = await client.query(
      `SELECT x, repeat('y', 50) AS t FROM generate_series(1, 20000) x`,
    );
    assert.equal(rows.length, 20000);
    assert.equal(rows[19999].x, 20000);
  });

  it('refuses an unknown database and an unknown user as PostgreSQL does', async () => {
    await assert.rejects(new Client({ ...options, database: 'surely_not_there' }).connect(), {
      code: '3D000',
    });
    await assert.rejects(
      new Client({ ...options, user: 'surely_not_there' }).connect(),
      /surely_not_there/,
    );
  });
});
