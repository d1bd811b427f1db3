export const FORMATS = ['table', 'json', 'jsonl', 'yaml', 'csv', 'name'] as const;

/** How data is written on standard output. */
export type Format = (typeof FORMATS)[number];
