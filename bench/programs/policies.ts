import { celPolicy, policyTask, startCelEngine } from '../../test/support/cel-engine.js';

/**
 * What an approval and a priority policy in CEL cost together: processor time of the whole process, its
 * thread for policies included, for making the inputs, crossing to the thread, evaluating and reading the
 * answers. `node dist/bench/policies.js`, after `npm run bench -- --help` has built it.
 */
const BATCH = 500;
const BATCHES = 400;
const ROUNDS = 7;

const APPROVAL = `
  task.tier in ["CRITICAL", "URGENT"] && !("oncall" in task.labels)
    ? {"accepted": false, "reason": "urgent work needs the label oncall"}
    : {"accepted": task.goal.size() > 0, "reason": ""}`;
const PRIORITY =
  'task.labels.env == "prod" ? 400 + task.urgency / 2 + (task.source == "HUMAN" ? 200 : 0) : 200';

const policies = [celPolicy('APPROVAL', APPROVAL), celPolicy('PRIORITY', PRIORITY)];
const org = { 'acme/limit': 3, approval_policy: 'p', priority_policy: 'p' };
const engine = startCelEngine();

await measure('warm-up', true);
for (let round = 1; round <= ROUNDS; round++) {
  const without = await measure('without', false);
  const micros = (await measure('with', true)) - without;
  process.stdout.write(
    `round ${round}: ${micros.toFixed(2)} µs of processor time a task for both policies\n`,
  );
}
await engine.stop();

/** µs a task. */
async function measure(_name: string, asked: boolean): Promise<number> {
  const before = process.cpuUsage();
  let answers = 0;
  for (let batch = 0; batch < BATCHES; batch++) {
    const tasks = Array.from({ length: BATCH }, (_, n) => policyTask({ urgency: n }));
    if (!asked) {
      answers += tasks.length;
      continue;
    }
    const inputs = tasks.map((task) => ({ task, org, now: batch }));
    const outcomes = await engine.decide(policies.map((policy) => ({ policy, inputs })));
    for (const each of outcomes) for (const outcome of each) if (outcome.ok) answers++;
  }
  if (answers < BATCH * BATCHES) throw new Error(`${answers} answers are too few`);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (BATCH * BATCHES);
}
