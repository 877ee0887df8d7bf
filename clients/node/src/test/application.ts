// The application's first steps: connection, tables, create, read, update, upsert, delete.
import assert from 'node:assert/strict';
import { describe, it, before } from 'node:test';
import { Op, QueryTypes, UniqueConstraintError, ValidationError, DatabaseError } from 'sequelize';
import sequelize from '../app/connection';
import { User, Post, Tag } from '../app/models';
import { setup, dropTables } from '../app/setup';

describe('application', () => {
  before(async () => {
    await dropTables();
    await setup();
  });

  it('authenticates', async () => {
    await sequelize.authenticate();
    assert.match(await sequelize.databaseVersion(), /^15\./);
  });

  it('creates its tables a second time without complaint', async () => {
    await setup();
    assert.deepEqual((await sequelize.getQueryInterface().showAllTables()).sort(), [
      'post_tags',
      'posts',
      'tags',
      'users',
    ]);
  });

  it('creates a user and fills what was left out', async () => {
    const user = await User.create({
      email: 'alice@example.com',
      name: 'Alice',
      age: 30,
      metadata: { role: 'admin' },
    });
    assert.equal(user.id, 1);
    assert.equal(user.email, 'alice@example.com');
    assert.equal(user.isActive, true);
    assert.equal(user.bio ?? null, null);
    assert.deepEqual(user.metadata, { role: 'admin' });
    assert.ok(user.createdAt instanceof Date);
    assert.ok(Math.abs(user.createdAt.getTime() - Date.now()) < 60_000);
  });

  it('creates many at once, with their ids', async () => {
    const users = await User.bulkCreate([
      { email: 'bob@example.com', name: 'Bob', age: 25 },
      { email: 'carol@example.com', name: 'Carol', age: 35 },
    ]);
    assert.deepEqual(
      users.map((user) => [user.id, user.name]),
      [
        [2, 'Bob'],
        [3, 'Carol'],
      ],
    );
  });

  it('finds one, by key, and a page of all', async () => {
    const found = await User.findOne({ where: { email: 'alice@example.com' } });
    assert.equal(found?.name, 'Alice');
    const byId = await User.findByPk(found!.id);
    assert.deepEqual(byId?.metadata, { role: 'admin' });
    assert.equal(await User.findByPk(999), null);
    const all = await User.findAll({
      where: { age: { [Op.gte]: 25 } },
      order: [['age', 'DESC']],
      limit: 10,
      offset: 0,
    });
    assert.deepEqual(
      all.map((user) => user.name),
      ['Carol', 'Alice', 'Bob'],
    );
    const second = await User.findAll({ order: [['age', 'DESC']], limit: 1, offset: 1 });
    assert.deepEqual(
      second.map((user) => user.name),
      ['Alice'],
    );
  });

  it('selects some columns', async () => {
    const names = await User.findAll({
      attributes: ['id', 'name'],
      where: { isActive: true },
      order: ['id'],
    });
    assert.deepEqual(
      names.map((user) => user.get({ plain: true })),
      [
        { id: 1, name: 'Alice' },
        { id: 2, name: 'Bob' },
        { id: 3, name: 'Carol' },
      ],
    );
  });

  it('aggregates', async () => {
    assert.equal(await User.count(), 3);
    assert.equal(await User.sum('age'), 90);
    assert.equal(await User.max('age'), 35);
    assert.equal(await User.min('age'), 25);
    assert.equal(await User.count({ where: { age: { [Op.gt]: 100 } } }), 0);
    const { rows, count } = await User.findAndCountAll({
      where: { age: { [Op.gt]: 26 } },
      limit: 1,
      order: ['age'],
    });
    assert.equal(count, 2);
    assert.equal(rows[0].name, 'Alice');
    const grouped = await User.findAll({
      attributes: [
        'isActive',
        [sequelize.fn('COUNT', sequelize.col('id')), 'n'],
        [sequelize.fn('AVG', sequelize.col('age')), 'mean'],
      ],
      group: ['isActive'],
      raw: true,
    });
    assert.deepEqual(grouped, [{ isActive: true, n: '3', mean: '30.0000000000000000' }]);
  });

  it('updates by condition and by instance', async () => {
    const [affected] = await User.update({ name: 'Alice Updated' }, { where: { id: 1 } });
    assert.equal(affected, 1);
    const alice = await User.findByPk(1);
    assert.equal(alice!.name, 'Alice Updated');
    const before = alice!.updatedAt;
    alice!.age = 31;
    await alice!.save();
    await alice!.reload();
    assert.equal(alice!.age, 31);
    assert.ok(alice!.updatedAt.getTime() >= before.getTime());
    const [n, rows] = await User.update({ bio: 'x' }, { where: { id: [1, 2] }, returning: true });
    assert.equal(n, 2);
    assert.deepEqual(
      rows.map((user) => user.bio),
      ['x', 'x'],
    );
    await User.update({ bio: null }, { where: {} });
    await alice!.increment('age', { by: 2 });
    await alice!.decrement({ age: 2 });
    assert.equal((await alice!.reload()).age, 31);
  });

  it('upserts', async () => {
    const [upserted] = await User.upsert({ email: 'alice@example.com', name: 'Alice V2', age: 32 });
    assert.equal(upserted.name, 'Alice V2');
    assert.equal(await User.count(), 3);
    assert.equal((await User.findOne({ where: { email: 'alice@example.com' } }))!.age, 32);
  });

  it('deletes', async () => {
    assert.equal(await User.destroy({ where: { id: 1 } }), 1);
    assert.equal(await User.destroy({ where: { id: 1 } }), 0);
    assert.equal(await User.count(), 2);
    const bob = await User.findOne({ where: { name: 'Bob' } });
    await bob!.destroy();
    assert.equal(await User.count(), 1);
  });

  it('reports what the database refuses', async () => {
    await assert.rejects(
      User.create({ email: 'carol@example.com', name: 'Twice' }),
      (error: unknown) => {
        assert.ok(error instanceof UniqueConstraintError);
        assert.deepEqual(Object.keys(error.fields), ['email']);
        assert.equal((error.parent as any).code, '23505');
        assert.equal((error.parent as any).constraint, 'users_email_key');
        return true;
      },
    );
    await assert.rejects(User.create({ email: 'x@example.com' } as any), ValidationError);
    await assert.rejects(
      User.create({ email: 'x@example.com', name: 'n'.repeat(101) }),
      (error: unknown) => {
        assert.ok(error instanceof DatabaseError);
        assert.equal((error.parent as any).code, '22001');
        return true;
      },
    );
    await assert.rejects(
      Post.create({ title: 't', content: 'c', authorId: 12345 }),
      (error: unknown) => {
        assert.equal((error as any).name, 'SequelizeForeignKeyConstraintError');
        assert.equal((error as any).table, 'posts');
        return true;
      },
    );
    await assert.rejects(
      sequelize.query('SELECT * FROM nosuch'),
      /relation "nosuch" does not exist/,
    );
    assert.equal(await User.count(), 1);
  });

  it('deletes a user with its posts', async () => {
    const dan = await User.create({ email: 'dan@example.com', name: 'Dan' });
    await Post.create({ title: 'p', content: 'c', authorId: dan.id });
    assert.equal(await Post.count({ where: { authorId: dan.id } }), 1);
    await dan.destroy();
    assert.equal(await Post.count({ where: { authorId: dan.id } }), 0);
  });

  it('alters and indexes its tables', async () => {
    await sequelize.query('ALTER TABLE users ADD COLUMN IF NOT EXISTS phone TEXT');
    await sequelize.query('ALTER TABLE users ADD COLUMN IF NOT EXISTS phone TEXT');
    await sequelize.query('CREATE INDEX IF NOT EXISTS idx_users_age ON users (age)');
    await sequelize.query('CREATE INDEX IF NOT EXISTS idx_users_age ON users (age)');
    const description = await sequelize.getQueryInterface().describeTable('users');
    assert.equal(description.phone.type, 'TEXT');
    assert.equal(description.phone.allowNull, true);
    const indexes = (await sequelize.getQueryInterface().showIndex('users')) as any[];
    assert.ok(indexes.some((index) => index.name === 'idx_users_age'));
    const rows = await sequelize.query('SELECT phone FROM users', { type: QueryTypes.SELECT });
    assert.deepEqual(rows, [{ phone: null }]);
  });

  it('keeps values of every kind', async () => {
    const odd = {
      email: "o'brien@example.com",
      name: 'Ünï "quoted" \\ back',
      bio: 'line\nbreak\t; DROP TABLE users; --',
    };
    const user = await User.create({
      ...odd,
      metadata: { list: [1, { deep: null }], text: 'é€😀' },
    });
    const back = await User.findByPk(user.id);
    assert.equal(back!.email, odd.email);
    assert.equal(back!.name, odd.name);
    assert.equal(back!.bio, odd.bio);
    assert.deepEqual(back!.metadata, { list: [1, { deep: null }], text: 'é€😀' });
    await back!.destroy();
    assert.equal(await Tag.count(), 0);
  });
});
