/** Who asks for a task. */
export type TaskSource = 'HUMAN' | 'AUTOMATED' | 'AGENT';

/** The band a task is ordered in: all of HUMAN goes before all of OTHER. */
export type Band = 'HUMAN' | 'OTHER';

export function bandOf(source: TaskSource): Band {
  return source === 'HUMAN' ? 'HUMAN' : 'OTHER';
}
