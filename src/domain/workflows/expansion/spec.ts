export type ExpansionType = 'ARRAY' | 'MATRIX' | 'CUSTOM';
export type OutputFormat = 'SEPARATE' | 'MERGE' | 'SINGLE';
export type MergeStrategy = 'DEEP' | 'SHALLOW' | 'CONCAT' | 'SUM' | 'AVERAGE' | 'REDUCE';

/** How one task becomes many; see expansion.proto. */
export interface ExpansionSpec {
  readonly type: ExpansionType;
  /** In order: the last one goes round first. */
  readonly arrayMapping: readonly { readonly name: string; readonly path: string }[];
  readonly transformRules: TransformRules;
  /** CEL over `item`, or a path in it, by the name that an item's field gets. */
  readonly mappingRules: Readonly<Record<string, string>>;
  readonly outputFormat: OutputFormat;
  /** `null`: that of the output format. */
  readonly mergeStrategy: MergeStrategy | null;
  readonly reducer: string;
  /** `null`: as many as the organisation may have. */
  readonly maxItems: number | null;
  /** A field of an item, or CEL over `item`; empty: its number. */
  readonly itemIdentifier: string;
}

/** With CUSTOM; empty otherwise. */
export interface TransformRules {
  readonly combine: readonly string[];
  readonly filter: Readonly<Record<string, string>>;
  readonly fieldMappings: Readonly<Record<string, string>>;
  readonly conditions: readonly string[];
  readonly validation: readonly string[];
}
