// Managed and manual transactions, isolation levels, savepoints, locks.
import assert from 'node:assert/strict';
import { describe, it, before } from 'node:test';
import { QueryTypes, Transaction } from 'sequelize';
import sequelize from '../app/connection';
import { User, Post } from '../app/models';
import { setup, dropTables } from '../app/setup';

describe('transactions', () => {
  before(async () => {
    await dropTables();
    await setup();
  });

  it('commits a managed transaction', async () => {
    await sequelize.transaction(async (t) => {
      const user = await User.create(
        { email: 'txn@example.com', name: 'Txn User', age: 30 },
        { transaction: t },
      );
      await Post.create(
        { title: 'Transactional Post', content: 'Atomic.', authorId: user.id },
        { transaction: t },
      );
      assert.equal(await User.count(), 0);
      assert.equal(await User.count({ transaction: t }), 1);
    });
    assert.equal(await User.count(), 1);
    assert.equal(await Post.count(), 1);
  });

  it('rolls a managed transaction back on an error', async () => {
    await assert.rejects(
      sequelize.transaction(async (t) => {
        await User.create({ email: 'gone@example.com', name: 'Gone' }, { transaction: t });
        throw new Error('changed my mind');
      }),
      /changed my mind/,
    );
    await assert.rejects(
      sequelize.transaction(async (t) => {
        await User.create({ email: 'gone@example.com', name: 'Gone' }, { transaction: t });
        await User.create({ email: 'txn@example.com', name: 'Dup' }, { transaction: t });
      }),
      /Validation error/,
    );
    assert.equal(await User.count(), 1);
  });

  it('commits and rolls back by hand', async () => {
    const t = await sequelize.transaction();
    await User.create({ email: 'manual@example.com', name: 'Manual', age: 28 }, { transaction: t });
    await t.commit();
    const u = await sequelize.transaction();
    await User.destroy({ where: {}, transaction: u });
    await u.rollback();
    assert.equal(await User.count(), 2);
  });

  for (const level of ['READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE'] as const) {
    it(`runs at ${level}`, async () => {
      const users = await sequelize.transaction(
        { isolationLevel: level as Transaction.ISOLATION_LEVELS },
        async (t) => {
          const [shown] = await sequelize.query('SHOW TRANSACTION ISOLATION LEVEL', {
            transaction: t,
            type: QueryTypes.SELECT,
          });
          assert.deepEqual(shown, { transaction_isolation: level.toLowerCase() });
          return User.findAll({ transaction: t });
        },
      );
      assert.equal(users.length, 2);
    });
  }

  it('reads one snapshot at REPEATABLE READ', async () => {
    await sequelize.transaction(
      { isolationLevel: Transaction.ISOLATION_LEVELS.REPEATABLE_READ },
      async (t) => {
        assert.equal(await User.count({ transaction: t }), 2);
        await User.create({ email: 'late@example.com', name: 'Late' });
        assert.equal(await User.count({ transaction: t }), 2);
      },
    );
    assert.equal(await User.count(), 3);
  });

  it('nests transactions as savepoints', async () => {
    await sequelize.transaction(async (outer) => {
      await User.create({ email: 'outer@example.com', name: 'Outer' }, { transaction: outer });
      await assert.rejects(
        sequelize.transaction({ transaction: outer }, async (inner) => {
          await User.create({ email: 'inner@example.com', name: 'Inner' }, { transaction: inner });
          throw new Error('inner only');
        }),
        /inner only/,
      );
    });
    assert.equal(await User.count({ where: { name: ['Outer', 'Inner'] } }), 1);
  });

  it('locks rows', async () => {
    await sequelize.transaction(async (t) => {
      const user = await User.findOne({
        where: { name: 'Manual' },
        lock: t.LOCK.UPDATE,
        transaction: t,
      });
      assert.ok(user);
      const skipped = await sequelize.transaction((other) =>
        User.findAll({
          where: { name: 'Manual' },
          lock: other.LOCK.UPDATE,
          skipLocked: true,
          transaction: other,
        }),
      );
      assert.equal(skipped.length, 0);
      const shared = await User.findAll({
        lock: { level: t.LOCK.SHARE, of: User },
        transaction: t,
      });
      assert.equal(shared.length, 4);
    });
  });

  it('runs what was asked for after the commit', async () => {
    let ran = false;
    await sequelize.transaction(async (t) => {
      t.afterCommit(() => {
        ran = true;
      });
      await User.count({ transaction: t });
      assert.equal(ran, false);
    });
    assert.equal(ran, true);
  });
});
