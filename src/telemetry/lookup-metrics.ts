import { Counter, type Registry } from 'prom-client';
import type { ContextAnswers, ContextProvider } from '../ports/context-provider.js';

/** Told of what came of queries that were asked together. */
export type CountLookups = (answers: ContextAnswers) => void;

/** What the context providers of all organisations answer. */
export function createLookupMetrics(registry: Registry): CountLookups {
  const lookups = new Counter({
    name: 'reeve_lookups_total',
    help: 'Queries of workflows to context providers; outcome: ok, or why tasks could not be made',
    labelNames: ['outcome'],
    registers: [registry],
  });
  return (answers) => {
    if (answers.ok) lookups.inc({ outcome: 'ok' }, answers.values.length);
    else lookups.inc({ outcome: answers.failure });
  };
}

/** The same provider; what it answers is told. */
export function countedLookups(provider: ContextProvider, count: CountLookups): ContextProvider {
  return {
    ...provider,
    async query(place, asker, queries) {
      const answers = await provider.query(place, asker, queries);
      count(answers);
      return answers;
    },
  };
}
