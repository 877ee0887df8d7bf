// Schema changes through Sequelize's query interface.
import assert from 'node:assert/strict';
import { describe, it, before, after } from 'node:test';
import { DataTypes, Model, Op } from 'sequelize';
import sequelize from '../app/connection';

const tables = sequelize.getQueryInterface();

describe('schema changes', () => {
  const drop = async () => {
    await sequelize.query('DROP TABLE IF EXISTS parts, makers, parts2, everything CASCADE');
    await sequelize.query('DROP SCHEMA IF EXISTS warehouse CASCADE');
    await sequelize.query('DROP TYPE IF EXISTS enum_everything_choice, enum_everything_choices');
  };
  before(drop);
  after(drop);

  it('creates tables with references', async () => {
    await tables.createTable('makers', {
      id: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true },
      name: DataTypes.STRING,
    });
    await tables.createTable('parts', {
      id: { type: DataTypes.UUID, primaryKey: true, defaultValue: DataTypes.UUIDV4 },
      maker: {
        type: DataTypes.INTEGER,
        references: { model: 'makers', key: 'id' },
        onDelete: 'SET NULL',
      },
      price: { type: DataTypes.DECIMAL(10, 2), allowNull: false, defaultValue: 1.5 },
    });
    const description = await tables.describeTable('parts');
    assert.equal(description.id.type, 'UUID');
    assert.equal(description.price.type, 'NUMERIC');
    assert.equal(description.price.defaultValue, '1.5');
    assert.equal(description.price.allowNull, false);
    assert.equal(await tables.tableExists('parts'), true);
    assert.equal(await tables.tableExists('nosuch'), false);
  });

  it('adds, changes, renames and removes columns', async () => {
    await tables.addColumn('parts', 'label', { type: DataTypes.STRING(20), defaultValue: 'none' });
    await tables.changeColumn('parts', 'label', {
      type: DataTypes.TEXT,
      allowNull: false,
      defaultValue: 'some',
    });
    await tables.renameColumn('parts', 'label', 'title');
    let description = await tables.describeTable('parts');
    assert.equal(description.title.type, 'TEXT');
    assert.equal(description.title.allowNull, false);
    await tables.removeColumn('parts', 'title');
    description = await tables.describeTable('parts');
    assert.equal(description.title, undefined);
  });

  it('adds, lists and removes indexes', async () => {
    await tables.addIndex('parts', {
      fields: ['maker', { name: 'price', order: 'DESC' }],
      name: 'parts_maker_price',
      unique: true,
    });
    await tables.addIndex('parts', {
      fields: ['price'],
      name: 'parts_cheap',
      where: { price: { [Op.lt]: 5 } },
    });
    const indexes = (await tables.showIndex('parts')) as any[];
    const index = indexes.find((each) => each.name === 'parts_maker_price');
    assert.equal(index.unique, true);
    assert.deepEqual(
      index.fields.map((field: any) => field.attribute),
      ['maker', 'price'],
    );
    await tables.removeIndex('parts', 'parts_maker_price');
    assert.ok(
      !((await tables.showIndex('parts')) as any[]).some(
        (each) => each.name === 'parts_maker_price',
      ),
    );
  });

  it('adds, lists and removes constraints', async () => {
    await tables.addConstraint('parts', {
      fields: ['price'],
      type: 'check',
      name: 'price_positive',
      where: { price: { [Op.gt]: 0 } },
    });
    await tables.addConstraint('parts', { fields: ['maker'], type: 'unique', name: 'one_each' });
    await assert.rejects(
      tables.bulkInsert('parts', [{ id: 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', price: -1 }]),
      /price_positive/,
    );
    const constraints = (await (tables as any).showConstraint('parts')) as any[];
    const names = constraints.map((each) => each.constraintName);
    assert.ok(
      names.includes('price_positive') &&
        names.includes('one_each') &&
        names.includes('parts_maker_fkey'),
      names.join(),
    );
    const references = (await tables.getForeignKeyReferencesForTable('parts')) as any[];
    assert.deepEqual(
      references.map((each) => [
        each.columnName,
        each.referencedTableName,
        each.referencedColumnName,
      ]),
      [['maker', 'makers', 'id']],
    );
    await tables.removeConstraint('parts', 'price_positive');
  });

  it('keeps a value of every data type', async () => {
    class Everything extends Model {}
    Everything.init(
      {
        small: DataTypes.SMALLINT,
        big: DataTypes.BIGINT,
        real: DataTypes.REAL,
        double: DataTypes.DOUBLE,
        decimal: DataTypes.DECIMAL(12, 4),
        flag: DataTypes.BOOLEAN,
        short: DataTypes.STRING(10),
        fixed: DataTypes.CHAR(4),
        long: DataTypes.TEXT,
        blob: DataTypes.BLOB,
        day: DataTypes.DATEONLY,
        moment: DataTypes.DATE(3),
        clock: DataTypes.TIME,
        uuid: DataTypes.UUID,
        json: DataTypes.JSON,
        jsonb: DataTypes.JSONB,
        list: DataTypes.ARRAY(DataTypes.INTEGER),
        texts: DataTypes.ARRAY(DataTypes.TEXT),
        choice: DataTypes.ENUM('a', 'b'),
        choices: DataTypes.ARRAY(DataTypes.ENUM('x', 'y')),
      },
      { sequelize, tableName: 'everything', timestamps: false },
    );
    await Everything.sync({ force: true });
    const values = {
      small: -5,
      big: '9007199254740993',
      real: 1.5,
      double: 0.1,
      decimal: '12.3400',
      flag: true,
      short: 'short',
      fixed: 'abcd',
      long: 'x'.repeat(5000),
      blob: Buffer.from([0, 1, 255]),
      day: '2020-02-29',
      moment: new Date('2020-01-02T03:04:05.678Z'),
      clock: '10:20:30',
      uuid: 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
      json: { a: [1, null] },
      jsonb: { b: 'c' },
      list: [1, 2],
      texts: ['a', 'b,"c'],
      choice: 'b',
      choices: ['y', 'x'],
    };
    const { id } = (await Everything.create(values)).get() as any;
    assert.deepEqual((await Everything.findByPk(id))!.get({ plain: true }), { id, ...values });
    assert.equal(await Everything.count({ where: { list: [1, 2], day: '2020-02-29' } as any }), 1);
    await sequelize.query('DROP TABLE everything');
  });

  it('works in schemas', async () => {
    await tables.createSchema('warehouse');
    assert.ok(((await tables.showAllSchemas()) as unknown as string[]).includes('warehouse'));
    await tables.createTable(
      { tableName: 'bins', schema: 'warehouse' },
      { id: { type: DataTypes.INTEGER, primaryKey: true } },
    );
    await tables.bulkInsert({ tableName: 'bins', schema: 'warehouse' }, [{ id: 1 }, { id: 2 }]);
    await tables.bulkDelete({ tableName: 'bins', schema: 'warehouse' }, { id: 1 });
    await tables.dropSchema('warehouse');
    assert.ok(!((await tables.showAllSchemas()) as unknown as string[]).includes('warehouse'));
  });

  it('renames and drops tables', async () => {
    await tables.renameTable('parts', 'parts2');
    assert.equal(await tables.tableExists('parts2'), true);
    await tables.dropTable('parts2');
    await tables.dropTable('makers');
    assert.equal(await tables.tableExists('makers'), false);
  });
});
