import type { Payload } from '../gen/reeve/v1/payload_pb.js';
import { decodePayload } from '../payload.js';
import { TaskError } from './task-error.js';

/**
 * A schema of any library that follows Standard Schema, version 1 (zod, valibot, arktype …).
 *
 * @typeParam Output - what a valid input becomes
 */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/**
 * The input of a task as its handler gets it; with a schema a promise of it. Throws, or rejects with,
 * {@link TaskError} INVALID_INPUT, not retryable.
 */
export function readInput(payload: Payload | undefined, schema: StandardSchema | undefined): unknown {
  const input = decode(payload);
  return schema ? validate(input, schema) : input;
}

async function validate(input: unknown, schema: StandardSchema): Promise<unknown> {
  const result = await schema['~standard'].validate(input);
  if (!result.issues) return result.value;
  const issues = result.issues.map(({ message, path }) => ({ path: pathOf(path), message }));
  const [first] = issues;
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  throw invalidInput(first ? `${first.path}: ${first.message}${more}` : 'invalid input', issues);
}

function decode(payload: Payload | undefined): unknown {
  try {
    return decodePayload(payload);
  } catch (error) {
    throw invalidInput(`input: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function invalidInput(message: string, detail?: unknown): TaskError {
  return new TaskError('INVALID_INPUT', message, { retryable: false, detail });
}

function pathOf(path: SchemaIssue['path']): string {
  return ['input', ...(path ?? []).map((p) => String(typeof p === 'object' ? p.key : p))].join('.');
}
