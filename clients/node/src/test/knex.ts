// Knex: schema builder, introspection, queries, transactions, migrations' table.
import assert from 'node:assert/strict';
import { describe, it, before, after } from 'node:test';
import knexFactory from 'knex';
import { settings } from '../app/connection';

const knex = knexFactory({
  client: 'pg',
  connection: {
    host: settings.host,
    port: settings.port,
    user: settings.username,
    password: settings.password,
    database: settings.database,
  },
  pool: { min: 0, max: 4 },
});

describe('knex', () => {
  const drop = async () => {
    await knex.schema.dropTableIfExists('k_items');
    await knex.schema.dropTableIfExists('k_owners');
  };
  before(drop);
  after(async () => {
    await drop();
    await knex.destroy();
  });

  it('builds tables', async () => {
    await knex.schema.createTable('k_owners', (table) => {
      table.increments('id');
      table.string('name', 40).notNullable().unique();
    });
    await knex.schema.createTable('k_items', (table) => {
      table.bigIncrements('id');
      table.integer('owner_id').references('id').inTable('k_owners').onDelete('CASCADE');
      table.decimal('price', 8, 2).defaultTo(0).notNullable();
      table.jsonb('data');
      table.uuid('ref').defaultTo(knex.fn.uuid());
      table.enum('state', ['new', 'done']).defaultTo('new');
      table.timestamps(true, true);
      table.index(['owner_id', 'price'], 'k_items_owner_price');
    });
    assert.equal(await knex.schema.hasTable('k_items'), true);
    assert.equal(await knex.schema.hasTable('k_nosuch'), false);
    assert.equal(await knex.schema.hasColumn('k_items', 'price'), true);
    assert.equal(await knex.schema.hasColumn('k_items', 'nosuch'), false);
  });

  it('introspects columns', async () => {
    const info = await knex('k_items').columnInfo();
    assert.deepEqual(Object.keys(info), [
      'id',
      'owner_id',
      'price',
      'data',
      'ref',
      'state',
      'created_at',
      'updated_at',
    ]);
    assert.deepEqual(info.price, {
      type: 'numeric',
      maxLength: null,
      nullable: false,
      defaultValue: "'0'::numeric",
    });
    assert.deepEqual(info.id, {
      type: 'bigint',
      maxLength: null,
      nullable: false,
      defaultValue: "nextval('k_items_id_seq'::regclass)",
    });
    assert.equal(info.created_at.type, 'timestamp with time zone');
    assert.deepEqual(await knex('k_owners').columnInfo('name'), {
      type: 'character varying',
      maxLength: 40,
      nullable: false,
      defaultValue: null,
    });
  });

  it('alters tables', async () => {
    await knex.schema.alterTable('k_items', (table) => {
      table.string('note').defaultTo('n');
      table.renameColumn('data', 'payload');
      table.string('state', 20).alter();
    });
    assert.equal(((await knex('k_items').columnInfo('payload' as any)) as any).type, 'jsonb');
    await knex.schema.alterTable('k_items', (table) => {
      table.dropColumn('note');
      table.dropIndex([], 'k_items_owner_price');
    });
    assert.equal(await knex.schema.hasColumn('k_items', 'note'), false);
  });

  it('inserts, selects, updates, deletes', async () => {
    const [owner] = await knex('k_owners').insert({ name: 'ann' }).returning(['id', 'name']);
    assert.deepEqual(owner, { id: 1, name: 'ann' });
    await knex('k_items').insert([
      { owner_id: 1, price: 1.5, payload: { a: 1 } },
      { owner_id: 1, price: 2 },
    ]);
    const rows = await knex('k_items')
      .join('k_owners', 'k_owners.id', 'k_items.owner_id')
      .select('name', 'price')
      .where('price', '>', 1)
      .orderBy('price');
    assert.deepEqual(rows, [
      { name: 'ann', price: '1.50' },
      { name: 'ann', price: '2.00' },
    ]);
    assert.deepEqual(await knex('k_items').sum('price as s').count('* as n').first(), {
      s: '3.50',
      n: '2',
    });
    assert.equal(await knex('k_items').where({ price: 2 }).update({ state: 'done' }), 1);
    await knex('k_owners').insert({ name: 'ann' }).onConflict('name').ignore();
    await knex('k_owners').insert({ id: 1, name: 'anna' }).onConflict('id').merge();
    assert.deepEqual(await knex('k_owners').pluck('name'), ['anna']);
    assert.deepEqual(await knex('k_items').whereJsonPath('payload', '$.a', '=', 1).pluck('price'), [
      '1.50',
    ]);
    assert.equal(await knex('k_owners').where('id', 1).del(), 1);
    assert.deepEqual(await knex('k_items').count('* as n').first(), { n: '0' });
  });

  it('runs transactions', async () => {
    await assert.rejects(
      knex.transaction(async (trx) => {
        await trx('k_owners').insert({ name: 'undone' });
        throw new Error('stop');
      }),
      /stop/,
    );
    await knex.transaction(
      async (trx) => {
        await trx('k_owners').insert({ name: 'kept' });
        await trx('k_owners').forUpdate().select();
        await trx.transaction(async (inner) => {
          await inner('k_owners').insert({ name: 'inner' });
        });
      },
      { isolationLevel: 'repeatable read' },
    );
    assert.deepEqual(await knex('k_owners').orderBy('name').pluck('name'), ['inner', 'kept']);
  });

  it('runs raw SQL and CTEs', async () => {
    const { rows } = await knex.raw('select ?::int + 1 as n, ?? from k_owners where name = ?', [
      1,
      'name',
      'kept',
    ]);
    assert.deepEqual(rows, [{ n: 2, name: 'kept' }]);
    const found = await knex
      .with('w', knex('k_owners').where('name', 'like', 'k%'))
      .select('name')
      .from('w');
    assert.deepEqual(found, [{ name: 'kept' }]);
  });
});
