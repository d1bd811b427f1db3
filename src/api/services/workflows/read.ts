import { toBinary } from '@bufbuild/protobuf';
import { ValueSchema } from '@bufbuild/protobuf/wkt';
import {
  type WorkflowService,
  WorkflowSpecSchema,
  WorkflowState,
  WorkflowStateSchema,
  WorkflowView,
} from '@reeve/sdk/protocol';
import { invalidArgument, ReeveError } from '../../../domain/errors.js';
import type { JsonValue } from '../../../domain/json.js';
import { assemble, versionAt } from '../../../domain/workflows/context.js';
import { parsePath, pathText, valueAt } from '../../../domain/workflows/paths.js';
import { type WorkflowState as DomainState, WORKFLOW_STATES } from '../../../domain/workflows/workflow.js';
import type { WorkflowKey } from '../../../ports/workflow-record.js';
import { requireContextVersion, workflowNotFound } from '../../../usecases/workflows/errors.js';
import type { Handlers } from '../../call.js';
import { toProtoValue } from '../../mapping/config.js';
import { mustBeOneOf } from '../../mapping/enum-names.js';
import { fitting, sortedLabels } from '../../mapping/lists.js';
import {
  toProtoSnapshot,
  toProtoWorkflow,
  toProtoWorkflowEvent,
  workflowBytes,
  workflowEventBytes,
} from '../../mapping/workflow.js';
import { toProtoWorkflowSpec } from '../../mapping/workflow-spec-message.js';
import { CURSORS, cursorOf, pageTokenOf } from '../../page-token.js';
import { ANSWER_BYTES, type Context } from '../context.js';
import { readSnapshot } from './read-snapshot.js';

/** Room in an answer for a workflow without spec and context. */
const BESIDES_BYTES = 512 * 1024;

type Names = 'getWorkflow' | 'listWorkflows' | 'listWorkflowEvents';

export function workflowReadHandlers({
  ports,
  workflows,
  info,
}: Context): Pick<Handlers<typeof WorkflowService>, Names> {
  const record = ports.workflows;

  return {
    async getWorkflow({ org }, request) {
      const key = { org, workflowId: request.workflowId.toLowerCase() };
      const isFull = request.view === WorkflowView.FULL;
      const { contextPath } = request;
      const version = request.contextVersion === undefined ? null : Number(request.contextVersion);
      const withContext = isFull || contextPath !== '';
      const { snapshot, plan, part } = await readTogether(key, withContext ? contextPath : null, version);
      const message = toProtoSnapshot(snapshot, plan);
      const pathVersion = part?.version ?? 0;
      let bytes = 0;
      if (part?.value !== undefined) {
        const context = toProtoValue(part.value);
        bytes += toBinary(ValueSchema, context).length;
        message.context = context;
      }
      if (isFull) {
        const spec = await record.getSpec(key);
        if (spec) {
          message.spec = toProtoWorkflowSpec(spec);
          bytes += toBinary(WorkflowSpecSchema, message.spec).length;
        }
      }
      if (bytes + BESIDES_BYTES > info.limits.maxMessageBytes) throw tooLarge(bytes);
      return { workflow: message, pathVersion: BigInt(pathVersion) };
    },

    async listWorkflows({ org }, { pageSize, pageToken, states, name, labels }) {
      const query = { states: states.map(toDomainState).sort(), name, labels: sortedLabels(labels) };
      const question = ['ListWorkflows', org, query];
      const limit = pageSize || 50;
      const found = await record.list({
        org,
        ...query,
        limit,
        beforeId: cursorOf(question, pageToken, CURSORS.ID),
      });
      const page = fitting(found, ANSWER_BYTES, workflowBytes);
      const last = page.at(-1);
      const more = page.length < found.length || found.length === limit;
      return {
        workflows: page.map(toProtoWorkflow),
        nextPageToken: more && last ? pageTokenOf(question, last.workflowId) : '',
      };
    },

    async listWorkflowEvents({ org }, request) {
      const key = { org, workflowId: request.workflowId.toLowerCase() };
      const question = ['ListWorkflowEvents', org, key.workflowId];
      const cursor = cursorOf(question, request.pageToken, CURSORS.NUMBER);
      const limit = request.pageSize || 100;
      if (!(await record.get(key))) throw workflowNotFound(key.workflowId);
      const { plan } = await workflows.loaded.load(key);
      const found = await record.listEvents(key, Number(cursor ?? 0), limit);
      const events = fitting(found, ANSWER_BYTES, workflowEventBytes);
      const more = events.length < found.length || found.length === limit;
      const last = events.at(-1);
      return {
        events: events.map((event) => toProtoWorkflowEvent(event, plan)),
        nextPageToken: more && last ? pageTokenOf(question, String(last.seq)) : '',
      };
    },
  };

  /** What is at a path of a context, and that path's own version; of all of it none. */
  async function contextAt(key: WorkflowKey, path: string, version: number | null) {
    const parsed = path === '' ? [] : parsePath(path);
    if (!parsed)
      throw invalidArgument([{ field: 'context_path', description: 'must be a path such as user.name' }]);
    const rows = await record.readContext(key, version);
    const whole = assemble(rows);
    const newest = rows.reduce((most, row) => Math.max(most, row.version), 0);
    if (path === '') return { value: whole as JsonValue, version: 0, newest };
    const name = pathText(parsed);
    return { value: valueAt(whole, parsed), version: versionAt(rows, name), newest };
  }

  /** A workflow and its context as of one moment, though somebody may write to it while they are read. */
  async function readTogether(key: WorkflowKey, path: string | null, version: number | null) {
    for (;;) {
      const read = await readSnapshot(ports, workflows, key);
      const { contextVersion } = read.snapshot.workflow;
      if (version !== null) requireContextVersion(read.snapshot.workflow, version);
      const part = path === null ? null : await contextAt(key, path, version);
      if (part === null || version !== null || part.newest <= contextVersion) return { ...read, part };
    }
  }
}

function toDomainState(state: WorkflowState, i: number): DomainState {
  const found = WORKFLOW_STATES.find((name) => WorkflowState[name] === state);
  if (found) return found;
  const description = mustBeOneOf(WorkflowStateSchema, WORKFLOW_STATES);
  throw invalidArgument([{ field: `states[${i}]`, description }]);
}

function tooLarge(bytes: number): ReeveError {
  const message = `spec and context have ${bytes} bytes, more than an answer takes: read the context by parts with context_path, without the view FULL`;
  return new ReeveError('OUT_OF_RANGE', 'ANSWER_TOO_LARGE', message, { metadata: { bytes: String(bytes) } });
}
