import {
  type ConfigRecord,
  MAX_PARAMETER_LENGTH,
  MAX_PARAMETERS,
  type Put,
  type StoredParameter,
} from '../../ports/config-record.js';
import type { Connection, Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { changeRulesAsOf, isExpected } from './change-rules.js';
import { decodeParameter, type ParameterRow } from './rows.js';

const GET_PARAMETER = loadStatement('./get-parameter.sql', import.meta.url);
const LIST_PARAMETERS = loadStatement('./list-parameters.sql', import.meta.url);
const COUNT_OTHER_PARAMETERS = loadStatement('./count-other-parameters.sql', import.meta.url);
const SET_PARAMETER = loadStatement('./set-parameter.sql', import.meta.url);
const DELETE_PARAMETER = loadStatement('./delete-parameter.sql', import.meta.url);

type Parameters = Pick<ConfigRecord, 'setParameter' | 'deleteParameter' | 'listParameters'>;

export function createParameters(db: Database): Parameters {
  return {
    setParameter: ({ org, key, value, expected, asOf, actor }) =>
      changeRulesAsOf<Put<StoredParameter>>(db, { org, asOf }, async (connection, version) => {
        const found = await get(connection, org, key);
        if (!isExpected(expected, found?.version ?? 0)) return { kind: 'CHANGED_SINCE', found };
        const text = JSON.stringify(value);
        const others = await connection.run<{ count: number; length: number }>(COUNT_OTHER_PARAMETERS, [
          org,
          key,
          text,
        ]);
        const { count, length } = others[0] ?? { count: 0, length: 0 };
        if (count >= MAX_PARAMETERS || length > MAX_PARAMETER_LENGTH) {
          return { kind: 'TOO_MANY' };
        }
        const values = [org, key, text, version, actor];
        const [row] = await connection.run<ParameterRow>(SET_PARAMETER, values);
        if (!row) throw new Error('a parameter was set, and is not there');
        return { kind: 'OK', value: decodeParameter(row) };
      }),

    deleteParameter: ({ org, key, expected, asOf }) =>
      changeRulesAsOf<Put<StoredParameter> | null>(db, { org, asOf }, async (connection) => {
        const found = await get(connection, org, key);
        if (!found) return null;
        if (!isExpected(expected, found.version)) return { kind: 'CHANGED_SINCE', found };
        await connection.run<ParameterRow>(DELETE_PARAMETER, [org, key]);
        return { kind: 'OK', value: found };
      }),

    async listParameters(org) {
      return (await db.read<ParameterRow>(LIST_PARAMETERS, [org, MAX_PARAMETERS])).map(decodeParameter);
    },
  };
}

async function get(connection: Connection, org: string, key: string): Promise<StoredParameter | null> {
  const [row] = await connection.run<ParameterRow>(GET_PARAMETER, [org, key]);
  return row ? decodeParameter(row) : null;
}
