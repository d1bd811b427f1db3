import { CONNECTIONS } from './connections.js';
import { DURABILITY } from './durability.js';
import { LATENCY } from './latency.js';
import { transactionsOlderThan } from './open-transactions.js';
import { POOLER } from './pooler.js';
import { RIGHTS_OF_ROLE } from './rights.js';
import { SCHEMA } from './schema.js';
import { SERVER } from './server.js';
import { SPACE_LEFT } from './space.js';
import { VACUUM } from './vacuum.js';
import type { PostgresCheck } from './visit.js';

/** Feeds are that late then. */
const OLD_TRANSACTION_S = 5;

/** In the order in which they are looked at; without the first the others make no sense. */
export const POSTGRES_CHECKS: readonly [PostgresCheck, ...PostgresCheck[]] = [
  SERVER,
  LATENCY,
  POOLER,
  SCHEMA,
  RIGHTS_OF_ROLE,
  DURABILITY,
  CONNECTIONS,
  transactionsOlderThan(OLD_TRANSACTION_S),
  VACUUM,
  SPACE_LEFT,
];
