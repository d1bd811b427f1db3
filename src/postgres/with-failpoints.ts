import type { Failpoint, Failpoints } from '../ports/failpoints.js';
import type { Database } from './database.js';

type Name = Failpoint extends infer F ? (F extends `${infer Verb}.before-commit` ? Verb : never) : never;

/** A batch with the failpoints `<name>.before-commit` and `<name>.after-commit` around it. */
export function withFailpoints<Item, Outcome>(
  failpoints: Failpoints,
  name: Name,
  run: (db: Database, items: readonly Item[]) => Promise<Outcome[]>,
): (db: Database, items: readonly Item[]) => Promise<Outcome[]> {
  return async (db, items) => {
    await failpoints.hit(`${name}.before-commit`);
    const outcomes = await run(db, items);
    await failpoints.hit(`${name}.after-commit`);
    return outcomes;
  };
}
