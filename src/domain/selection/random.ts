import type { Strategy } from './strategy.js';

/** Anyone, all as likely. */
export const random: Strategy = (_task, candidates, situation) => {
  const all = [...candidates];
  return all[Math.floor(situation.random() * all.length)] ?? null;
};
