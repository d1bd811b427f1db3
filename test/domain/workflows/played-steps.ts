import { closed, closedState } from '../../../src/domain/workflows/completing.js';
import type { Step, StepLimits } from '../../../src/domain/workflows/steps.js';
import { type PlayedWorld, taskOf } from './played-world.js';

/** Takes a step, as `Step` says, or throws if it must not be. */
export function createSteps(world: PlayedWorld, limits: StepLimits): (step: Step) => void {
  const { workflow, nodes, must, known, end } = world;
  const begun = new Set<string>();

  const begin = (node: number) => {
    const { one, here } = known(node);
    const name = `${one.address}/${here.run}`;
    must(!begun.has(name) && here.state === 'WAITING', `${name} is begun a second time`);
    begun.add(name);
    must(one.waitsFor.every(world.isOver), `${name} is begun before what it waits for is over`);
    if (one.kind === 'TASK') {
      const group = known(one.groupNode);
      must(
        group.one.waitsFor.every(world.isOver),
        `${name} is begun before what its group waits for is over`,
      );
      must(group.here.state === 'RUNNING', `${name} is begun outside of its group`);
    }
    here.startTime = world.now;
    return world.fateOf(node).condition;
  };

  const beginGroup = (node: number) => {
    const condition = begin(node);
    const { one, here } = known(node);
    here.state = 'RUNNING';
    if (condition === 'TRUE' || one.kind === 'TASK') return;
    const isSkipped = condition === 'FALSE';
    const reason = isSkipped ? 'CONDITION' : 'CONDITION_FAILED: no such key';
    end(node, isSkipped ? 'SKIPPED' : 'FAILED', reason);
    for (const task of one.tasks) {
      if (known(task).here.state === 'WAITING') end(task, isSkipped ? 'SKIPPED' : 'CANCELLED', reason);
    }
  };

  const beginTask = (node: number) => {
    const condition = begin(taskOf(world, node).node);
    const { here, failures } = known(node);
    if (condition === 'FALSE') end(node, 'SKIPPED', 'CONDITION');
    if (condition === 'WRONG') end(node, 'FAILED', 'CONDITION_FAILED: no such key');
    if (condition !== 'TRUE') return;
    const { fails } = world.fateOf(node);
    here.state = 'EXPANDING';
    here.total = fails.length;
    failures.splice(0, failures.length, ...fails);
  };

  const submit = ({ node, from, to }: Extract<Step, { kind: 'SUBMIT' }>) => {
    const { one, here, its } = known(node);
    must(here.state === 'EXPANDING', `${one.address} is not being made`);
    must(from === here.submitted && from < to && to <= here.total, `items ${from} to ${to} are not next`);
    let open = 0;
    for (const { submitted, succeeded, failed } of nodes) open += Math.max(0, submitted - succeeded - failed);
    must(to - from <= limits.chunk && open + to - from <= limits.maxOpen, 'too many at once');
    const isCutOff = world.chance() < 0.1;
    const last = isCutOff ? from + Math.floor(world.chance() * (to - from + 1)) : to;
    for (let item = from + 1; item <= last; item++) {
      // Made before by a call that did not live to say so.
      if (its.has(item)) continue;
      its.set(item, 'OPEN');
      world.made.add(`${one.address}/${here.run}/${item}`);
    }
    if (isCutOff) return;
    here.submitted = to;
    if (to === here.total) here.state = 'RUNNING';
  };

  const gather = (node: number) => {
    const task = taskOf(world, node);
    const { here } = known(node);
    const isWhole = here.submitted === here.total && here.succeeded + here.failed === here.total;
    const isGood = isWhole && here.failed === 0;
    if (workflow.state === 'COMPLETING') {
      if (isGood && world.fateOf(node).isValid) end(node, 'SUCCEEDED');
      else end(node, closedState(here), here.reason === '' ? 'CANCELLED' : here.reason);
      return;
    }
    const { startTime } = known(task.groupNode).here;
    const isLate = (startTime ?? 0) + (task.group.timeoutMs ?? Number.POSITIVE_INFINITY) <= world.now;
    must(isWhole || isLate, `${task.address} is gathered before all of it has ended`);
    must(
      here.submitted <= here.succeeded + here.failed,
      `${task.address} is gathered while some of it is open`,
    );
    if (isGood) end(node, world.fateOf(node).isValid ? 'SUCCEEDED' : 'FAILED', 'RESULT_INVALID');
    else end(node, here.succeeded > 0 ? 'PARTIAL' : 'FAILED', 'TASK_FAILED');
  };

  const timeOutGroup = (node: number, reason: string) => {
    const { one, here } = known(node);
    must(one.kind === 'GROUP' && here.state === 'RUNNING', 'only a group that runs takes too long');
    here.reason = reason;
    for (const task of one.kind === 'GROUP' ? one.tasks : []) {
      if (known(task).here.state === 'WAITING') end(task, 'CANCELLED', reason);
      world.cancelTasks(task);
    }
  };

  const finish = (step: Extract<Step, { kind: 'FINISH' }>) => {
    must(workflow.state === 'COMPLETING' && step.end === workflow.end, 'it ends otherwise than was settled');
    for (const { node, state, reason } of closed(world.plan, world.snapshot())) end(node, state, reason);
    must(
      nodes.every(({ submitted, succeeded, failed }) => submitted <= succeeded + failed),
      'tasks are open in the end',
    );
    must(
      nodes.every(({ node }) => world.isOver(node)),
      'a node is not over in the end',
    );
    workflow.state = step.end;
  };

  return (step) => {
    switch (step.kind) {
      case 'ENTER': {
        const before = step.state === 'RESOLVING' ? 'INITIALIZING' : 'RESOLVING';
        must(workflow.state === before, `${step.state} is entered from elsewhere`);
        workflow.state = step.state;
        break;
      }
      case 'BEGIN_GROUP':
        beginGroup(step.node);
        break;
      case 'BEGIN_TASK':
        beginTask(step.node);
        break;
      case 'SUBMIT':
        submit(step);
        break;
      case 'GATHER':
        gather(step.node);
        break;
      case 'ESCALATE': {
        const { here } = known(step.node);
        must(taskOf(world, step.node).settings.onFailure === 'ESCALATE' && here.failed > 0, 'why ask?');
        must(here.state === 'EXPANDING' || here.state === 'RUNNING', 'a person is asked a second time');
        here.state = 'ESCALATED';
        here.reason = 'TASK_FAILED: a person is asked';
        break;
      }
      case 'RESUME': {
        const { here } = known(step.node);
        must(here.state === 'ESCALATED', 'what goes on was not stopped');
        here.state = here.submitted < here.total ? 'EXPANDING' : 'RUNNING';
        here.reason = '';
        break;
      }
      case 'END_GROUP': {
        const { one } = known(step.node);
        must(one.kind === 'GROUP' && one.tasks.every(world.isOver), `${one.address} ends before its tasks`);
        end(step.node, step.state, step.reason);
        break;
      }
      case 'TIME_OUT_GROUP':
        timeOutGroup(step.node, step.reason);
        break;
      case 'COMPLETE':
        must(workflow.state !== 'COMPLETING', 'it is settled a second time how it ends');
        workflow.state = 'COMPLETING';
        workflow.end = step.end;
        workflow.reason = step.reason;
        if (step.node !== null && !world.isOver(step.node)) known(step.node).here.reason = step.reason;
        break;
      case 'CANCEL_TASKS':
        must(world.open().length > 0, 'there is nothing to cancel');
        for (const { node } of nodes) world.cancelTasks(node);
        break;
      case 'FINISH':
        finish(step);
    }
  };
}
