import type { JobKind } from '../../domain/jobs/job-kind.js';
import {
  type ConfigRecord,
  MAX_JOB_KIND_LENGTH,
  MAX_JOB_KINDS,
  type Put,
} from '../../ports/config-record.js';
import type { Connection, Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { changeRules, isExpected, isOk } from './change-rules.js';
import { decodeJobKind, type JobKindRow } from './rows.js';

const GET_JOB_KIND = loadStatement('./get-job-kind.sql', import.meta.url);
const LIST_JOB_KINDS = loadStatement('./list-job-kinds.sql', import.meta.url);
const COUNT_OTHER_JOB_KINDS = loadStatement('./count-other-job-kinds.sql', import.meta.url);
const PUT_JOB_KIND = loadStatement('./put-job-kind.sql', import.meta.url);
const DELETE_JOB_KIND = loadStatement('./delete-job-kind.sql', import.meta.url);

type JobKinds = Pick<ConfigRecord, 'putJobKind' | 'deleteJobKind' | 'listJobKinds'>;

export function createJobKinds(db: Database): JobKinds {
  return {
    putJobKind: ({ org, jobKind, expected, actor }) =>
      changeRules<Put<JobKind>>(
        db,
        org,
        async (connection, version) => {
          const { kind, inputSchema, requiredFields, validate, description, preemptible } = jobKind;
          const found = await get(connection, org, kind);
          if (!isExpected(expected, found?.version ?? 0)) return { kind: 'CHANGED_SINCE', found };
          const schema = inputSchema && JSON.stringify(inputSchema);
          const others = await connection.run<{ count: number; length: number }>(COUNT_OTHER_JOB_KINDS, [
            org,
            kind,
            schema,
            validate,
          ]);
          const { count, length } = others[0] ?? { count: 0, length: 0 };
          if (count >= MAX_JOB_KINDS || length > MAX_JOB_KIND_LENGTH) return { kind: 'TOO_MANY' };
          const rules = [schema, JSON.stringify(requiredFields), validate, description, preemptible];
          const values = [org, kind, ...rules, version, actor];
          const [row] = await connection.run<JobKindRow>(PUT_JOB_KIND, values);
          if (!row) throw new Error('a kind of job was put, and is not there');
          return { kind: 'OK', value: decodeJobKind(row) };
        },
        isOk,
      ),

    deleteJobKind: ({ org, kind, expected }) =>
      changeRules<Put<JobKind> | null>(
        db,
        org,
        async (connection) => {
          const found = await get(connection, org, kind);
          if (!found) return null;
          if (!isExpected(expected, found.version)) return { kind: 'CHANGED_SINCE', found };
          await connection.run<JobKindRow>(DELETE_JOB_KIND, [org, kind]);
          return { kind: 'OK', value: found };
        },
        isOk,
      ),

    async listJobKinds(org) {
      return (await db.read<JobKindRow>(LIST_JOB_KINDS, [org, MAX_JOB_KINDS])).map(decodeJobKind);
    },
  };
}

async function get(connection: Connection, org: string, kind: string): Promise<JobKind | null> {
  const [row] = await connection.run<JobKindRow>(GET_JOB_KIND, [org, kind]);
  return row ? decodeJobKind(row) : null;
}
