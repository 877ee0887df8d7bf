// Extension vector: raw SQL through Sequelize, and pgvector's package with Sequelize and pg.
import assert from 'node:assert/strict';
import { describe, it, before, after } from 'node:test';
import { Client } from 'pg';
import { SparseVector } from 'pgvector';
import pgvector from 'pgvector/pg';
import { cosineDistance, l1Distance, l2Distance, maxInnerProduct } from 'pgvector/sequelize';
import { registerTypes } from 'pgvector/sequelize';
import { DataTypes, Model, QueryTypes, Sequelize } from 'sequelize';
import sequelize, { settings } from '../app/connection';

registerTypes(Sequelize);
// It adds the types to Sequelize's, which no declaration tells.
const Types = DataTypes as unknown as Record<
  'VECTOR' | 'HALFVEC' | 'SPARSEVEC',
  (dimensions: number) => string
>;

// Its declaration wants the dimensions also of an array, which says them.
function sparseOf(values: number[]): SparseVector {
  return new SparseVector(values, undefined);
}

async function drop(): Promise<void> {
  await sequelize.query('DROP TABLE IF EXISTS embeddings, documents, pg_items CASCADE');
}

describe('vectors', () => {
  before(drop);
  after(drop);

  it('makes a table and an index', async () => {
    const setup = () =>
      sequelize.query(`
        CREATE EXTENSION IF NOT EXISTS vector;
        CREATE TABLE IF NOT EXISTS embeddings (
          id SERIAL PRIMARY KEY,
          name VARCHAR(100) NOT NULL,
          embedding vector(3) NOT NULL
        );
        CREATE INDEX IF NOT EXISTS idx_embeddings
        ON embeddings USING hnsw (embedding vector_l2_ops);
      `);
    await setup();
    await setup();
  });

  it('inserts vectors by bound parameters', async () => {
    const documents = [
      ['doc-1', '[1.0, 2.0, 3.0]'],
      ['doc-2', '[1.0, 0.5, 0.0]'],
      ['doc-3', '[4.0, 4.0, 4.5]'],
    ];
    for (const bind of documents) {
      await sequelize.query(`INSERT INTO embeddings (name, embedding) VALUES ($1, $2)`, { bind });
    }
    await assert.rejects(
      sequelize.query(`INSERT INTO embeddings (name, embedding) VALUES ($1, $2)`, {
        bind: ['doc-4', '[1, 2]'],
      }),
      /expected 3 dimensions, not 2/,
    );
  });

  it('orders by cosine distance', async () => {
    const results = await sequelize.query<{ name: string; distance: number }>(
      `SELECT name, cosine_distance(embedding, '[1.0, 1.0, 1.0]') AS distance
       FROM embeddings
       ORDER BY distance ASC
       LIMIT 5`,
      { type: QueryTypes.SELECT },
    );
    assert.deepEqual(
      results.map((row) => row.name),
      ['doc-3', 'doc-1', 'doc-2'],
    );
    assert.ok(Math.abs(results[1].distance - (1 - 6 / Math.sqrt(14 * 3))) < 1e-6);
  });

  it('filters and orders by l2 distance', async () => {
    const nearest = await sequelize.query(
      `SELECT name FROM embeddings
       WHERE embedding <-> '[1.0, 0.0, 0.0]' < 1.0
       ORDER BY embedding <-> '[1.0, 0.0, 0.0]'`,
      { type: QueryTypes.SELECT },
    );
    assert.deepEqual(nearest, [{ name: 'doc-2' }]);
  });

  it('takes a probe that is bound, and one from a subquery', async () => {
    const bound = await sequelize.query(
      'SELECT name FROM embeddings ORDER BY embedding <-> $1 LIMIT $2',
      { type: QueryTypes.SELECT, bind: ['[4, 4, 4]', 2] },
    );
    assert.deepEqual(bound, [{ name: 'doc-3' }, { name: 'doc-1' }]);
    const alike = await sequelize.query(
      `SELECT name FROM embeddings WHERE name <> 'doc-1' ORDER BY embedding <->
         (SELECT embedding FROM embeddings WHERE name = 'doc-1') LIMIT 1`,
      { type: QueryTypes.SELECT },
    );
    assert.deepEqual(alike, [{ name: 'doc-2' }]);
  });
});

