import { Ajv, type AnySchema, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { storableText } from '../../domain/policies/storable.js';
import type { PolicyProblem, SchemaViolation } from '../../ports/policy-engine.js';
import { Recent } from './recent.js';

/** How many violations of an input are told. */
export const MAX_VIOLATIONS = 20;
/** Compiled schemas that are kept, and their characters: one takes about 25 bytes a character (measured). */
const MAX_SCHEMAS = 200;
const MAX_SCHEMAS_LENGTH = 1_000_000;
const MAX_WORDS = 500;

const OPTIONS: Options = {
  allErrors: true,
  // A keyword or a format that nobody knows is a slip of the pen more often than an annotation.
  strictSchema: true,
  strictNumbers: true,
  strictTypes: false,
  strictTuples: false,
  strictRequired: false,
  messages: true,
  logger: false,
};

export type CompiledSchema = { readonly check: ValidateFunction } | { readonly problem: PolicyProblem };

const compiled = new Recent<CompiledSchema>(MAX_SCHEMAS, MAX_SCHEMAS_LENGTH);

/** Compiles a schema of draft 7 or 2020-12, as its `$schema` says; without one 2020-12. */
export function schemaOf(text: string): CompiledSchema {
  return compiled.get(text) ?? compiled.set(text, compileSchema(text));
}

function compileSchema(text: string): CompiledSchema {
  try {
    const schema: AnySchema = JSON.parse(text);
    return { check: compilerFor(schema).compile(schema) };
  } catch (error) {
    const message = error instanceof RangeError ? 'the schema is nested too deeply' : wordsOf(error);
    return { problem: { line: 0, column: 0, message } };
  }
}

function compilerFor(schema: AnySchema): Ajv | Ajv2020 {
  const draft: unknown = typeof schema === 'object' ? schema.$schema : undefined;
  const ajv = isDraft7(draft) ? new Ajv(OPTIONS) : new Ajv2020(OPTIONS);
  if (draft !== undefined && !isDraft7(draft) && !isDraft2020(draft)) {
    throw new Error(`$schema must be JSON Schema draft 7 or 2020-12, not ${JSON.stringify(draft)}`);
  }
  formats.default(ajv);
  return ajv;
}

function isDraft7(draft: unknown): boolean {
  return typeof draft === 'string' && /^https?:\/\/json-schema\.org\/draft-07\/schema#?$/.test(draft);
}

function isDraft2020(draft: unknown): boolean {
  return typeof draft === 'string' && /^https?:\/\/json-schema\.org\/draft\/2020-12\/schema#?$/.test(draft);
}

/** What is wrong with an input, the first of it. */
export function violationsOf(check: ValidateFunction, input: unknown): readonly SchemaViolation[] {
  if (check(input)) return [];
  return (check.errors ?? []).slice(0, MAX_VIOLATIONS).map((error) => ({
    path: storableText(cut(error.instancePath)),
    message: storableText(cut(messageOf(error))),
  }));
}

function messageOf({ message = 'is wrong', params, keyword }: ErrorObject): string {
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') {
    return `${message}: ${Object.values(params).join(', ')}`;
  }
  if (keyword === 'enum') return `${message}: ${JSON.stringify(params.allowedValues)}`;
  return message;
}

function wordsOf(error: unknown): string {
  return cut(error instanceof Error ? error.message : String(error));
}

function cut(text: string): string {
  return text.length > MAX_WORDS ? `${text.slice(0, MAX_WORDS)}…` : text;
}
