// The connector's pool, in a schema.
import { AuroraDSQLPool } from '@aws/aurora-dsql-node-postgres-connector';
import { cluster, retrying } from './cluster';

export function openPool(user: string, schema: string, more: object = {}): AuroraDSQLPool {
  return new AuroraDSQLPool({ ...cluster, user, options: `-c search_path=${schema}`, ...more });
}

type Definition = { rows: { job_id: string }[] };

// With the job that builds an index: its end is a definition, too, which what follows would meet
// wherever it is then.
export async function define(pool: AuroraDSQLPool, sql: string): Promise<void> {
  const results = [await retrying(() => pool.query(sql))].flat() as Definition[];
  for (const { job_id } of results.flatMap((result) => result.rows)) {
    await retrying(() => pool.query(`CALL sys.wait_for_job('${job_id}')`));
  }
}
