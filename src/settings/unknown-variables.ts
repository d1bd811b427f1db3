import { nearest } from '../domain/nearest.js';
import type { Setting } from './setting.js';
import { SETTINGS } from './table.js';

const PREFIX = 'REEVE_';

/** Those besides the settings that the command, the SDK, the examples or the tests read. */
const OTHERS = [
  'ADDRESS',
  'ATTEMPT',
  'CONFIG',
  'HTTP_URL',
  'ORG',
  'PROFILE',
  'SETTINGS',
  'TASK_ID',
  'TASK_KIND',
  'TEST_POSTGRES_URL',
  'TEST_REQUIRE',
];

/** The names of all variables that mean something, without `REEVE_`, in the form of a setting's name. */
const KNOWN = new Set([
  ...Object.values<Setting<unknown>>(SETTINGS).map(({ name }) => name),
  ...OTHERS.map((name) => name.toLowerCase().replaceAll('_', '-')),
]);

/** A variable that begins with `REEVE_` and that nothing reads. */
export interface UnknownVariable {
  readonly name: string;
  /** The variable that was most likely meant. */
  readonly meant?: string;
}

/** Those of an environment, by name. An empty one is unset. */
export function unknownVariables(
  env: Readonly<Record<string, string | undefined>>,
): readonly UnknownVariable[] {
  const given = Object.keys(env).filter((name) => name.startsWith(PREFIX) && env[name]);
  return given.sort().flatMap((name): UnknownVariable[] => {
    const word = name.slice(PREFIX.length).toLowerCase().replaceAll('_', '-');
    if (KNOWN.has(word)) return [];
    const meant = nearest(word, KNOWN);
    return [{ name, ...(meant && { meant: `${PREFIX}${meant.toUpperCase().replaceAll('-', '_')}` }) }];
  });
}