describe("pgvector's package", () => {
  // Sequelize learns of types when it connects: not before there is the extension.
  const ours = new Sequelize({ dialect: 'postgres', ...settings, logging: false });

  class Document extends Model {
    declare id: number;
    declare embedding: number[];
    declare half: number[];
    declare sparse: SparseVector;
  }

  before(async () => {
    await drop();
    await sequelize.query('CREATE EXTENSION IF NOT EXISTS vector');
    Document.init(
      {
        id: { type: DataTypes.INTEGER, autoIncrement: true, primaryKey: true },
        embedding: { type: Types.VECTOR(3) },
        half: { type: Types.HALFVEC(3) },
        sparse: { type: Types.SPARSEVEC(3) },
      },
      {
        sequelize: ours,
        tableName: 'documents',
        timestamps: false,
        indexes: [
          {
            name: 'documents_embedding',
            using: 'hnsw',
            fields: [{ name: 'embedding', operator: 'vector_l2_ops' }],
          },
        ],
      },
    );
  });
  after(async () => {
    await drop();
    await ours.close();
  });

  it('with Sequelize: synchronises a model with an index', async () => {
    await Document.sync({ force: true });
    await Document.sync();
    const [index] = await sequelize.query<{ indexdef: string }>(
      "SELECT indexdef FROM pg_indexes WHERE indexname = 'documents_embedding'",
      { type: QueryTypes.SELECT },
    );
    assert.match(index.indexdef, /USING hnsw \(embedding vector_l2_ops\)$/);
  });

  it('with Sequelize: stores and reads', async () => {
    const rows = [
      [1, 1, 1],
      [2, 2, 2],
      [1, 1, 2],
    ].map((values) => ({ embedding: values, half: values, sparse: sparseOf(values) }));
    await Document.bulkCreate(rows);
    const read = await Document.findAll({ order: ['id'] });
    assert.deepEqual(
      read.map((row) => [row.embedding, row.half, row.sparse.toArray()]),
      rows.map((row) => [row.embedding, row.half, row.sparse.toArray()]),
    );
    await Document.create({ embedding: null });
    await Document.destroy({ where: { embedding: null } });
  });

  it('with Sequelize: finds the nearest by each distance', async () => {
    const probe = [1, 1, 1];
    const nearest = async (order: unknown) =>
      (await Document.findAll({ order: [order as string, 'id'], limit: 5 })).map((row) => row.id);
    assert.deepEqual(await nearest(l2Distance('embedding', probe, ours)), [1, 3, 2]);
    assert.deepEqual(await nearest(maxInnerProduct('embedding', probe, ours)), [2, 3, 1]);
    assert.deepEqual(await nearest(cosineDistance('embedding', probe, ours)), [1, 2, 3]);
    assert.deepEqual(await nearest(l1Distance('embedding', probe, ours)), [1, 3, 2]);
    assert.deepEqual(await nearest(l2Distance('half', probe, ours)), [1, 3, 2]);
    const sparse = sparseOf(probe);
    assert.deepEqual(await nearest(l2Distance('sparse', sparse, ours)), [1, 3, 2]);
  });

  it('with pg: registers the types, stores, reads and finds', async () => {
    const { username, ...where } = settings;
    const client = new Client({ user: username, ...where });
    await client.connect();
    try {
      await pgvector.registerTypes(client);
      await client.query(
        `CREATE TABLE pg_items (id serial PRIMARY KEY, embedding vector(3), half halfvec(3),
           bits bit(3), sparse sparsevec(3))`,
      );
      const embedding = [1.5, 2, 3];
      const sparse = sparseOf([0, 2, 3]);
      await client.query(
        `INSERT INTO pg_items (embedding, half, bits, sparse)
         VALUES ($1, $2, $3, $4), ('[7,8,9]', '[7,8,9]', '111', NULL)`,
        [pgvector.toSql(embedding), pgvector.toSql(embedding), '101', sparse],
      );
      const { rows } = await client.query(
        'SELECT * FROM pg_items ORDER BY embedding <-> $1 LIMIT 5',
        [pgvector.toSql([1, 2, 3])],
      );
      assert.deepEqual(rows[0].embedding, embedding);
      assert.deepEqual(rows[0].half, embedding);
      assert.equal(rows[0].bits, '101');
      assert.deepEqual(rows[0].sparse.toArray(), [0, 2, 3]);
      assert.equal(rows[1].sparse, null);
      const bits = await client.query("SELECT id FROM pg_items ORDER BY bits <~> '110' LIMIT 1");
      assert.deepEqual(bits.rows, [{ id: 2 }]);
    } finally {
      await client.end();
    }
  });
});
