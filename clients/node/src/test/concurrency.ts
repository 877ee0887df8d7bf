// Many sessions at once through the pool: no lost update, no half transfer.
import assert from 'node:assert/strict';
import { describe, it, before, after } from 'node:test';
import { QueryTypes, Transaction } from 'sequelize';
import sequelize from '../app/connection';

describe('concurrency', () => {
  before(async () => {
    await sequelize.query('DROP TABLE IF EXISTS counters');
    await sequelize.query('CREATE TABLE counters (id int PRIMARY KEY, n int NOT NULL)');
    await sequelize.query('INSERT INTO counters VALUES (1, 0), (2, 100), (3, 100)');
  });

  after(() => sequelize.query('DROP TABLE IF EXISTS counters'));

  it('loses no increment at READ COMMITTED', async () => {
    await Promise.all(
      Array.from({ length: 50 }, () =>
        sequelize.query('UPDATE counters SET n = n + 1 WHERE id = 1'),
      ),
    );
    assert.deepEqual(
      await sequelize.query('SELECT n FROM counters WHERE id = 1', { type: QueryTypes.SELECT }),
      [{ n: 50 }],
    );
  });

  it('transfers under FOR UPDATE keep the sum', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        sequelize.transaction(async (t) => {
          await sequelize.query(
            'SELECT * FROM counters WHERE id IN (2, 3) ORDER BY id FOR UPDATE',
            { transaction: t },
          );
          const amount = i % 2 === 0 ? 3 : -3;
          await sequelize.query('UPDATE counters SET n = n - $1 WHERE id = 2', {
            bind: [amount],
            transaction: t,
          });
          await sequelize.query('UPDATE counters SET n = n + $1 WHERE id = 3', {
            bind: [amount],
            transaction: t,
          });
        }),
      ),
    );
    assert.deepEqual(
      await sequelize.query('SELECT n FROM counters WHERE id > 1 ORDER BY id', {
        type: QueryTypes.SELECT,
      }),
      [{ n: 100 }, { n: 100 }],
    );
  });

  it('a retried SERIALIZABLE increment loses nothing', async () => {
    const increment = async (): Promise<void> => {
      for (;;) {
        try {
          await sequelize.transaction(
            { isolationLevel: Transaction.ISOLATION_LEVELS.SERIALIZABLE },
            async (t) => {
              const [row] = await sequelize.query<{ n: number }>(
                'SELECT n FROM counters WHERE id = 1',
                { type: QueryTypes.SELECT, transaction: t },
              );
              await sequelize.query('UPDATE counters SET n = $1 WHERE id = 1', {
                bind: [row.n + 1],
                transaction: t,
              });
            },
          );
          return;
        } catch (error: any) {
          const code = error.parent?.code ?? error.original?.code ?? error.code;
          if (code !== '40001' && code !== '40P01') throw error;
        }
      }
    };
    await Promise.all(Array.from({ length: 20 }, increment));
    assert.deepEqual(
      await sequelize.query('SELECT n FROM counters WHERE id = 1', { type: QueryTypes.SELECT }),
      [{ n: 70 }],
    );
  });
});
