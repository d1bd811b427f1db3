import { randomUUID } from 'node:crypto';
import { fromJson, type JsonObject, type JsonValue, type MessageShape, toJson } from '@bufbuild/protobuf';
import { ValueSchema } from '@bufbuild/protobuf/wkt';
import { agent, type Client, createClient } from '@reeve/sdk';
import {
  GetWorkflowRequestSchema,
  StartWorkflowRequestSchema,
  ValidateWorkflowRequestSchema,
  type ValidateWorkflowResponse,
  type WatchWorkflowResponse,
  type Workflow,
  type WorkflowEvent,
  WorkflowEventType,
  WorkflowNodeState,
  WorkflowService,
  WorkflowState,
} from '@reeve/sdk/protocol';
import { onTestFinished } from 'vitest';
import { connect } from '../api/support/grpc-client.js';
import { silent } from './steps.js';

const { method } = WorkflowService;

/** What an agent does with its input. */
export type Work = (input: JsonValue) => unknown;

/** An organisation of its own, with its workflows and an agent of them, until the test is over. */
export function workflowWorld(address: string, org = `org-${randomUUID().slice(0, 8)}`) {
  const grpc = connect(address);
  const client: Client = createClient({ address, org });
  onTestFinished(() => {
    grpc.close();
    client.close();
  });
  const meta = { org };

  const world = {
    org,
    client,
    grpc,
    meta,
    /** An agent that does work by its kind. */
    async agent(kinds: Readonly<Record<string, Work>>, slots = 20) {
      const it = agent({ agentId: `agent-${randomUUID().slice(0, 8)}`, address, org, slots, log: silent });
      for (const [kind, work] of Object.entries(kinds)) {
        it.handle(kind, async (input) => work(input as JsonValue));
      }
      await it.start();
      onTestFinished(() => it.stop());
    },
    /** @param spec as JSON; @returns its id */
    async start(spec: JsonValue, requestId = ''): Promise<string> {
      const { workflow } = await world.startFully(spec, requestId);
      return workflow?.workflowId ?? '';
    },
    startFully(spec: JsonValue, requestId = '') {
      return grpc.call(method.startWorkflow, fromJson(StartWorkflowRequestSchema, { spec, requestId }), meta);
    },
    validate(spec: JsonValue): Promise<ValidateWorkflowResponse> {
      return grpc.call(method.validateWorkflow, fromJson(ValidateWorkflowRequestSchema, { spec }), meta);
    },
    async get(workflowId: string, more: JsonObject = {}): Promise<Workflow> {
      return (await world.getFully(workflowId, more)).workflow as Workflow;
    },
    getFully(workflowId: string, more: JsonObject = {}) {
      const request = fromJson(GetWorkflowRequestSchema, { workflowId, ...more });
      return grpc.call(method.getWorkflow, request, meta);
    },
    /** What is at a path of its context; `undefined`: nothing. */
    async context(workflowId: string, contextPath = ''): Promise<JsonValue | undefined> {
      const view = contextPath === '' ? { view: 'WORKFLOW_VIEW_FULL' } : { contextPath };
      const { context } = await world.get(workflowId, view);
      return context && toJson(ValueSchema, context);
    },
    /** Until it has ended, or a minute has passed. */
    async ended(workflowId: string): Promise<Workflow> {
      for (let calls = 1; ; calls++) {
        const { workflow } = await grpc.call(method.waitWorkflow, { workflowId }, meta);
        if (workflow?.finishTime || calls === 3) return workflow as Workflow;
      }
    },
    async events(workflowId: string): Promise<readonly WorkflowEvent[]> {
      const { events } = await grpc.call(method.listWorkflowEvents, { workflowId, pageSize: 1_000 }, meta);
      return events;
    },
    async *watch(workflowId: string, afterSeq?: bigint): AsyncGenerator<WatchWorkflowResponse> {
      const request = { workflowId, ...(afterSeq !== undefined && { afterSeq }) };
      const stream = grpc.stream(method.watchWorkflow, request, meta);
      try {
        for await (const message of stream) yield message as MessageShape<typeof method.watchWorkflow.output>;
      } finally {
        stream.on('error', () => {});
        stream.cancel();
      }
    },
  };
  return world;
}

export type WorkflowWorld = ReturnType<typeof workflowWorld>;

export function stateOf({ state }: Workflow): string {
  return WorkflowState[state];
}

/** `group` or `group.task`, and its state. */
export function nodesOf({ nodes }: Workflow): Record<string, string> {
  return Object.fromEntries(
    nodes.map(({ groupId, taskId, state }) => [
      taskId === '' ? groupId : `${groupId}.${taskId}`,
      WorkflowNodeState[state],
    ]),
  );
}

export function eventNames(events: readonly WorkflowEvent[]): string[] {
  return events.map(({ type, node }) => [WorkflowEventType[type], node].join(' ').trim());
}
