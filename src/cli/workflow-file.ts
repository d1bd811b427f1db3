import { readFile } from 'node:fs/promises';
import {
  type DocumentPath,
  pathText,
  ReeveError,
  type TracedWorkflow,
  traceWorkflow,
  WorkflowDocumentError,
  type WorkflowProblemInfo,
} from '@reeve/sdk';
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Argument, Option } from './command.js';
import { EXIT } from './exit-codes.js';
import { CliError, usageError } from './failure.js';
import type { Given } from './given.js';
import { jsonOrWord } from './json-value.js';
import { readAll } from './read-stream.js';
import type { World } from './world.js';

export const FILE_ARGUMENT: Argument = {
  name: 'FILE',
  doc: 'the workflow in YAML or JSON; - reads standard input',
  complete: 'file',
};

export const FILE_OPTIONS: readonly Option[] = [
  {
    name: 'param',
    value: 'KEY=VALUE',
    doc: 'what its templates see as params.KEY: JSON, or any other text as itself',
    many: true,
  },
  { name: 'context', value: 'KEY=VALUE', doc: 'what its context begins with at KEY; the same', many: true },
];

/** A workflow from a file, with what was given besides it. */
export interface WorkflowFile extends TracedWorkflow {
  /** `nightly.yaml:3:12`; the file alone for what is not in it. */
  readonly at: (path: DocumentPath) => string;
}

/**
 * Reads FILE, and into it `--param` and `--context`.
 *
 * @throws usage errors that name file, line and column of everything that is wrong with its form
 */
export async function workflowFrom(given: Given, world: World): Promise<WorkflowFile> {
  const [file = ''] = given.args;
  const origin = file === '-' ? 'standard input' : file;
  const { value, at } = parsed(await textOf(file, world), origin);
  const document = ['param', 'context'].reduce((before, name) => withGiven(before, given, name), value);
  try {
    return { ...traceWorkflow(document), at };
  } catch (error) {
    if (!(error instanceof WorkflowDocumentError)) throw error;
    const lines = error.problems.map(
      ({ path, description }) => `${at(path)}: ${pathText(path)}: ${description}`,
    );
    throw invalid(lines);
  }
}

/** Runs what may find fault with a workflow; what it finds is shown with its place in the file. */
export async function pointingInto<T>(file: WorkflowFile, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const violations = error instanceof ReeveError ? error.violations : [];
    if (!violations.some(({ field }) => /^spec\b/.test(field))) throw error;
    throw invalid(violations.map((violation) => problemText(file, violation)));
  }
}

/** `nightly.yaml:3:12: groups[0].depends_on: UNKNOWN_DEPENDENCY: …` */
export function problemText(
  file: WorkflowFile,
  { field, reason = '', description }: Omit<WorkflowProblemInfo, 'reason'> & { readonly reason?: string },
): string {
  const place = file.placeOf(field);
  const why = reason === '' ? description : `${reason}: ${description}`;
  return `${file.at(place)}: ${field.replace(/^spec\.?/, '') || 'the workflow'}: ${why}`;
}

export function invalid(lines: readonly string[]): CliError {
  const message = lines.join('\n');
  const hint = 'Correct it and run it again; docs/workflows.md says what there may be.';
  return new CliError({ code: 'WORKFLOW_INVALID', message, retryable: false, hint, exit: EXIT.usage });
}

async function textOf(file: string, world: World): Promise<string> {
  if (file === '-') return readAll(world.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw usageError(error instanceof Error ? error.message : String(error), 'Check the path.');
  }
}

function parsed(text: string, origin: string): { value: unknown; at: WorkflowFile['at'] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { merge: true, prettyErrors: false, lineCounter: lines });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${origin}:${line}:${col}`;
  };
  const [broken] = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  if (broken) {
    const fault = `this is neither YAML nor JSON that can be read: ${broken.message}`;
    throw usageError(`${at(broken.pos[0])}: ${fault}`, 'Correct it and run it again.');
  }
  const place = (path: DocumentPath) => {
    const offset = offsetOf(document, path);
    return offset === undefined ? origin : at(offset);
  };
  try {
    return { value: document.toJS({ maxAliasCount: 1_000 }), at: place };
  } catch (error) {
    throw usageError(`${origin}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Where a key stands, or an item of a list; of what is not there, what is around it. */
function offsetOf(document: Document, path: DocumentPath): number | undefined {
  let node: unknown = document.contents;
  let offset = startOf(node);
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === part);
      if (!pair) break;
      offset = startOf(pair.key);
      node = pair.value;
    } else if (isSeq(node) && typeof part === 'number') {
      node = node.items[part];
      if (node === undefined) break;
      offset = startOf(node);
    } else break;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return (node as { range?: readonly number[] } | null)?.range?.[0];
}

/** `--param user.name=Ada` goes to `params`, in `user`, as `name`. */
function withGiven(document: unknown, given: Given, name: string): unknown {
  const key = name === 'param' ? 'params' : name;
  return Object.entries(given.pairs(name)).reduce((before, [path, text]) => {
    const value = jsonOrWord(text, `--${name} ${path}`);
    return withValue(before, [key, ...path.split('.')], value, `--${name} ${path}`);
  }, document);
}

function withValue(
  object: unknown,
  [first = '', ...rest]: readonly string[],
  value: unknown,
  name: string,
): unknown {
  if (typeof object !== 'object' || Array.isArray(object)) {
    throw usageError(`${name}: there is something else than an object`, 'Check the names in it.');
  }
  const inside = (object ?? {}) as Readonly<Record<string, unknown>>;
  const before = Object.hasOwn(inside, first) ? inside[first] : null;
  return { ...inside, [first]: rest.length === 0 ? value : withValue(before, rest, value, name) };
}
