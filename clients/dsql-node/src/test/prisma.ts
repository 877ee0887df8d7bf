// Prisma's client by its driver adapter on the connector's pool; relations are Prisma's own
// (relationMode "prisma"). The tables are as its migrations for Aurora DSQL make them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '../generated/prisma/client';
import { codeOf, rejection, retrying, users } from './cluster';
import { define, openPool } from './pool';

const migration = [
  `CREATE TABLE "orders" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "product" TEXT NOT NULL,
    "quantity" INTEGER NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMP(3) NOT NULL,
    CONSTRAINT "orders_pkey" PRIMARY KEY ("id"))`,
  `CREATE TABLE "order_items" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "order_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "price" DOUBLE PRECISION NOT NULL,
    CONSTRAINT "order_items_pkey" PRIMARY KEY ("id"))`,
  'CREATE INDEX ASYNC "order_items_order_id_idx" ON "order_items"("order_id")',
];

for (const { user, schema } of users) {
  test(`prisma: changes, relations and transactions, as ${user}`, async () => {
    const pool = openPool(user, schema);
    const prisma = new PrismaClient({
      adapter: new PrismaPg(pool, { schema }),
      // A machine that is busy takes longer than Prisma's own limits of a few seconds.
      transactionOptions: { maxWait: 60_000, timeout: 60_000 },
    });
    try {
      for (const statement of migration) {
        await define(pool, `BEGIN; ${statement}; COMMIT;`);
      }
      const order = await retrying(() =>
        prisma.order.create({
          data: {
            product: 'book',
            quantity: 2,
            items: { create: [{ name: 'first', price: 9.5 }, { name: 'second', price: 1e-3 }] },
          },
          include: { items: { orderBy: { name: 'asc' } } },
        }),
      );
      assert.equal(order.status, 'pending');
      assert(Math.abs(order.createdAt.getTime() - Date.now()) < 60_000);
      assert.deepEqual(order.items.map((item) => [item.name, item.price]), [
        ['first', 9.5], ['second', 1e-3],
      ]);
      await prisma.order.createMany({
        data: [1, 2, 3].map((quantity) => ({ product: 'pen', quantity })),
      });
      const grouped = await prisma.order.groupBy({
        by: ['product'], _sum: { quantity: true }, orderBy: { product: 'asc' },
      });
      assert.deepEqual(grouped, [
        { product: 'book', _sum: { quantity: 2 } }, { product: 'pen', _sum: { quantity: 6 } },
      ]);
      const found = await prisma.order.findMany({
        where: { items: { some: { price: { gt: 9 } } } },
        include: { items: true },
      });
      assert.deepEqual(found.map((one) => [one.product, one.items.length]), [['book', 2]]);
      const upserted = await prisma.order.upsert({
        where: { id: order.id },
        create: { product: 'none', quantity: 0 },
        update: { quantity: { increment: 1 } },
      });
      assert.equal(upserted.quantity, 3);

      const failed = prisma.$transaction(async (tx) => {
        await tx.orderItem.deleteMany();
        throw new Error('changed my mind');
      });
      assert.equal((await rejection(failed)).message, 'changed my mind');
      assert.equal(await prisma.orderItem.count(), 2);
      const conflict = prisma.$transaction(async (tx) => {
        await tx.order.update({ where: { id: order.id }, data: { quantity: 5 } });
        await prisma.order.update({ where: { id: order.id }, data: { quantity: 4 } });
      });
      const lost = (await rejection(conflict)) as any;
      assert.equal(codeOf(lost), '40001', `${lost.code}: ${lost.message}`);
      const raw = await prisma.$queryRaw`SELECT quantity FROM orders WHERE id = ${order.id}::uuid`;
      assert.deepEqual(raw, [{ quantity: 4 }]);
      assert.equal((await prisma.order.deleteMany({ where: { product: 'pen' } })).count, 3);
    } finally {
      await prisma.$disconnect();
      for (const table of ['order_items', 'orders']) {
        await retrying(() => pool.query(`DROP TABLE ${table}`));
      }
      await pool.end();
    }
  });
}
