import type { Option } from './command.js';

/** What roles and subjects have in common. */
export const GROUP: Option = { name: 'group', value: 'GROUP', doc: 'one of its groups', many: true };
export const ATTRIBUTES: Option = {
  name: 'attributes',
  value: 'JSON',
  doc: 'free keys and values to find it by, as a JSON object',
};
export const CHECK_ONLY: Option = { name: 'dry-run', doc: 'only check; nothing is changed' };

/** What both are found by. */
export const FINDING: readonly Option[] = [
  {
    name: 'filter',
    value: 'JSON',
    doc: 'only those that match: fields with a value, $eq, $ne, $in, $nin, $exists; $and, $or; attributes as attributes.NAME',
  },
  { name: 'limit', value: 'N', doc: 'at most so many, 0 for all', default: '100' },
];
export const DEFAULT_FOUND = 100;
