import type { Option } from './command.js';
import { DEFAULT_ADDRESS } from './connection/address.js';
import { FORMATS } from './output/format.js';

/** Options that every command takes, before or after its name. */
export const GLOBAL_OPTIONS: readonly Option[] = [
  {
    name: 'address',
    value: 'HOST:PORT',
    doc: 'coordinator to talk to',
    env: 'REEVE_ADDRESS',
    default: `that of the profile, else ${DEFAULT_ADDRESS}`,
  },
  {
    name: 'org',
    value: 'ORG',
    doc: 'organisation to act in',
    env: 'REEVE_ORG',
    default: 'that of the profile, else default',
  },
  {
    name: 'profile',
    value: 'NAME',
    doc: 'profile that says address and organisation',
    env: 'REEVE_PROFILE',
    default: 'the one in use',
    complete: 'profile',
  },
  {
    name: 'output',
    short: 'o',
    value: 'FORMAT',
    doc: 'how data is written',
    choices: FORMATS,
    default: 'table on a terminal, else json',
  },
  {
    name: 'timeout',
    value: 'DURATION',
    doc: 'give up after this long, such as 500ms, 60s, 5m',
    default: '10s for a call, no limit for waiting',
  },
  { name: 'no-color', doc: 'do not color the output', env: 'NO_COLOR' },
];

/** Of a command that repeats itself. */
export const WATCH: Option = { name: 'watch', short: 'w', doc: 'keep showing it as it changes' };

/** Of a watch that has to ask. */
export const INTERVAL: Option = {
  name: 'interval',
  value: 'DURATION',
  doc: 'how often --watch asks',
  default: '2s',
};
