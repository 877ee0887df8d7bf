// The cluster under test, as its environment describes it (tests/clients/dsql.py).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

function given(name: string): string {
  const value = process.env[name];
  assert(value, `${name} is not set`);
  return value;
}

export const cluster = {
  host: given('CLUSTER_ENDPOINT'),
  port: Number(given('CLUSTER_PORT')),
  region: given('REGION'),
  database: 'postgres',
};
// Who comes in, with which schema.
export const users = [
  { user: given('CLUSTER_USER'), schema: 'public' },
  { user: given('CLUSTER_APP_USER'), schema: 'myschema' },
];
// Names that lead to the server: of no cluster, and not on its certificate.
export const otherCluster = given('OTHER_CLUSTER_ENDPOINT');
export const otherRegion = given('OTHER_REGION_ENDPOINT');
export const authority = readFileSync(given('CLUSTER_CA'), 'utf8');

export type Rejection = { code?: string; message: string; hint?: string };

export async function rejection(promise: Promise<unknown>): Promise<Rejection> {
  let result: unknown;
  try {
    result = await promise;
  } catch (error) {
    return error as Rejection;
  }
  assert.fail(`was not refused: ${JSON.stringify(result)}`);
}

// Lets nobody go on until `count` have arrived; then everybody.
export function rendezvous(count: number): () => Promise<void> {
  let arrived = 0;
  let open: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return () => {
    if (++arrived === count) open();
    return opened;
  };
}

// Another session's definition is met once by every session that has not seen it: OC001.
export async function retrying<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const code = codeOf(error);
      if (code !== '40001' || attempt === 5) throw error;
    }
  }
}

// Of a driver's error, however ORMs wrap it.
export function codeOf(error: unknown): string | undefined {
  for (let at = error as any; at; at = at.cause ?? at.original ?? at.driverError) {
    const code = at.code ?? at.originalCode;
    // All that Prisma says of it.
    if (code === 'P2034') return '40001';
    if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !/^P20/.test(code)) return code;
  }
  return undefined;
}
