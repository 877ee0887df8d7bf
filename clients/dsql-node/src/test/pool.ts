// The connector's pool, in a schema.
import { AuroraDSQLPool } from '@aws/aurora-dsql-node-postgres-connector';
import { cluster } from './cluster';

export function openPool(user: string, schema: string, more: object = {}): AuroraDSQLPool {
  return new AuroraDSQLPool({ ...cluster, user, options: `-c search_path=${schema}`, ...more });
}
