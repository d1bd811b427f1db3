import type { JsonObject } from '@bufbuild/protobuf';
import type { WorkflowSpec } from '../gen/reeve/v1/workflow_spec_pb.js';
import type {
  WorkflowDocument,
  WorkflowGroupDocument,
  WorkflowGroupOptions,
  WorkflowOptions,
  WorkflowTaskDocument,
} from './document.js';
import { readWorkflow } from './read-workflow.js';

/** Puts a workflow together; made by {@link workflow}. */
export class WorkflowBuilder {
  readonly name: string;
  #options: WorkflowOptions = {};
  readonly #groups: WorkflowGroupDocument[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** What its context begins with, besides what was said before. */
  context(context: JsonObject): this {
    return this.with({ context: { ...this.#options.context, ...context } });
  }

  /** What its templates see as `params`, besides what was said before. */
  params(params: JsonObject): this {
    return this.with({ params: { ...this.#options.params, ...params } });
  }

  /** Everything else; what is said again takes the place of what was said before. */
  with(options: WorkflowOptions): this {
    this.#options = { ...this.#options, ...options };
    return this;
  }

  /** Adds a group, and to it what `build` adds. */
  group(id: string, build: (group: WorkflowGroupBuilder) => unknown): this;
  group(id: string, options: WorkflowGroupOptions, build: (group: WorkflowGroupBuilder) => unknown): this;
  group(
    id: string,
    second: WorkflowGroupOptions | ((group: WorkflowGroupBuilder) => unknown),
    third?: (group: WorkflowGroupBuilder) => unknown,
  ): this {
    const [options, build] = typeof second === 'function' ? [{}, second] : [second, third];
    const group = new WorkflowGroupBuilder();
    build?.(group);
    this.#groups.push({ ...options, id, tasks: group.tasks });
    return this;
  }

  /** As {@link readWorkflow} takes it, and files have it. */
  document(): WorkflowDocument {
    return { name: this.name, ...this.#options, groups: [...this.#groups] };
  }

  /** @throws WorkflowDocumentError that names the place of what is none */
  spec(): WorkflowSpec {
    return readWorkflow(this.document());
  }
}

export class WorkflowGroupBuilder {
  readonly tasks: WorkflowTaskDocument[] = [];

  task(id: string, task: Omit<WorkflowTaskDocument, 'id'>): this {
    this.tasks.push({ ...task, id });
    return this;
  }
}

/** Begins a workflow: `workflow('nightly').group('collect', (g) => g.task('fetch', { kind: 'page.fetch' }))`. */
export function workflow(name: string): WorkflowBuilder {
  return new WorkflowBuilder(name);
}
