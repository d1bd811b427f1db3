import type { ExpansionSpec } from '../../../src/domain/workflows/expansion/spec.js';
import type { TaskDefaults } from '../../../src/domain/workflows/spec.js';
import { NOTHING_SAID } from '../workflows/specs.js';

/** Settings of a task that expands. */
export function expanding(said: Partial<ExpansionSpec> = {}): TaskDefaults {
  return {
    ...NOTHING_SAID,
    expansion: {
      type: 'ARRAY',
      arrayMapping: [{ name: 'user', path: 'context.users' }],
      transformRules: { combine: [], filter: {}, fieldMappings: {}, conditions: [], validation: [] },
      mappingRules: {},
      outputFormat: 'SEPARATE',
      mergeStrategy: null,
      reducer: '',
      maxItems: null,
      itemIdentifier: '',
      ...said,
    },
  };
}
