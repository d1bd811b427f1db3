import { randomUUID } from 'node:crypto';
import { v7 } from 'uuid';
import type { IdSource } from '../ports/id-source.js';

/** The machine's randomness. */
export const systemIds: IdSource = {
  taskId: () => v7(),
  uuid: () => randomUUID(),
  random: () => Math.random(),
};
