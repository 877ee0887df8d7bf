// What is said to fail elsewhere: sync, findOrCreate in a transaction, upsert's flag, truncate,
// ENUM, foreign keys, and a SERIALIZABLE that refuses write skew.
import assert from 'node:assert/strict';
import { describe, it, before, after } from 'node:test';
import { DataTypes, Model, QueryTypes, Transaction } from 'sequelize';
import sequelize from '../app/connection';
import { User, Post, Tag } from '../app/models';
import { dropTables } from '../app/setup';

class Account extends Model {
  declare id: number;
  declare owner: string;
  declare kind: 'checking' | 'savings';
  declare balance: number;
}

describe('what fails elsewhere', () => {
  before(async () => {
    await dropTables();
    await sequelize.query('DROP TABLE IF EXISTS accounts CASCADE');
    await sequelize.query('DROP TYPE IF EXISTS enum_accounts_kind');
    Account.init(
      {
        owner: { type: DataTypes.STRING, allowNull: false },
        kind: {
          type: DataTypes.ENUM('checking', 'savings'),
          allowNull: false,
          defaultValue: 'checking',
        },
        balance: { type: DataTypes.INTEGER, allowNull: false, defaultValue: 0 },
      },
      { sequelize, tableName: 'accounts', timestamps: false },
    );
  });

  after(async () => {
    await sequelize.drop({ cascade: true });
    await sequelize.query('DROP TYPE IF EXISTS enum_accounts_kind');
  });

  it('sync({ force: true }) makes the schema, twice', async () => {
    await sequelize.sync({ force: true });
    await sequelize.sync({ force: true });
    const columns = await sequelize.getQueryInterface().describeTable('users');
    assert.equal(columns.email.type, 'CHARACTER VARYING(255)');
    assert.equal(columns.email.allowNull, false);
    assert.equal(columns.id.primaryKey, true);
    assert.equal(columns.metadata.type, 'JSONB');
    assert.equal(columns.createdAt.type, 'TIMESTAMP WITH TIME ZONE');
    const references = await sequelize.query(
      `SELECT conname, confdeltype FROM pg_constraint WHERE contype = 'f' ORDER BY conname`,
      { type: QueryTypes.SELECT },
    );
    assert.deepEqual(references, [
      { conname: 'post_tags_postId_fkey', confdeltype: 'c' },
      { conname: 'post_tags_tagId_fkey', confdeltype: 'c' },
      { conname: 'posts_authorId_fkey', confdeltype: 'c' },
    ]);
  });

  it('sync() leaves what is there alone', async () => {
    await User.create({ email: 'stay@example.com', name: 'Stay' });
    await sequelize.sync();
    assert.equal(await User.count(), 1);
  });

  it('findOrCreate creates once, in a transaction of its own and in a given one', async () => {
    const [tag, created] = await Tag.findOrCreate({ where: { name: 'once' } });
    assert.equal(created, true);
    const [again, createdAgain] = await Tag.findOrCreate({ where: { name: 'once' } });
    assert.equal(createdAgain, false);
    assert.equal(again.id, tag.id);
    await sequelize.transaction(async (t) => {
      const [inner, fresh] = await Tag.findOrCreate({ where: { name: 'inner' }, transaction: t });
      assert.equal(fresh, true);
      assert.equal(inner.name, 'inner');
      const [, second] = await Tag.findOrCreate({ where: { name: 'inner' }, transaction: t });
      assert.equal(second, false);
    });
    assert.equal(await Tag.count(), 2);
    await assert.rejects(
      sequelize.transaction(async (t) => {
        await Tag.findOrCreate({ where: { name: 'undone' }, transaction: t });
        throw new Error('no');
      }),
    );
    assert.equal(await Tag.count(), 2);
  });

  it('findOrCreate by many at once creates one', async () => {
    const results = await Promise.all(
      Array.from({ length: 5 }, () => Tag.findOrCreate({ where: { name: 'race' } })),
    );
    assert.equal(results.filter(([, created]) => created).length, 1);
    assert.equal(await Tag.count({ where: { name: 'race' } }), 1);
  });

  it('upsert inserts, then updates, and says so as PostgreSQL does', async () => {
    const [first, inserted] = await User.upsert({ email: 'up@example.com', name: 'Up', age: 1 });
    const [second, updated] = await User.upsert({ email: 'up@example.com', name: 'Up 2', age: 2 });
    assert.equal(first.name, 'Up');
    assert.equal(second.name, 'Up 2');
    assert.equal(second.id, first.id);
    // Sequelize 6 answers null for PostgreSQL itself; true and false come from the row's xmax.
    assert.equal(inserted, null);
    assert.equal(updated, null);
    const upsert = `INSERT INTO users (email, name, "createdAt", "updatedAt")
      VALUES ($1, 'n', now(), now())
      ON CONFLICT (email) DO UPDATE SET name = excluded.name RETURNING (xmax = 0) AS created`;
    assert.deepEqual(
      await sequelize.query(upsert, { type: QueryTypes.SELECT, bind: ['flag@example.com'] }),
      [{ created: true }],
    );
    assert.deepEqual(
      await sequelize.query(upsert, { type: QueryTypes.SELECT, bind: ['flag@example.com'] }),
      [{ created: false }],
    );
  });

  it('bulkCreate updates or ignores duplicates', async () => {
    await Tag.bulkCreate([{ name: 'once' }, { name: 'more' }], { ignoreDuplicates: true });
    assert.equal(await Tag.count({ where: { name: ['once', 'more'] } }), 2);
    await User.bulkCreate([{ email: 'up@example.com', name: 'Bulk', age: 9 }], {
      updateOnDuplicate: ['name', 'age'],
    });
    assert.equal((await User.findOne({ where: { email: 'up@example.com' } }))!.age, 9);
  });

  it('Model.truncate() empties the table, with CASCADE and RESTART IDENTITY', async () => {
    await User.create({ email: 'p@example.com', name: 'P' });
    await assert.rejects(
      User.truncate(),
      /cannot truncate a table referenced in a foreign key constraint/,
    );
    await User.truncate({ cascade: true, restartIdentity: true });
    assert.equal(await User.count(), 0);
    assert.equal((await User.create({ email: 'q@example.com', name: 'Q' })).id, 1);
    await Account.truncate();
  });

  it('DataTypes.ENUM makes and keeps an enum', async () => {
    const account = await Account.create({ owner: 'ann', kind: 'savings' });
    assert.equal(account.kind, 'savings');
    assert.equal((await Account.create({ owner: 'bob' })).kind, 'checking');
    assert.deepEqual(
      (await Account.findAll({ order: [['kind', 'DESC']] })).map((each) => each.kind),
      ['savings', 'checking'],
    );
    await assert.rejects(
      sequelize.query(`INSERT INTO accounts (owner, kind) VALUES ('x', 'gold')`),
      /invalid input value for enum enum_accounts_kind: "gold"/,
    );
    const description = await sequelize.getQueryInterface().describeTable('accounts');
    assert.deepEqual((description.kind as any).special, ['checking', 'savings']);
    await Account.sync({ alter: true });
    assert.equal(await Account.count(), 2);
  });

  it('foreign keys are real', async () => {
    await assert.rejects(Post.create({ title: 't', content: 'c', authorId: 4711 }), {
      name: 'SequelizeForeignKeyConstraintError',
    });
    const user = await User.create({ email: 'fk@example.com', name: 'Fk' });
    const post = await Post.create({ title: 't', content: 'c', authorId: user.id });
    await post.addTag(await Tag.create({ name: 'fk' }));
    await user.destroy();
    assert.equal(await Post.count(), 0);
    const [row] = await sequelize.query('SELECT count(*)::int AS n FROM post_tags', {
      type: QueryTypes.SELECT,
    });
    assert.deepEqual(row, { n: 0 });
  });

  it('SERIALIZABLE refuses write skew', async () => {
    await Account.destroy({ where: {} });
    const [ann, bob] = await Account.bulkCreate([
      { owner: 'ann', balance: 100 },
      { owner: 'bob', balance: 100 },
    ]);
    const options = { isolationLevel: Transaction.ISOLATION_LEVELS.SERIALIZABLE };
    const first = await sequelize.transaction(options);
    const second = await sequelize.transaction(options);
    assert.equal(await Account.sum('balance', { transaction: first }), 200);
    assert.equal(await Account.sum('balance', { transaction: second }), 200);
    const withdraw = async (account: Account, t: Transaction) => {
      await Account.update({ balance: -50 }, { where: { id: account.id }, transaction: t });
      await t.commit();
    };
    const outcomes = await Promise.allSettled([withdraw(ann, first), withdraw(bob, second)]);
    const refused = outcomes.filter(
      (outcome) => outcome.status === 'rejected',
    ) as PromiseRejectedResult[];
    assert.equal(refused.length, 1);
    assert.equal(
      refused[0].reason.parent?.code ?? refused[0].reason.original?.code ?? refused[0].reason.code,
      '40001',
    );
    for (const t of [first, second]) {
      if (!(t as any).finished) await t.rollback();
    }
    assert.equal(await Account.sum('balance'), 50);
  });
});
