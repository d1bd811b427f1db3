import type { Recovery } from '../recovery.js';
import type { Reported } from './report.js';
import { atMost, row } from './rows.js';

export function reportRecovery(all: readonly Recovery[]): Reported {
  return {
    tables: [],
    rows: all.flatMap((one) => {
      const pending = `${one.pending.toLocaleString('en-US')} pending`;
      return [
        row(`${pending}: serves again`, one.servesMs, 'ms'),
        row('  first dispatch after that', one.firstDispatchAfterServingMs, 'ms', atMost(1_000)),
        row('  whole index after that', one.wholeIndexAfterServingMs, 'ms', atMost(5_000)),
      ];
    }),
    json: { systems: [{ name: 'reeve', recoveries: all }] },
  };
}
