import type { DocumentDigest } from './documents/document.js';
import { topKeywords } from './documents/report.js';

/** Words that most documents share make a dull question. */
const TOO_COMMON = 0.25;

/** What a person might ask, given what has been digested so far. */
export function chooseQuestion(digests: readonly DocumentDigest[]): string {
  const words = topKeywords(digests, 50);
  const word = words.find(({ documents }) => documents <= digests.length * TOO_COMMON) ?? words[0];
  return `Which documents speak about “${word?.term ?? 'agents'}”?`;
}

/**
 * Tells when to ask: half of the documents have been taken apart, some are known to answer from, and enough tasks
 * wait for the agents that would answer.
 */
export function isTimeToAsk(files: number, extracted: number, summarized: number, waiting: number): boolean {
  const backlog = Math.min(40, files / 4);
  const lastChance = summarized >= files * 0.8;
  return (
    summarized > 0 && summarized >= files / 10 && extracted >= files / 2 && (waiting >= backlog || lastChance)
  );
}
