import { strategy } from './strategy.js';

/** Anyone, all as likely. */
export const random = strategy(
  'RANDOM',
  { measure: 'chance, all alike', costOf: null },
  (_task, candidates, situation) => {
    const all = [...candidates];
    const { note } = situation;
    if (note) Object.assign(note, { cost: null, runnerUp: null, runnerUpCost: null });
    return all[Math.floor(situation.random() * all.length)] ?? null;
  },
);
