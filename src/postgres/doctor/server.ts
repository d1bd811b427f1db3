import { checkServer } from '../check-server.js';
import type { PostgresCheck } from './visit.js';

/** Whether it is there, lets us in, is new enough and can be written to. */
export const SERVER: PostgresCheck = {
  name: 'server',
  look: async ({ db }) => [{ level: 'ok', what: `Postgres ${await checkServer(db)}` }],
};
