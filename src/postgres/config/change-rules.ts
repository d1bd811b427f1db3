import type { Put, RulesChanged } from '../../ports/config-record.js';
import type { Connection, Database } from '../database.js';
import { loadStatement } from '../statement.js';

const LOCK_RULES = loadStatement('./lock-rules.sql', import.meta.url);
const RAISE_RULES = loadStatement('./raise-rules.sql', import.meta.url);

/**
 * Changes what an organisation has set, alone: changes of one organisation come one after the other, so that
 * what is read within is what is changed. Its version is raised in the same transaction, unless `didChange`
 * says that there was nothing to do.
 *
 * @param work gets the version that holds once it is done
 */
export function changeRules<T>(
  db: Database,
  org: string,
  work: (connection: Connection, version: number) => Promise<T>,
  didChange: (answer: T) => boolean,
): Promise<T> {
  return db.transaction(async (connection) => {
    const [locked] = await connection.run<{ readonly version: number }>(LOCK_RULES, [org]);
    const answer = await work(connection, (locked?.version ?? 0) + 1);
    if (didChange(answer)) await connection.run(RAISE_RULES, [org]);
    return answer;
  });
}

/**
 * The same for a change that was checked against rules of one version: of another nothing is changed.
 *
 * @param asOf the version; `null`: whatever it is
 */
export function changeRulesAsOf<T extends Put<unknown> | null>(
  db: Database,
  { org, asOf }: { readonly org: string; readonly asOf: number | null },
  work: (connection: Connection, version: number) => Promise<T>,
): Promise<T | RulesChanged> {
  return changeRules<T | RulesChanged>(
    db,
    org,
    async (connection, version) =>
      asOf !== null && asOf !== version - 1 ? { kind: 'RULES_CHANGED' } : work(connection, version),
    isOk,
  );
}

export function isOk(put: Put<unknown> | RulesChanged | null): boolean {
  return put?.kind === 'OK';
}

/** Whether what is there (0: nothing) is what its reader expects. */
export function isExpected(expected: number | null, found: number): boolean {
  return expected === null || expected === found;
}
