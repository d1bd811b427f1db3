import type { Database } from '../../../src/postgres/database.js';

/** Runs a statement in a transaction that stays open until the returned function commits it. */
export async function openTransaction(db: Database, text: string, values: readonly unknown[] = []) {
  let end = () => {};
  const gate = new Promise<void>((resolve) => {
    end = resolve;
  });
  let done: Promise<unknown> = Promise.resolve();
  await new Promise<void>((resolve, reject) => {
    done = db.transaction(async (connection) => {
      await connection.run({ name: '', text }, values).catch(reject);
      resolve();
      await gate;
    });
    done.catch(reject);
  });
  return async () => {
    end();
    await done;
  };
}

/** Cancels a task that waits. $1 org, $2 id */
export const CANCEL_TASK = `WITH changed AS (
    UPDATE task SET state = 'CANCELLED', open = false, finish_time = now(), seq = seq + 1
    WHERE org = $1 AND id = $2::uuid RETURNING *
  )
  INSERT INTO task_event (org, task_id, seq, type, state, epoch, series, attempt, deliveries)
  SELECT org, id, seq, 'CANCELLED', state, epoch, series, attempt, deliveries FROM changed`;
