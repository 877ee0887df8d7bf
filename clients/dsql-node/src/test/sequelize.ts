// Sequelize on the connector by dialectModule, as Aurora DSQL's samples have it: owners, pets and
// vets, in public as admin and in a schema of its own as another role.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuroraDSQLClient } from '@aws/aurora-dsql-node-postgres-connector';
import * as pg from 'pg';
import { DataTypes, Model, Sequelize, Transaction } from 'sequelize';
import { cluster, codeOf, rejection, retrying, users } from './cluster';

class Owner extends Model {
  declare id: string;
  declare name: string;
  declare city: string;
  declare pets?: Pet[];
}
class Pet extends Model {
  declare id: string;
  declare name: string;
  declare birthDate: string;
  declare owner?: Owner;
}
class Specialty extends Model {
  declare id: string;
}
class Vet extends Model {
  declare id: string;
  declare name: string;
  declare specialties?: Specialty[];
}
class VetSpecialty extends Model {}

const id = { type: DataTypes.UUID, primaryKey: true, defaultValue: DataTypes.UUIDV4 };
const tables = {
  owner: {
    id,
    name: { type: DataTypes.STRING(30), allowNull: false },
    city: { type: DataTypes.STRING(80), allowNull: false },
    telephone: { type: DataTypes.STRING(20), allowNull: true },
  },
  pet: {
    id,
    name: { type: DataTypes.STRING(30), allowNull: false },
    birthDate: { type: DataTypes.DATEONLY, allowNull: false },
    ownerId: { type: DataTypes.UUID, allowNull: true },
  },
  specialty: { id: { type: DataTypes.STRING(80), primaryKey: true } },
  vet: { id, name: { type: DataTypes.STRING(30), allowNull: false } },
  vetSpecialty: {
    id,
    vetId: { type: DataTypes.UUID, allowNull: true },
    specialtyId: { type: DataTypes.STRING(80), allowNull: true },
  },
};

function connect(user: string, schema: string): Sequelize {
  return new Sequelize({
    ...cluster,
    username: user,
    dialect: 'postgres',
    dialectModule: { ...pg, Client: AuroraDSQLClient },
    dialectOptions: { clientMinMessages: 'ignore' },
    define: { timestamps: false },
    hooks: {
      afterConnect: async (connection: any) => {
        if (user !== 'admin') await connection.query(`SET search_path TO ${schema}`);
      },
    },
    pool: { max: 5, min: 0, acquire: 30000, idle: 10000 },
    logging: false,
  });
}

async function createTables(sequelize: Sequelize): Promise<void> {
  const queries = sequelize.getQueryInterface();
  for (const [name, columns] of Object.entries(tables)) {
    await retrying(() => queries.createTable(name, columns));
  }
}

function initModels(sequelize: Sequelize): void {
  Owner.init(tables.owner, { sequelize, tableName: 'owner' });
  Pet.init(tables.pet, { sequelize, tableName: 'pet' });
  Specialty.init(tables.specialty, { sequelize, tableName: 'specialty' });
  Vet.init(tables.vet, { sequelize, tableName: 'vet' });
  VetSpecialty.init(tables.vetSpecialty, { sequelize, tableName: 'vetSpecialty' });
  Pet.belongsTo(Owner, { as: 'owner', foreignKey: 'ownerId', constraints: false });
  Owner.hasMany(Pet, { as: 'pets', foreignKey: 'ownerId', constraints: false });
  const through = { model: VetSpecialty, unique: false };
  Vet.belongsToMany(Specialty, {
    as: 'specialties', through, foreignKey: 'vetId', constraints: false,
  });
  Specialty.belongsToMany(Vet, {
    as: 'vets', through, foreignKey: 'specialtyId', constraints: false,
  });
}

