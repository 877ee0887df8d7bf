// Raw queries: window functions, CTEs, DISTINCT ON, bound and replaced parameters.
import assert from 'node:assert/strict';
import { describe, it, before } from 'node:test';
import { QueryTypes } from 'sequelize';
import sequelize from '../app/connection';
import { User } from '../app/models';
import { setup, dropTables } from '../app/setup';

describe('advanced SQL', () => {
  before(async () => {
    await dropTables();
    await setup();
    await User.bulkCreate([
      { email: 'a@example.com', name: 'Ann', age: 30 },
      { email: 'b@example.com', name: 'Bob', age: 25 },
      { email: 'c@example.com', name: 'Cid', age: 30, isActive: false },
    ]);
  });

  it('ranks by a window function', async () => {
    const ranked = await sequelize.query(
      `SELECT name, age,
       ROW_NUMBER() OVER (ORDER BY age DESC, name) AS rank
       FROM users ORDER BY rank`,
      { type: QueryTypes.SELECT },
    );
    assert.deepEqual(ranked, [
      { name: 'Ann', age: 30, rank: '1' },
      { name: 'Cid', age: 30, rank: '2' },
      { name: 'Bob', age: 25, rank: '3' },
    ]);
  });

  it('runs a CTE', async () => {
    const result = await sequelize.query(
      `WITH active AS (
       SELECT * FROM users WHERE "isActive" = true
       )
       SELECT name, age FROM active ORDER BY age`,
      { type: QueryTypes.SELECT },
    );
    assert.deepEqual(result, [
      { name: 'Bob', age: 25 },
      { name: 'Ann', age: 30 },
    ]);
  });

  it('runs DISTINCT ON', async () => {
    const firstPerAge = await sequelize.query(
      `SELECT DISTINCT ON (age) name, age
       FROM users ORDER BY age, name`,
      { type: QueryTypes.SELECT },
    );
    assert.deepEqual(firstPerAge, [
      { name: 'Bob', age: 25 },
      { name: 'Ann', age: 30 },
    ]);
  });

  it('binds parameters', async () => {
    const filtered = await sequelize.query('SELECT * FROM users WHERE age > $1 AND age < $2', {
      type: QueryTypes.SELECT,
      bind: [20, 35],
    });
    assert.equal(filtered.length, 3);
    const named = await sequelize.query(
      'SELECT name FROM users WHERE age = $age AND name <> $name',
      {
        type: QueryTypes.SELECT,
        bind: { age: 30, name: 'Ann' },
      },
    );
    assert.deepEqual(named, [{ name: 'Cid' }]);
    const listed = await sequelize.query(
      'SELECT name FROM users WHERE age = ANY($1) ORDER BY name',
      {
        type: QueryTypes.SELECT,
        bind: [[25, 99]],
      },
    );
    assert.deepEqual(listed, [{ name: 'Bob' }]);
  });

  it('replaces parameters', async () => {
    const rows = await sequelize.query(
      'SELECT name FROM users WHERE name IN (:names) AND age >= ? ORDER BY name'.replace(
        '?',
        ':age',
      ),
      {
        type: QueryTypes.SELECT,
        replacements: { names: ['Ann', 'Bob', "x'y"], age: 26 },
      },
    );
    assert.deepEqual(rows, [{ name: 'Ann' }]);
  });

  it('maps rows to models and reports affected rows', async () => {
    const users = await sequelize.query('SELECT * FROM users ORDER BY id LIMIT 1', {
      model: User,
      mapToModel: true,
    });
    assert.ok(users[0] instanceof User);
    const [, affected] = await sequelize.query('UPDATE users SET bio = $1', {
      type: QueryTypes.UPDATE,
      bind: ['b'],
    });
    assert.equal(affected, 3);
    const [rows] = await sequelize.query(
      `INSERT INTO tags (name) VALUES ('t1'), ('t2') RETURNING id, name`,
    );
    assert.deepEqual(rows, [
      { id: 1, name: 't1' },
      { id: 2, name: 't2' },
    ]);
  });

  it('runs several statements of one text', async () => {
    const [rows] = await sequelize.query('SELECT 1 AS one; SELECT 2 AS two');
    assert.deepEqual(rows, [{ one: 1 }, { two: 2 }]);
  });

  it('answers values of every type', async () => {
    const [row] = (await sequelize.query(
      `SELECT 1::int2 AS i2, 2::int8 AS i8, 1.5::numeric AS num, 2.5::float8 AS f8, true AS b,
       'x'::text AS t,
       '{"a":[1]}'::jsonb AS j, ARRAY[1,2] AS ai, ARRAY['a',null] AS at, date '2020-01-02' AS d,
       timestamptz '2020-01-02 03:04:05.678+00' AS ts, '\\x0102'::bytea AS by, null AS n,
       'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid AS u, interval '1 day' AS iv`,
      { type: QueryTypes.SELECT },
    )) as any[];
    assert.equal(row.i2, 1);
    assert.equal(row.i8, '2');
    assert.equal(row.num, '1.5');
    assert.equal(row.f8, 2.5);
    assert.equal(row.b, true);
    assert.deepEqual(row.j, { a: [1] });
    assert.deepEqual(row.ai, [1, 2]);
    assert.deepEqual(row.at, ['a', null]);
    assert.equal(row.d, '2020-01-02');
    assert.equal(row.ts.toISOString(), '2020-01-02T03:04:05.678Z');
    assert.deepEqual([...row.by], [1, 2]);
    assert.equal(row.n, null);
    assert.equal(row.u, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11');
    assert.equal(row.iv.days, 1);
  });
});
