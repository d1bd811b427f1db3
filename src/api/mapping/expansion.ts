import { create } from '@bufbuild/protobuf';
import {
  type Expansion,
  ExpansionSchema,
  ExpansionType,
  MergeStrategy,
  OutputFormat,
} from '@reeve/sdk/protocol';
import type { ExpansionSpec } from '../../domain/workflows/expansion/spec.js';
import { nameOf } from './enum-names.js';
import { sortedLabels } from './lists.js';

/** An expansion that has passed its constraints, defaults filled in. */
export function toDomainExpansion(expansion: Expansion): ExpansionSpec {
  const rules = expansion.transformRules;
  return {
    type: nameOf(ExpansionType, expansion.type) ?? 'ARRAY',
    arrayMapping: expansion.arrayMapping.map(({ name, path }) => ({ name, path })),
    transformRules: {
      combine: rules?.combine ?? [],
      filter: sortedLabels(rules?.filter ?? {}),
      fieldMappings: sortedLabels(rules?.fieldMappings ?? {}),
      conditions: rules?.conditions ?? [],
      validation: rules?.validation ?? [],
    },
    mappingRules: sortedLabels(expansion.mappingRules),
    outputFormat: nameOf(OutputFormat, expansion.outputFormat) ?? 'SEPARATE',
    mergeStrategy: nameOf(MergeStrategy, expansion.mergeStrategy),
    reducer: expansion.reducer,
    maxItems: expansion.maxItems || null,
    itemIdentifier: expansion.itemIdentifier,
  };
}

export function toProtoExpansion(expansion: ExpansionSpec): Expansion {
  const { combine, filter, fieldMappings, conditions, validation } = expansion.transformRules;
  return create(ExpansionSchema, {
    type: ExpansionType[expansion.type],
    arrayMapping: expansion.arrayMapping.map(({ name, path }) => ({ name, path })),
    ...(expansion.type === 'CUSTOM' && {
      transformRules: {
        combine: [...combine],
        filter: { ...filter },
        fieldMappings: { ...fieldMappings },
        conditions: [...conditions],
        validation: [...validation],
      },
    }),
    mappingRules: { ...expansion.mappingRules },
    outputFormat: OutputFormat[expansion.outputFormat],
    mergeStrategy: MergeStrategy[expansion.mergeStrategy ?? 'UNSPECIFIED'],
    reducer: expansion.reducer,
    maxItems: expansion.maxItems ?? 0,
    itemIdentifier: expansion.itemIdentifier,
  });
}
