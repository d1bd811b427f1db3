import { type WorkflowBuilder, workflow } from '@reeve/sdk';
import { DOCUMENTS_IN_A_PART, type RunFolder } from './run-folder.js';

/**
 * The digest of a list of files: all are read; then those that could be are summarised, and the links of those that
 * have some checked; then the parts of the report are written, and the report. A file that cannot be read stops
 * nothing. Summaries begin when all files are read: which there will be is known only then. What agents leave for each
 * other lies in the run's folder: in the context are names and sums.
 */
export function digestWorkflow(run: RunFolder, files: readonly string[]): WorkflowBuilder {
  const parts = Array.from({ length: Math.ceil(files.length / DOCUMENTS_IN_A_PART) }, (_, part) => part);
  const task = (kind: string) => ({
    kind,
    requirements: { capabilities: [kind], tags: [run.tag] },
    labels: { run: run.runId },
  });
  return workflow('digest')
    .with({ labels: { run: run.runId }, retry: { maxAttempts: 5, initialBackoff: '200ms' } })
    .context({ files: [...files], parts })
    .group('read', { onFailure: 'continue' }, (group) =>
      group.task('extract', {
        ...task('document.extract'),
        expand: {
          array: { path: 'context.files' },
          outputFormat: 'merge',
          mergeStrategy: 'reduce',
          reducer:
            '{"paths": results.map(r, r.path), "linked": results.filter(r, r.links > 0).map(r, r.path)}',
        },
      }),
    )
    .group('digest', { dependsOn: 'read', onFailure: 'continue' }, (group) =>
      group
        .task('summarize', {
          ...task('document.summarize'),
          expand: {
            array: { path: 'results.read.extract.result.paths' },
            outputFormat: 'merge',
            mergeStrategy: 'sum',
          },
        })
        .task('check-links', {
          ...task('document.check-links'),
          tier: 'low',
          expand: {
            array: { path: 'results.read.extract.result.linked' },
            outputFormat: 'merge',
            mergeStrategy: 'sum',
          },
        }),
    )
    .group('merge', { dependsOn: 'digest', tier: 'high' }, (group) =>
      group
        .task('part', {
          ...task('digest.merge-part'),
          expand: { array: { part: 'context.parts' }, outputFormat: 'merge', mergeStrategy: 'sum' },
        })
        .task('report', {
          ...task('digest.merge-report'),
          dependsOn: 'part',
          input: { parts: parts.length },
          resultKey: 'report',
        }),
    );
}
