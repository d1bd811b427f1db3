import type { DescMethod, Message } from '@bufbuild/protobuf';
import { AgentService, CoordinatorService, WorkflowService } from '@reeve/sdk/protocol';
import { ReeveError } from '../domain/errors.js';

/** Bounds the calls that are being worked on for one organisation, whichever doors they came through. */
export interface OrgGate {
  /**
   * Begins a call; what it returns ends it.
   *
   * @param waits whether the call mostly waits: a long poll or a stream. Those may take half of
   *   the room, so that there is always some for calls that are done at once.
   * @throws RESOURCE_EXHAUSTED (TOO_MANY_CALLS_OF_ORG)
   */
  enter(org: string, waits: boolean): () => void;
}

interface UnderWay {
  calls: number;
  waiting: number;
}

export function createOrgGate(maxCalls: number): OrgGate {
  const maxWaiting = Math.floor(maxCalls / 2);
  const byOrg = new Map<string, UnderWay>();
  return {
    enter(org, waits) {
      const now = byOrg.get(org) ?? { calls: 0, waiting: 0 };
      if (now.calls >= maxCalls) throw tooMany(org, maxCalls, 'calls');
      if (waits && now.waiting >= maxWaiting) throw tooMany(org, maxWaiting, 'long polls and streams');
      now.calls += 1;
      if (waits) now.waiting += 1;
      byOrg.set(org, now);
      return () => {
        now.calls -= 1;
        if (waits) now.waiting -= 1;
        if (now.calls === 0) byOrg.delete(org);
      };
    },
  };
}

const LONG_POLLS: ReadonlySet<DescMethod> = new Set([
  CoordinatorService.method.waitTask,
  CoordinatorService.method.waitOperation,
  WorkflowService.method.waitWorkflow,
  AgentService.method.leaseTasks,
]);

/** Whether a call mostly waits. A submission does if it asks to wait for its agent. */
export function waits(desc: DescMethod, request: Message): boolean {
  return (
    desc.methodKind === 'server_streaming' ||
    LONG_POLLS.has(desc) ||
    (desc === CoordinatorService.method.submitTask &&
      'assignWait' in request &&
      request.assignWait !== undefined)
  );
}

function tooMany(org: string, max: number, what: string): ReeveError {
  const message = `more than ${max} ${what} of organisation ${org} are under way`;
  return new ReeveError('RESOURCE_EXHAUSTED', 'TOO_MANY_CALLS_OF_ORG', message, {
    retryAfterMs: 1_000,
    metadata: { subject: `org:${org}`, max_calls: String(max) },
  });
}
