// TypeORM on the connector: a migrations table with a UUID for a key made beforehand, migrations
// without a transaction around them (one definition a transaction), entities with relations.
import 'reflect-metadata';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { AuroraDSQLClient, AuroraDSQLPool } from '@aws/aurora-dsql-node-postgres-connector';
import * as pg from 'pg';
import {
  Column, DataSource, Entity, JoinColumn, JoinTable, ManyToMany, ManyToOne, OneToMany,
  PrimaryColumn,
} from 'typeorm';
import type { MigrationInterface, QueryRunner, Relation } from 'typeorm';
import { cluster, codeOf, rejection, retrying, users } from './cluster';
import { openPool } from './pool';

@Entity('owner')
class Owner {
  @PrimaryColumn({ type: 'uuid' }) id: string = randomUUID();
  @Column({ type: 'varchar', length: 30 }) name!: string;
  @Column({ type: 'varchar', length: 80 }) city!: string;
  @Column({ type: 'varchar', length: 20, nullable: true }) telephone?: string;
  @OneToMany(() => Pet, (pet) => pet.owner, { cascade: true }) pets!: Relation<Pet>[];
}

@Entity('pet')
class Pet {
  @PrimaryColumn({ type: 'uuid' }) id: string = randomUUID();
  @Column({ type: 'varchar', length: 30 }) name!: string;
  @Column({ name: 'birth_date', type: 'timestamp' }) birthDate!: Date;
  @ManyToOne(() => Owner, (owner) => owner.pets, { createForeignKeyConstraints: false })
  @JoinColumn({ name: 'owner_id' })
  owner!: Relation<Owner>;
}

@Entity('specialty')
class Specialty {
  @PrimaryColumn({ type: 'varchar', length: 80 }) name!: string;
}

@Entity('vet')
class Vet {
  @PrimaryColumn({ type: 'uuid' }) id: string = randomUUID();
  @Column({ type: 'varchar', length: 30 }) name!: string;
  @ManyToMany(() => Specialty, { cascade: true, createForeignKeyConstraints: false })
  @JoinTable({
    name: 'vet_specialty',
    joinColumn: { name: 'vet_id' },
    inverseJoinColumn: { name: 'specialty_name' },
  })
  specialties!: Specialty[];
}

class Base1731957649222 implements MigrationInterface {
  async up(queries: QueryRunner): Promise<void> {
    for (const table of [
      `owner (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), name VARCHAR(30) NOT NULL,
              city VARCHAR(80) NOT NULL, telephone VARCHAR(20))`,
      `pet (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), name VARCHAR(30) NOT NULL,
            birth_date TIMESTAMP NOT NULL, owner_id UUID)`,
      'specialty (name VARCHAR(80) PRIMARY KEY)',
      'vet (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), name VARCHAR(30) NOT NULL)',
      `vet_specialty (vet_id UUID, specialty_name VARCHAR(80),
                      PRIMARY KEY (vet_id, specialty_name))`,
    ]) {
      await queries.query(`CREATE TABLE IF NOT EXISTS ${table}`);
    }
  }
  async down(queries: QueryRunner): Promise<void> {
    for (const table of ['vet_specialty', 'vet', 'specialty', 'pet', 'owner']) {
      await queries.query(`DROP TABLE ${table}`);
    }
  }
}

async function open(user: string, schema: string): Promise<DataSource> {
  return new DataSource({
    type: 'postgres',
    ...cluster,
    username: user,
    schema,
    driver: { ...pg, Client: AuroraDSQLClient, Pool: AuroraDSQLPool },
    entities: [Owner, Pet, Specialty, Vet],
    migrations: [Base1731957649222],
    synchronize: false,
  }).initialize();
}

for (const { user, schema } of users) {
  test(`typeorm: migrations and entities, as ${user}`, async () => {
    const pool = openPool(user, schema);
    await retrying(() => pool.query(`ALTER USER "${user}" SET search_path = "${schema}"`));
    await retrying(() =>
      pool.query(`CREATE TABLE IF NOT EXISTS "${schema}"."migrations" (
        "id" UUID PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
        "timestamp" bigint NOT NULL, "name" character varying NOT NULL)`),
    );
    const source = await open(user, schema);
    try {
      const [migration] = await source.runMigrations({ transaction: 'none' });
      assert.equal(migration.name, 'Base1731957649222');
      assert.deepEqual(await source.runMigrations({ transaction: 'none' }), []);

      const owners = source.getRepository(Owner);
      const pet = (name: string, day: string) =>
        Object.assign(new Pet(), { name, birthDate: new Date(`${day}T00:00:00Z`) });
      const john = Object.assign(new Owner(), {
        name: 'John Doe', city: 'Anytown', pets: [pet('Pet-1', '2006-10-25')],
      });
      const mary = Object.assign(new Owner(), {
        name: 'Mary Major', city: 'Any city', telephone: '555-5555-0123',
        pets: [pet('Pet-2', '2021-07-23'), pet('Pet-3', '2020-02-29')],
      });
      await retrying(() => owners.save([john, mary]));
      const found = await owners.findOneOrFail({
        where: { name: 'Mary Major' },
        relations: { pets: true },
        order: { pets: { name: 'DESC' } },
      });
      assert.equal(found.telephone, '555-5555-0123');
      assert.deepEqual(found.pets.map((one) => one.name), ['Pet-3', 'Pet-2']);
      const first = await source.getRepository(Pet).findOneOrFail({
        where: { name: 'Pet-1' },
        relations: { owner: true },
      });
      assert.equal(first.birthDate.toISOString(), '2006-10-25T00:00:00.000Z');
      assert.equal(first.owner.name, 'John Doe');

      const vets = source.getRepository(Vet);
      const specialties = ['dogs', 'cats'].map((name) => Object.assign(new Specialty(), { name }));
      await vets.save(Object.assign(new Vet(), { name: 'Carlos Salazar', specialties }));
      const vet = await vets.findOneOrFail({
        where: { name: 'Carlos Salazar' },
        relations: { specialties: true },
        order: { specialties: { name: 'ASC' } },
      });
      assert.deepEqual(vet.specialties.map((one) => one.name), ['cats', 'dogs']);

      await source.transaction(async (manager) => {
        await manager.update(Owner, john.id, { city: 'Elsewhere' });
        await manager.delete(Pet, { owner: { id: john.id } });
      });
      const count = await source
        .getRepository(Pet)
        .createQueryBuilder('pet')
        .innerJoin('pet.owner', 'owner', 'owner.city <> :city', { city: 'Elsewhere' })
        .getCount();
      assert.equal(count, 2);
      const failed = source.transaction(async (manager) => {
        await manager.delete(Owner, { id: mary.id });
        throw new Error('changed my mind');
      });
      assert.equal((await rejection(failed)).message, 'changed my mind');
      assert.equal(await owners.count(), 2);

      const conflict = source.transaction(async (manager) => {
        await manager.findOneByOrFail(Owner, { id: mary.id });
        await owners.update(mary.id, { city: 'first' });
        await manager.update(Owner, mary.id, { city: 'second' });
      });
      assert.equal(codeOf(await rejection(conflict)), '40001');

      await source.undoLastMigration({ transaction: 'none' });
      assert.equal(codeOf(await rejection(owners.count())), '42P01');
    } finally {
      await source.destroy();
      await retrying(() => pool.query('DROP TABLE migrations'));
      await pool.end();
    }
  });
}
