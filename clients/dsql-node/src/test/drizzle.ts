// Drizzle on the connector's pool: a schema, migrations one statement a transaction with a table of
// their own (Drizzle's has a SERIAL), queries with relations.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { asc, count, eq, relations, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { date, pgTable, primaryKey, uuid, varchar } from 'drizzle-orm/pg-core';
import { codeOf, rejection, retrying, users } from './cluster';
import { define, openPool } from './pool';

const id = () => uuid('id').primaryKey().default(sql`gen_random_uuid()`);

const owner = pgTable('owner', {
  id: id(),
  name: varchar({ length: 30 }).notNull(),
  city: varchar({ length: 80 }).notNull(),
  telephone: varchar({ length: 20 }),
});
const pet = pgTable('pet', {
  id: id(),
  name: varchar({ length: 30 }).notNull(),
  birthDate: date({ mode: 'date' }).notNull(),
  ownerId: uuid('owner_id'),
});
const specialty = pgTable('specialty', { name: varchar({ length: 80 }).primaryKey() });
const vet = pgTable('vet', { id: id(), name: varchar({ length: 30 }).notNull() });
const specialtyToVet = pgTable(
  '_SpecialtyToVet',
  { specialtyName: varchar('A', { length: 80 }).notNull(), vetId: uuid('B').notNull() },
  (table) => [primaryKey({ columns: [table.specialtyName, table.vetId] })],
);
const ownerRelations = relations(owner, ({ many }) => ({ pets: many(pet) }));
const petRelations = relations(pet, ({ one }) => ({
  owner: one(owner, { fields: [pet.ownerId], references: [owner.id] }),
}));
const vetRelations = relations(vet, ({ many }) => ({ specialties: many(specialtyToVet) }));
const specialtyToVetRelations = relations(specialtyToVet, ({ one }) => ({
  vet: one(vet, { fields: [specialtyToVet.vetId], references: [vet.id] }),
}));
const schema = {
  owner, pet, specialty, vet, specialtyToVet,
  ownerRelations, petRelations, vetRelations, specialtyToVetRelations,
};

const migration = `
CREATE TABLE "owner" (
  "id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL, "name" varchar(30) NOT NULL,
  "city" varchar(80) NOT NULL, "telephone" varchar(20)
);
--> statement-breakpoint
CREATE TABLE "pet" (
  "id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL, "name" varchar(30) NOT NULL,
  "birthDate" date NOT NULL, "owner_id" uuid
);
--> statement-breakpoint
CREATE TABLE "specialty" ("name" varchar(80) PRIMARY KEY NOT NULL);
--> statement-breakpoint
CREATE TABLE "_SpecialtyToVet" (
  "A" varchar(80) NOT NULL, "B" uuid NOT NULL,
  CONSTRAINT "_SpecialtyToVet_A_B_pk" PRIMARY KEY("A","B")
);
--> statement-breakpoint
CREATE TABLE "vet" (
  "id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL, "name" varchar(30) NOT NULL
);
--> statement-breakpoint
CREATE INDEX ASYNC "pet_owner" ON "pet" ("owner_id");`;

for (const { user, schema: path } of users) {
  test(`drizzle: migrations, changes and relations, as ${user}`, async () => {
    const pool = openPool(user, path);
    const db = drizzle({ client: pool, schema });
    const tables = ['pet', 'owner', '_SpecialtyToVet', 'vet', 'specialty', '__drizzle_migrations'];
    try {
      await retrying(() =>
        pool.query(`CREATE TABLE IF NOT EXISTS "__drizzle_migrations" (
          id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tag text NOT NULL, created_at bigint)`),
      );
      for (const statement of migration.split('--> statement-breakpoint')) {
        await define(pool, statement);
      }
      await retrying(() =>
        pool.query('INSERT INTO "__drizzle_migrations" VALUES ($1, $2, $3)', [
          randomUUID(), '0000_init', Date.now(),
        ]),
      );

      const [john, mary] = await retrying(() =>
        db.insert(owner)
          .values([{ name: 'John Doe', city: 'Anytown' }, { name: 'Mary Major', city: 'Anytown' }])
          .returning(),
      );
      assert.equal(john.telephone, null);
      await db.insert(pet).values([
        { name: 'Pet-1', birthDate: new Date('2006-10-25'), ownerId: john.id },
        { name: 'Pet-2', birthDate: new Date('2021-07-23'), ownerId: mary.id },
        { name: 'Pet-3', birthDate: new Date('2020-02-29'), ownerId: mary.id },
      ]);
      const found = await db.query.owner.findFirst({
        where: eq(owner.name, 'Mary Major'),
        with: { pets: { orderBy: asc(pet.birthDate), columns: { name: true, birthDate: true } } },
      });
      assert.deepEqual(found!.pets, [
        { name: 'Pet-3', birthDate: new Date('2020-02-29') },
        { name: 'Pet-2', birthDate: new Date('2021-07-23') },
      ]);
      await db.transaction(async (tx) => {
        await tx.insert(specialty).values([{ name: 'dogs' }, { name: 'cats' }]);
        const [carlos] = await tx.insert(vet).values({ name: 'Carlos Salazar' }).returning();
        await tx.insert(specialtyToVet).values([
          { specialtyName: 'dogs', vetId: carlos.id },
          { specialtyName: 'cats', vetId: carlos.id },
        ]);
      });
      const vets = await db.query.vet.findMany({
        with: { specialties: { orderBy: asc(specialtyToVet.specialtyName) } },
      });
      assert.deepEqual(vets[0].specialties.map((one) => one.specialtyName), ['cats', 'dogs']);

      const perOwner = await db
        .select({ name: owner.name, pets: count(pet.id) })
        .from(owner)
        .leftJoin(pet, eq(pet.ownerId, owner.id))
        .groupBy(owner.name)
        .orderBy(owner.name);
      assert.deepEqual(perOwner, [
        { name: 'John Doe', pets: 1 }, { name: 'Mary Major', pets: 2 },
      ]);
      await db.insert(owner)
        .values({ id: john.id, name: 'x', city: 'x' })
        .onConflictDoUpdate({ target: owner.id, set: { city: 'Elsewhere' } });
      const [{ city }] = await db.select().from(owner).where(eq(owner.id, john.id));
      assert.equal(city, 'Elsewhere');

      const conflict = db.transaction(async (tx) => {
        await tx.update(owner).set({ city: 'second' }).where(eq(owner.id, mary.id));
        await db.update(owner).set({ city: 'first' }).where(eq(owner.id, mary.id));
      });
      assert.equal(codeOf(await rejection(conflict)), '40001');
      const twice = db.insert(owner).values({ ...mary });
      assert.equal(codeOf(await rejection(twice)), '23505');
    } finally {
      for (const table of tables) {
        await retrying(() => pool.query(`DROP TABLE IF EXISTS "${table}"`));
      }
      await pool.end();
    }
  });
}
