import type { WorkflowVerdict } from '@reeve/sdk';
import type { Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { safeText } from '../output/safe-text.js';
import type { Scene, View } from '../output/view.js';
import { FILE_ARGUMENT, FILE_OPTIONS, invalid, problemText, workflowFrom } from '../workflow-file.js';

/** A verdict, with places in the file. */
type Shown = Omit<WorkflowVerdict, 'problems' | 'warnings'> & {
  readonly problems: readonly { readonly at: string; readonly field: string }[];
  readonly warnings: readonly { readonly at: string; readonly field: string }[];
};

const VERDICT_VIEW: View<Shown> = {
  id: ({ valid }) => (valid ? 'valid' : 'invalid'),
  version: ({ valid }) => String(valid),
  columns: [
    { title: 'valid', value: ({ valid }) => valid },
    { title: 'problems', value: ({ problems }) => problems.length },
    { title: 'warnings', value: ({ warnings }) => warnings.length },
    { title: 'stages', value: ({ stages }) => stages.length },
  ],
  details: ({ plan, stages }, scene) => [
    ['Plan', planText(plan, scene)],
    ['Stages', stages.map((nodes, i) => `${i + 1}  ${safeText(nodes.join(', '))}`).join('\n')],
  ],
};

export const WORKFLOW_VALIDATE: Command = {
  path: ['workflow', 'validate'],
  summary: 'Say what is wrong with a workflow, and what would run',
  detail:
    'Nothing is stored. Every problem comes with its place in the file; exit code 2 if there is one. Warnings, such as kinds that no active agent can do, change nothing.',
  args: [FILE_ARGUMENT],
  options: FILE_OPTIONS,
  examples: [
    { line: 'reeve workflow validate nightly.yaml', doc: 'problems, plan and stages' },
    { line: 'reeve workflow validate - -o json < nightly.yaml', doc: 'for programs' },
  ],
  run: async ({ given, world, out, talk, client }) => {
    const file = await workflowFrom(given, world);
    const verdict = await client().workflows.validate(file.spec);
    const located = (problem: WorkflowVerdict['problems'][number]) => {
      return { at: file.at(file.placeOf(problem.field)), ...problem };
    };
    const { plan, stages, valid } = verdict;
    const problems = verdict.problems.map(located);
    const warnings = verdict.warnings.map(located);
    const isForPeople = out.format === 'table';
    if (isForPeople) for (const warning of verdict.warnings) talk(`warning: ${problemText(file, warning)}`);
    if (!isForPeople || plan.length > 0)
      await out.one(VERDICT_VIEW, { valid, problems, warnings, plan, stages });
    if (valid) return EXIT.ok;
    if (!isForPeople) return EXIT.usage;
    throw invalid(verdict.problems.map((problem) => problemText(file, problem)));
  },
};

function planText(plan: WorkflowVerdict['plan'], { colors }: Scene): string {
  const lines = plan.map(({ groupId, taskId, totalCount, waitsFor }) => {
    const count = totalCount > 1 ? `${totalCount} tasks` : '';
    const waits = waitsFor.length > 0 ? `after ${waitsFor.join(', ')}` : '';
    const more = [count, waits].filter(Boolean).join(', ');
    return `${taskId ? '   ' : ''}${safeText(taskId || groupId)}${more ? `  ${colors.dim(safeText(more))}` : ''}`;
  });
  return lines.join('\n');
}
