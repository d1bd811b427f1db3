import { createHash } from 'node:crypto';
import type { Agent } from '@reeve/sdk';
import { refused, type Shelf } from './shelf.js';
import { sentencesOf, wordsOf } from './texts.js';

interface Reviewer {
  readonly name: string;
  readonly looks_for: string;
  /** Points that each finding takes off. */
  readonly weight: number;
}

interface Finding {
  readonly reviewer: string;
  readonly what: string;
}

/** What reviewers look for, by what it is called. */
const LOOKS: Readonly<Record<string, (text: string) => readonly string[]>> = {
  structure: (text) => {
    const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
    return ['Why', 'Cost', 'Risks']
      .filter((part) => !headings.includes(part))
      .map((part) => `no part "${part}"`);
  },
  style: (text) => [
    ...sentencesOf(text)
      .filter((sentence) => wordsOf(sentence).length > 40)
      .map((sentence) => `${wordsOf(sentence).length} words in a sentence`),
    ...[...text.matchAll(/\b(\w+)\s+\1\b/gi)].map(([, word = '']) => `"${word}" twice in a row`),
  ],
  loose_ends: (text) => [
    ...[...text.matchAll(/\b(TODO|FIXME|TBD)\b/g)].map(([, mark]) => `a ${mark} is left`),
    ...[...text.matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => `a link to ${target}, which nobody gets`),
  ],
};

/** review.yaml */
export function handleReviews(agent: Agent, shelf: Shelf): void {
  agent.handle('text.review', async ({ file, reviewer }: { file: string; reviewer: Reviewer }, ctx) => {
    const look = LOOKS[reviewer.looks_for];
    if (!look) throw refused('NotMyTrade', `nobody knows how to look for ${reviewer.looks_for}`);
    ctx.log.debug(ctx.task.brief?.instructions ?? '', { reviewer: reviewer.name });
    const found = look(await shelf.read(file));
    const findings = found.map((what): Finding => ({ reviewer: reviewer.name, what }));
    return { findings, points: findings.length * reviewer.weight };
  });

  agent.handle(
    'review.verdict',
    ({
      findings,
      points,
      tolerance,
    }: {
      findings: readonly Finding[];
      points: number;
      tolerance: number;
    }) => ({
      publishable: points <= tolerance,
      points,
      findings,
    }),
  );

  agent.handle('text.stamp', async ({ file, findings }: { file: string; findings: readonly Finding[] }) => {
    const text = await shelf.read(file);
    const sha256 = createHash('sha256').update(text).digest('hex');
    const remarks = findings.map(({ reviewer, what }) => `- ${reviewer}: ${what}`).join('\n');
    return { file, sha256, text: `${text.trimEnd()}\n\n## Remarks of the reviewers\n\n${remarks}\n` };
  });
}
