// Operators in conditions.
import assert from 'node:assert/strict';
import { describe, it, before } from 'node:test';
import { Op, WhereOptions, literal, fn, col, where, cast, json } from 'sequelize';
import { User } from '../app/models';
import { setup, dropTables } from '../app/setup';

async function names(condition: WhereOptions): Promise<string[]> {
  const users = await User.findAll({ where: condition, order: ['id'] });
  return users.map((user) => user.name);
}

describe('operators', () => {
  before(async () => {
    await dropTables();
    await setup();
    await User.bulkCreate([
      {
        email: 'alice@example.com',
        name: 'Alice',
        age: 30,
        bio: 'likes tea',
        metadata: { role: 'admin', n: 1, tags: ['a', 'b'] },
      },
      {
        email: 'bob@example.com',
        name: 'Bob',
        age: 25,
        metadata: { role: 'user', deep: { level: 2 } },
      },
      { email: 'carol@example.com', name: 'Carol', age: 35, bio: '100%', isActive: false },
    ]);
  });

  const cases: [string, WhereOptions, string[]][] = [
    ['gt', { age: { [Op.gt]: 25 } }, ['Alice', 'Carol']],
    ['gte', { age: { [Op.gte]: 30 } }, ['Alice', 'Carol']],
    ['lt', { age: { [Op.lt]: 30 } }, ['Bob']],
    ['lte', { age: { [Op.lte]: 30 } }, ['Alice', 'Bob']],
    ['eq', { age: { [Op.eq]: 30 } }, ['Alice']],
    ['ne', { age: { [Op.ne]: 30 } }, ['Bob', 'Carol']],
    ['between', { age: { [Op.between]: [25, 30] } }, ['Alice', 'Bob']],
    ['notBetween', { age: { [Op.notBetween]: [25, 30] } }, ['Carol']],
    ['in', { name: { [Op.in]: ['Alice', 'Bob'] } }, ['Alice', 'Bob']],
    ['in an empty list', { name: { [Op.in]: [] } }, []],
    ['notIn', { name: { [Op.notIn]: ['Alice', 'Bob'] } }, ['Carol']],
    ['a list as equality', { id: [1, 3] }, ['Alice', 'Carol']],
    ['like', { name: { [Op.like]: '%li%' } }, ['Alice']],
    ['notLike', { name: { [Op.notLike]: '%li%' } }, ['Bob', 'Carol']],
    ['iLike', { name: { [Op.iLike]: '%alice%' } }, ['Alice']],
    ['notILike', { name: { [Op.notILike]: 'A%' } }, ['Bob', 'Carol']],
    ['like any', { name: { [Op.like]: { [Op.any]: ['A%', 'B%'] } } }, ['Alice', 'Bob']],
    ['startsWith', { name: { [Op.startsWith]: 'Ca' } }, ['Carol']],
    ['endsWith', { name: { [Op.endsWith]: 'ob' } }, ['Bob']],
    ['substring', { bio: { [Op.substring]: 'tea' } }, ['Alice']],
    ['regexp', { name: { [Op.regexp]: '^[AB]' } }, ['Alice', 'Bob']],
    ['notRegexp', { name: { [Op.notRegexp]: '^[AB]' } }, ['Carol']],
    ['iRegexp', { name: { [Op.iRegexp]: '^a' } }, ['Alice']],
    ['is null', { bio: { [Op.is]: null } }, ['Bob']],
    ['not null', { bio: { [Op.not]: null } }, ['Alice', 'Carol']],
    ['null as equality', { bio: null }, ['Bob']],
    ['is true', { isActive: { [Op.is]: true } as any }, ['Alice', 'Bob']],
    ['not', { [Op.not]: { name: 'Alice' } } as any, ['Bob', 'Carol']],
    [
      'and, or, nested',
      {
        [Op.or]: [
          { [Op.and]: [{ age: { [Op.gte]: 30 } }, { bio: { [Op.not]: null } }] },
          { name: 'Alice' },
        ],
      },
      ['Alice', 'Carol'],
    ],
    [
      'or within a column',
      { age: { [Op.or]: [{ [Op.lt]: 26 }, { [Op.gt]: 34 }] } },
      ['Bob', 'Carol'],
    ],
    ['a path into JSONB', { 'metadata.role': 'admin' } as any, ['Alice']],
    ['a nested object of JSONB', { metadata: { deep: { level: 2 } } }, ['Bob']],
    ['a compared path of JSONB', { metadata: { n: { [Op.gte]: 1 } } } as any, ['Alice']],
    ['contains', { metadata: { [Op.contains]: { role: 'user' } } } as any, ['Bob']],
    [
      'contains in an array of JSONB',
      { metadata: { [Op.contains]: { tags: ['b'] } } } as any,
      ['Alice'],
    ],
    ['json()', where(json('metadata.role') as any, 'admin') as any, ['Alice']],
    ['a function', where(fn('lower', col('name')), 'bob') as any, ['Bob']],
    [
      'a cast',
      where(cast(col('age'), 'text') as any, { [Op.like]: '3%' }) as any,
      ['Alice', 'Carol'],
    ],
    ['a literal', literal('age % 2 = 1') as any, ['Bob', 'Carol']],
    [
      'a column against a column',
      { email: { [Op.iLike]: literal(`'%' || name || '%'`) } } as any,
      ['Alice', 'Bob', 'Carol'],
    ],
  ];

  for (const [title, condition, expected] of cases) {
    it(title, async () => {
      assert.deepEqual(await names(condition), expected);
    });
  }

  it('orders by expressions and nulls', async () => {
    const users = await User.findAll({
      order: [
        ['bio', 'DESC NULLS LAST'],
        [fn('length', col('name')), 'ASC'],
      ],
    });
    assert.deepEqual(
      users.map((user) => user.name),
      ['Alice', 'Carol', 'Bob'],
    );
  });

  it('groups and filters groups', async () => {
    const rows = await User.findAll({
      attributes: ['isActive', [fn('sum', col('age')), 'total']],
      group: ['isActive'],
      having: where(fn('sum', col('age')), { [Op.gt]: 40 }) as any,
      raw: true,
    });
    assert.deepEqual(rows, [{ isActive: true, total: '55' }]);
  });
});
