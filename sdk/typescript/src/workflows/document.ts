import type { JsonObject, JsonValue } from '@bufbuild/protobuf';
import type { PolicyRefs, Routing } from '../client/task-request.js';
import type { TaskSource, Tier } from '../names.js';
import type { Requirements } from '../views.js';

/** `500ms`, `30s`, `1.5m`, `2h`, `1h30m`. */
export type DurationText = string;

/** What happens when an attempt fails. */
export interface WorkflowRetry {
  /** Attempts after the first one. Default 2. Excludes `maxAttempts`. */
  readonly maxRetries?: number;
  /** Attempts in all. */
  readonly maxAttempts?: number;
  /** The waits before the second attempt, the third and so on; the last one holds for those after it. */
  readonly delays?: readonly DurationText[];
  readonly initialBackoff?: DurationText;
  readonly maxBackoff?: DurationText;
  readonly backoffMultiplier?: number;
}

/** How one task becomes many. One of `array`, `matrix` and `custom`. */
export interface WorkflowExpansion {
  /** One task for each element: `{ user: 'context.users' }`. */
  readonly array?: Readonly<Record<string, string>>;
  /** One for each combination, in this order, the last array going round first. */
  readonly matrix?: Readonly<Record<string, string>>;
  /** By rules. */
  readonly custom?: {
    readonly combine?: readonly string[];
    readonly filter?: Readonly<Record<string, string>>;
    readonly fieldMappings?: Readonly<Record<string, string>>;
    readonly conditions?: readonly string[];
    readonly validation?: readonly string[];
  };
  /** Names and CEL over `item`: elements that are renamed or computed. */
  readonly mappingRules?: Readonly<Record<string, string>>;
  /** What the results of all items become. Default `separate`. */
  readonly outputFormat?: 'separate' | 'merge' | 'single';
  /** Default `deep` for `merge`, `average` for `single`. */
  readonly mergeStrategy?: 'deep' | 'shallow' | 'concat' | 'sum' | 'average' | 'reduce';
  /** With `reduce`: CEL over `results`, the list of outputs. */
  readonly reducer?: string;
  /** More items are an error. */
  readonly maxItems?: number;
  /** A field of each item, or CEL over `item`, that names it in results. */
  readonly itemIdentifier?: string;
}

/** What tasks have unless they say otherwise themselves. */
export interface WorkflowTaskSettings {
  readonly tier?: Lowercase<Tier> | Tier;
  readonly requirements?: Requirements;
  readonly retry?: WorkflowRetry;
  readonly attemptTimeout?: DurationText;
  /** In all, from when it is ready. */
  readonly timeout?: DurationText;
  /** Default `fail_workflow`. */
  readonly onFailure?: 'fail_workflow' | 'continue' | 'escalate';
  readonly expand?: WorkflowExpansion;
  readonly policies?: PolicyRefs;
  readonly routing?: Routing;
}

/** One task of a group, or what many are made from. */
export interface WorkflowTaskDocument extends WorkflowTaskSettings {
  readonly id: string;
  readonly name?: string;
  /** The word that agents name among their capabilities. */
  readonly kind: string;
  /** What the handler gets. Texts in it may be templates: `{{ context.users }}`. */
  readonly input?: JsonValue;
  readonly instructions?: string;
  readonly messageTemplate?: string;
  readonly tools?: readonly string[];
  readonly files?: readonly string[];
  /** Where its result goes in the context. Default `outputs.GROUP.TASK`. */
  readonly resultKey?: string;
  /** Groups, or tasks as `group.task`, or by their id alone. */
  readonly dependsOn?: string | readonly string[];
  /** CEL: SKIPPED where it is false. */
  readonly condition?: string;
  /** CEL over `result`: a result where it is false has failed. */
  readonly validate?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** What the organisation's ContextProviderService is asked, by name: `{{ lookups.similar }}` is its answer. */
  readonly lookups?: Readonly<Record<string, JsonValue>>;
  /** Limits that its tasks count against. These and both keys may be templates: `{{ item.customer }}`. */
  readonly limitKeys?: readonly string[];
  /** Whose turn its tasks take. */
  readonly fairnessKey?: string;
  /** An agent that did a task of this key lately is preferred. */
  readonly affinityKey?: string;
}

/** What a group says besides its tasks. Settings are those of its tasks; `timeout` is its own. */
export interface WorkflowGroupOptions extends WorkflowTaskSettings {
  readonly name?: string;
  readonly dependsOn?: string | readonly string[];
  readonly condition?: string;
  /** Before those of each task. */
  readonly instructions?: string;
  readonly defaults?: WorkflowTaskSettings;
}

export interface WorkflowGroupDocument extends WorkflowGroupOptions {
  readonly id: string;
  readonly tasks: readonly WorkflowTaskDocument[];
}

/** What a workflow says besides its groups. Settings are those of its tasks; `timeout` is its own. */
export interface WorkflowOptions extends WorkflowTaskSettings {
  readonly description?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** What the context begins with. */
  readonly context?: JsonObject;
  /** What templates see as `params`. */
  readonly params?: JsonObject;
  readonly defaults?: WorkflowTaskSettings;
  readonly submitterSubjectId?: string;
  readonly jobSpaceId?: string;
  readonly source?: Lowercase<TaskSource> | TaskSource;
}

/** A workflow as `readWorkflow` takes it; files may say the same with other names, see `docs/workflows.md`. */
export interface WorkflowDocument extends WorkflowOptions {
  readonly name?: string;
  readonly groups: readonly WorkflowGroupDocument[];
}
