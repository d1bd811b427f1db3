import { ReeveError } from '../../domain/errors.js';
import type { NewDecision } from '../../domain/policies/decision.js';
import { policyTaskOf } from '../../domain/policies/policy-task.js';
import { questionOf } from '../../domain/policies/question.js';
import { keptQuestion } from '../../domain/policies/trail.js';
import { decideRoute, leavesRouting, type RouteDecision } from '../../domain/routing/decide-route.js';
import { NO_ROUTING } from '../../domain/tasks/terms.js';
import type { OrgSnapshot } from '../../ports/org-rules.js';
import { eligibleCandidates, whyNobody } from '../eligible-candidates.js';
import type { Ports } from '../ports.js';
import type { Judged } from './applicant.js';

type Judgement = readonly (Judged | ReeveError)[];

/** Begins the reason of a task that is REJECTED because nobody is there who may get it. */
export const NO_ELIGIBLE_AGENT = 'NO_ELIGIBLE_AGENT';

/**
 * How the agents of tasks are found. One answer a task, in order; what is an error or was rejected stays it.
 * Answers at once where nothing is to be decided.
 */
export function routeApplicants(
  ports: Ports,
  snapshot: OrgSnapshot,
  judged: Judgement,
): Judgement | Promise<Judgement> {
  if (leavesRouting(snapshot.config) && judged.every(asksForNothing)) return judged;
  return Promise.all(judged.map((one) => (isOver(one) ? one : route(ports, snapshot, one))));
}

function isOver(one: Judged | ReeveError): one is ReeveError {
  return one instanceof ReeveError || one.admission.kind === 'REJECTED';
}

function asksForNothing(one: Judged | ReeveError): boolean {
  if (isOver(one)) return true;
  const { terms, requireCandidate } = one.applicant;
  const namesNone = terms.routing === NO_ROUTING && terms.policies.planRetrieve === null;
  return namesNone && !requireCandidate && one.spec.requirements.roles.length === 0;
}

async function route(ports: Ports, snapshot: OrgSnapshot, judged: Judged): Promise<Judged> {
  const { spec, applicant, admission } = judged;
  const decision = decideRoute(spec, applicant.terms, snapshot.config, {
    now: ports.clock.now(),
    waits: admission.kind === 'AWAITING_APPROVAL',
  });
  const { requirements, subjectId, fallback, note } = decision;
  const routed = withNote({ ...judged, spec: { ...spec, requirements } }, note);
  if (subjectId !== null && (await isOutside(ports, snapshot.org, decision))) {
    const why = `subject ${subjectId}, whom the strategy static names, is not in the pool of candidates`;
    if (!fallback) return rejected(routed, why);
    const open = { ...requirements, route: null, agentId: null };
    const returned = { ...routed, spec: { ...spec, requirements: open } };
    const said = refusedStatic(ports, snapshot, returned, subjectId, why);
    return demandCandidate(
      ports,
      snapshot.org,
      withNote({ ...returned, decisions: [...returned.decisions, said] }, `${why}: it returns to selection`),
    );
  }
  return demandCandidate(ports, snapshot.org, routed);
}

function withNote(judged: Judged, note: string): Judged {
  return note === '' ? judged : { ...judged, notes: [...judged.notes, note] };
}

/** Somebody who cannot be asked after now is held against the pool when the task is given out. */
async function isOutside(
  { pools, log }: Ports,
  org: string,
  { requirements: { pool }, subjectId }: RouteDecision,
): Promise<boolean> {
  if (pool === null || subjectId === null) return false;
  try {
    return !(await pools.members(org, pool)).has(subjectId);
  } catch (error) {
    log.warn({ err: error, org }, 'a static subject could not be looked up in its pool');
    return false;
  }
}

/** For the trail: the choice that did not hold. */
function refusedStatic(
  { clock }: Ports,
  { config }: OrgSnapshot,
  { applicant: { taskId, terms, createTime }, spec }: Judged,
  subjectId: string,
  message: string,
): NewDecision {
  const task = policyTaskOf({ taskId, spec, terms, createTime });
  return {
    by: { kind: 'PLAN_RETRIEVE', policyId: '', version: 0 },
    question: keptQuestion(questionOf({ task, org: config.values, now: clock.now() })).kept,
    output: { head_agent_subject_id: subjectId },
    failure: 'WRONG_RESULT',
    message,
    tookMs: 0,
  };
}

async function demandCandidate(ports: Ports, org: string, judged: Judged): Promise<Judged> {
  const { applicant, spec } = judged;
  if (!applicant.requireCandidate) return judged;
  const { kind, requirements } = spec;
  const survey = await eligibleCandidates(ports, { org, kind, requirements, max: 1 });
  return survey.agents.length > 0
    ? judged
    : rejected(judged, await whyNobody(ports, { org, kind, requirements }));
}

function rejected(judged: Judged, why: string): Judged {
  return { ...judged, admission: { kind: 'REJECTED', reason: `${NO_ELIGIBLE_AGENT}: ${why}` } };
}
