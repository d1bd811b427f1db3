import type { Figures } from './figures.js';
import { counted } from './plural.js';
import type { RunResult } from './runner.js';

export interface Closing {
  readonly result: RunResult;
  readonly figures: Figures;
  readonly seconds: number;
  /** Of the run. */
  readonly folder: string;
  readonly address: string;
}

/** What is said when the report is written. */
export function closingText({ result, figures, seconds, folder, address }: Closing): string {
  const { report } = result;
  const lines = [
    '',
    `Report    ${folder}/report.html`,
    `          ${folder}/report.md`,
    '',
    `${counted(report.documents, 'document')} digested in ${seconds.toFixed(1)} s: ${counted(report.words, 'word')}, ` +
      `${counted(report.linksChecked, 'link')} checked, ${number(report.brokenLinks)} broken` +
      `${report.failed > 0 ? `; ${counted(report.failed, 'file')} could not be read (the report says why)` : ''}.`,
    `${counted(figures.tasks, 'task')}: ${Object.entries(figures.states)
      .map(([state, n]) => `${number(n)} ${state}`)
      .join(
        ', ',
      )}${figures.claimedAgain > 0 ? `; ${number(figures.claimedAgain)} claimed more than once` : ''}.`,
    '',
    ...questionLines(result, figures),
    'Waits, runnable to claimed, in ms',
    ...columns([
      ['tier', 'tasks', 'p50', 'p95', 'max'],
      ...figures.waits.map(({ tier, tasks, p50, p95, max }) => [tier, tasks, p50, p95, max].map(cell)),
    ]),
    '',
    'Who did how much',
    ...columns([
      ['agent', 'tasks', 'of which'],
      ...figures.shares.map(({ agentId, kinds }) => [
        agentId,
        cell(Object.values(kinds).reduce((sum, n) => sum + n, 0)),
        Object.entries(kinds)
          .map(([kind, n]) => `${kind} ${number(n)}`)
          .join(', '),
      ]),
    ]),
    '',
    ...linesToPaste(result, figures, address),
  ];
  return `${lines.join('\n')}\n`;
}

function questionLines({ question, answer }: RunResult, figures: Figures): string[] {
  const audit = figures.question;
  if (!audit) return [];
  return [
    `A person asked: ${question}`,
    `  ${answer}`,
    `  From the audit trail: ${counted(audit.waiting, 'runnable task')} waited when it was asked, and it was claimed ` +
      `after ${number(audit.waitedMs)} ms.`,
    `  Claimed before it, by agents that could have taken it: ${number(audit.claimedBefore)}` +
      `${audit.claimedByOthers > 0 ? ` (by those that could not: ${number(audit.claimedByOthers)})` : ''}.`,
    '',
  ];
}

function linesToPaste({ workflowId }: RunResult, { question }: Figures, address: string): string[] {
  const ask = JSON.stringify({ question: 'Which documents speak about streams?' });
  const grpc = JSON.stringify({
    task: { kind: 'digest.answer', source: 'TASK_SOURCE_HUMAN', input: { json: JSON.parse(ask) } },
  });
  return [
    'To paste, from this folder, while the coordinator serves',
    `  npx reeve submit digest.answer --human --input '${ask}' --wait --address ${address}`,
    ...(question ? [`  npx reeve task events ${question.taskId} --address ${address}`] : []),
    `  npx reeve workflow get ${workflowId} --address ${address}`,
    `  npx reeve agent list --address ${address}`,
    '  # grpcurl is a tool of its own: github.com/fullstorydev/grpcurl',
    `  grpcurl -plaintext -d '${grpc}' ${address} reeve.v1.CoordinatorService/SubmitTask`,
    `  node --input-type=module -e 'import { createClient } from "@reeve/sdk"; ` +
      `const client = createClient({ address: "${address}" }); ` +
      `console.log(await client.run({ kind: "digest.answer", input: ${ask} })); client.close()'`,
  ];
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const [header = [], ...body] = rows;
  const widths = header.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const isNumeric = header.map((_, i) => body.every((row) => /^[\d,]+$/.test(row[i] ?? '')));
  const padded = (text: string, i: number) =>
    isNumeric[i] ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0);
  return rows.map((row) => `  ${row.map(padded).join('  ').trimEnd()}`);
}

function cell(value: string | number): string {
  return typeof value === 'number' ? number(value) : value === 'person' ? 'a person’s' : value;
}

function number(value: number): string {
  return value.toLocaleString('en');
}
