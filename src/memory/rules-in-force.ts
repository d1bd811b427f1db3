import type { ConfigRecord } from '../ports/config-record.js';
import type { OrgRules } from '../ports/org-rules.js';

/** The same record; what is changed by it is in force here before the change is answered. */
export function rulesInForce(record: ConfigRecord, rules: Pick<OrgRules, 'changed'>): ConfigRecord {
  const thenInForce =
    <C extends { readonly org: string }, T>(verb: (change: C) => Promise<T>) =>
    async (change: C): Promise<T> => {
      const answer = await verb(change);
      await rules.changed(change.org);
      return answer;
    };
  return {
    ...record,
    setParameter: thenInForce(record.setParameter),
    deleteParameter: thenInForce(record.deleteParameter),
    putPolicy: thenInForce(record.putPolicy),
    deletePolicy: thenInForce(record.deletePolicy),
    putJobKind: thenInForce(record.putJobKind),
    deleteJobKind: thenInForce(record.deleteJobKind),
  };
}
