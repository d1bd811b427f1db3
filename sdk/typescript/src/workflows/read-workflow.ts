import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type WorkflowSpec, WorkflowSpecSchema } from '../gen/reeve/v1/workflow_spec_pb.js';
import type { DocumentPath } from './document-error.js';
import { readMessage } from './read-message.js';
import { entriesOf, isPlainObject, type Place, Reading, spoken } from './reading.js';

type SpecInit = MessageInitShape<typeof WorkflowSpecSchema>;

/** A workflow that was read, and where its parts came from. */
export interface TracedWorkflow {
  readonly spec: WorkflowSpec;
  /**
   * Where in the document it stands what a coordinator names, such as
   * `spec.groups[0].tasks[2].depends_on[0]`; of what is not in it, the nearest around it that is.
   */
  placeOf(field: string): DocumentPath;
}

/**
 * Reads a workflow as people write it: plain JSON values, keys in snake_case or camelCase, times as `30s`, names of
 * enums in lower case (`array`, `continue`), `id` of groups and tasks, settings right on what they are about. What
 * there may be and what it means is in `docs/workflows.md`. Whether it makes sense only a coordinator can say.
 *
 * @throws WorkflowDocumentError that names every place at which it is none
 */
export function readWorkflow(document: unknown): WorkflowSpec {
  return traceWorkflow(document).spec;
}

/** The same, for messages that point into the document. */
export function traceWorkflow(document: unknown): TracedWorkflow {
  const reading = new Reading();
  if (!isPlainObject(document)) reading.wrong([], `must be an object, not ${spoken(document)}`);
  reading.throwIfWrong();
  const entries = entriesOf(document as Readonly<Record<string, unknown>>, []);
  const init = readMessage(WorkflowSpecSchema, entries, [], 'spec', reading);
  reading.throwIfWrong();
  const { places } = reading;
  return {
    spec: create(WorkflowSpecSchema, init as SpecInit),
    placeOf: (field) => nearestPlace(places, field),
  };
}

/** One part of a field's name at its end: `.tasks`, `[2]`, `["a.b"]`. */
const LAST_PART = /(\.?[^.[\]]+|\[("(\\.|[^"\\])*"|\d+)\])$/;

function nearestPlace(places: ReadonlyMap<string, Place>, field: string): DocumentPath {
  const rest: (string | number)[] = [];
  let name = field;
  for (;;) {
    const place = places.get(name);
    if (place) return place.isFree ? [...place.at, ...rest] : place.at;
    const [last = ''] = LAST_PART.exec(name) ?? [];
    if (last === '') return [];
    rest.unshift(keyOf(last));
    name = name.slice(0, -last.length);
  }
}

function keyOf(part: string): string | number {
  if (!part.startsWith('[')) return part.replace('.', '');
  const inner = part.slice(1, -1);
  return inner.startsWith('"') ? inner.slice(1, -1).replace(/\\(.)/g, '$1') : Number(inner);
}
