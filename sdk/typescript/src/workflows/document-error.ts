/** Keys and places in lists, from the outermost on: `['groups', 0, 'tasks', 1, 'kind']`. */
export type DocumentPath = readonly (string | number)[];

/** What is wrong with a document, and where. */
export interface DocumentProblem {
  readonly path: DocumentPath;
  readonly description: string;
}

/** A document is no workflow. The message names every place, a line each. */
export class WorkflowDocumentError extends Error {
  override readonly name = 'WorkflowDocumentError';
  /** At most 50. */
  readonly problems: readonly DocumentProblem[];

  constructor(problems: readonly DocumentProblem[]) {
    super(problems.map(({ path, description }) => `${pathText(path)}: ${description}`).join('\n'));
    this.problems = problems;
  }
}

/** Parts of a path that are told; what is nested without end has no other one that could be read. */
const MOST_PARTS = 24;

/** `groups[0].tasks[1].kind`; of the document itself `the workflow`. */
export function pathText(path: DocumentPath): string {
  if (path.length === 0) return 'the workflow';
  if (path.length > MOST_PARTS) return `${pathText(path.slice(0, MOST_PARTS))}…`;
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    if (!/^[A-Za-z_][\w-]*$/.test(part)) return `${text}[${JSON.stringify(part)}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}
