import type { DirectoryRecord } from '../ports/directory-record.js';
import type { OrgRules } from '../ports/org-rules.js';

/** The same record; what is changed by it is in force here before the change is answered. */
export function directoryInForce(record: DirectoryRecord, rules: Pick<OrgRules, 'changed'>): DirectoryRecord {
  const thenInForce =
    <C, T>(verb: (org: string, change: C) => Promise<T>) =>
    async (org: string, change: C): Promise<T> => {
      const answer = await verb(org, change);
      if (answer !== null) await rules.changed(org);
      return answer;
    };
  return {
    ...record,
    putRole: thenInForce(record.putRole),
    deleteRole: thenInForce(record.deleteRole),
    putSubject: thenInForce(record.putSubject),
    deleteSubject: thenInForce(record.deleteSubject),
  };
}