for (const { user, schema } of users) {
  test(`sequelize: owners, pets and vets, as ${user}`, async () => {
    const sequelize = connect(user, schema);
    try {
      await sequelize.authenticate();
      await createTables(sequelize);
      initModels(sequelize);

      const [john, mary] = await retrying(() =>
        sequelize.transaction((transaction) =>
          Owner.bulkCreate(
            [{ name: 'John Doe', city: 'Anytown' }, { name: 'Mary Major', city: 'Anytown' }],
            { transaction },
          ),
        ),
      );
      for (const [name, birthDate, ownerId] of [
        ['Pet-1', '2006-10-25', john.id],
        ['Pet-2', '2021-07-23', mary.id],
        ['Pet-3', '2020-02-29', mary.id],
      ]) {
        await retrying(() => Pet.create({ name, birthDate, ownerId }));
      }
      const pet = await retrying(() =>
        Pet.findOne({ where: { name: 'Pet-3' }, include: { model: Owner, as: 'owner' } }),
      );
      assert.equal(pet!.birthDate, '2020-02-29');
      assert.equal(pet!.owner!.name, 'Mary Major');
      const owners = await Owner.findAll({
        include: { model: Pet, as: 'pets' },
        order: ['name', [{ model: Pet, as: 'pets' }, 'name', 'DESC']],
      });
      assert.deepEqual(
        owners.map((owner) => [owner.name, owner.pets!.map((one) => one.name)]),
        [['John Doe', ['Pet-1']], ['Mary Major', ['Pet-3', 'Pet-2']]],
      );

      await Specialty.bulkCreate(['Exotic', 'Dogs', 'Cats'].map((one) => ({ id: one })));
      const akua = await Vet.create({ name: 'Akua Mansa' });
      const carlos = await Vet.create({ name: 'Carlos Salazar' });
      await (akua as any).addSpecialties(['Exotic']);
      await (carlos as any).addSpecialties(['Cats', 'Dogs']);
      const vets = await Vet.findAll({
        include: { model: Specialty, as: 'specialties' },
        order: ['name', [{ model: Specialty, as: 'specialties' }, 'id', 'ASC']],
      });
      assert.deepEqual(
        vets.map((vet) => [vet.name, vet.specialties!.map((one) => one.id)]),
        [['Akua Mansa', ['Exotic']], ['Carlos Salazar', ['Cats', 'Dogs']]],
      );

      const [saved] = await Owner.upsert({ id: john.id, name: 'John Roe', city: 'Elsewhere' });
      assert.equal(saved.name, 'John Roe');
      assert.deepEqual(await Owner.update({ city: 'Here' }, { where: { id: mary.id } }), [1]);
      assert.equal(await Pet.destroy({ where: {} }), 3);
      assert.equal(await Pet.count(), 0);
    } finally {
      const queries = sequelize.getQueryInterface();
      for (const name of Object.keys(tables)) {
        await retrying(() => queries.dropTable(name));
      }
      await sequelize.close();
    }
  });

  test(`sequelize: a locked read conflicts with a change, as ${user}`, async () => {
    const sequelize = connect(user, schema);
    try {
      await retrying(() => sequelize.getQueryInterface().createTable('owner', tables.owner));
      Owner.init(tables.owner, { sequelize, tableName: 'owner' });
      const john = await retrying(() => Owner.create({ name: 'John Doe', city: 'Anytown' }));
      const transaction = await sequelize.transaction();
      const read = await retrying(() =>
        Owner.findByPk(john.id, { lock: Transaction.LOCK.UPDATE, transaction }),
      );
      assert.equal(read!.city, 'Anytown');
      await retrying(() => Owner.update({ city: 'Elsewhere' }, { where: { id: john.id } }));
      const lost = await rejection(transaction.commit());
      assert.equal(codeOf(lost), '40001');
      assert.match(lost.message, /\(OC000\)$/);
    } finally {
      await retrying(() => sequelize.getQueryInterface().dropTable('owner'));
      await sequelize.close();
    }
  });
}
