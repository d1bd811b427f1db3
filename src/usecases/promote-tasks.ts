import type { DelayedTask } from '../ports/ready-index.js';
import { applyChanges } from './apply-changes.js';
import type { Ports } from './ports.js';

/** Makes SCHEDULED tasks runnable whose time has come on the record's clock. */
export const promoteTasks =
  (ports: Ports) =>
  async (due: readonly DelayedTask[]): Promise<void> => {
    if (due.length === 0) return;
    const outcomes = await ports.record.promoteTasks(due);
    const later = due.flatMap((task, i) => {
      const outcome = outcomes[i];
      if (outcome?.kind !== 'NOT_DUE') return [];
      return [{ ...task, due: ports.clock.now() + outcome.remainingMs }];
    });
    await ports.index.delay(later);
    await applyChanges(
      ports,
      outcomes.flatMap((o) => (o.kind === 'OK' ? [o] : [])),
    );
  };
