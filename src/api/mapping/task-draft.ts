import { create, type DescMessage, type MessageShape } from '@bufbuild/protobuf';
import {
  ExpansionItemSchema,
  PayloadSchema,
  TaskBriefSchema,
  TaskSource,
  type TaskSpec,
  TaskSpecSchema,
  WorkflowPlaceSchema,
} from '@reeve/sdk/protocol';
import { invalidArgument } from '../../domain/errors.js';
import type { JsonValue } from '../../domain/json.js';
import type { CommonDraft, DraftItem, DraftKeys, TaskDraft } from '../../domain/workflows/task-draft.js';
import type { SpecWriter } from '../../usecases/ports.js';
import type { Checker } from '../constraints/checker.js';
import { violationsOfJson } from '../constraints/well-known-rules.js';
import { encode } from '../wire/encode.js';
import { encodeJson } from '../wire/json-value.js';
import { partOf } from '../wire/part.js';
import { jsonPayload, payloadTooLarge } from './payload.js';
import { keysOf } from './requirements.js';
import { toProtoDefaults } from './task-defaults.js';
import { type SpecRules, toDomainSpec } from './task-spec.js';
import { timestampOf } from './time.js';
import { toProtoPlaceInWorkflow } from './workflow-place.js';

/** Where it is in errors. */
const PATH = 'task';
/** What a workflow may say was looked at when it was started. */
const ROLES = ['tasks.submit_human'] as const;
const SPEC = TaskSpecSchema.field;
/** Sound but for what is put into it. */
const ANY_SPEC = create(TaskSpecSchema, { kind: 'any' });
const EMPTY_BRIEF = create(TaskBriefSchema);
const EMPTY_ITEM = create(ExpansionItemSchema);

/**
 * Tasks of workflows, held to what holds of submissions. What those of a node have in common is mapped, checked and
 * written once; a body is those bytes, and after them the bytes of its own fields.
 */
export function createSpecWriter(checker: Pick<Checker, 'check'>, rules: SpecRules): SpecWriter {
  return {
    begin(draft) {
      const common = commonOf(draft);
      requireSound(TaskSpecSchema, common, PATH);
      const principal = { org: draft.org, subject: draft.submitterSubjectId, roles: ROLES };
      const { spec, terms } = toDomainSpec(common, principal, rules, PATH);
      return (own) => {
        const keys = keysOf(own.keys);
        const requirements = keys === null ? spec.requirements : { ...spec.requirements, keys };
        const body = Buffer.concat([spec.body, ...bodyOf(own), ...(keys === null ? [] : keyParts(own.keys))]);
        return { spec: { ...spec, requirements, body }, terms };
      };
    },
  };

  function bodyOf({ name, instructions, message, tools, files, input, item, workflow }: TaskDraft): Buffer[] {
    const brief = { ...EMPTY_BRIEF, name, instructions, message, tools: [...tools], files: [...files] };
    requireSound(TaskBriefSchema, brief, `${PATH}.brief`);
    const parts = [partOf(SPEC.brief, encode(TaskBriefSchema, brief))];
    if (input !== null) {
      const payload = jsonPayload(sizedText(input, `${PATH}.input`));
      parts.push(partOf(SPEC.input, encode(PayloadSchema, payload)));
    }
    if (item !== null) parts.push(partOf(SPEC.item, itemOf(item)));
    parts.push(partOf(SPEC.workflow, encode(WorkflowPlaceSchema, toProtoPlaceInWorkflow(workflow))));
    return parts;
  }

  function keyParts(keys: DraftKeys): Buffer[] {
    requireSound(TaskSpecSchema, { ...ANY_SPEC, ...keys, limitKeys: [...keys.limitKeys] }, PATH);
    const part = (field: Parameters<typeof partOf>[0], key: string) =>
      key === '' ? [] : [partOf(field, Buffer.from(key))];
    return [
      ...keys.limitKeys.flatMap((key) => part(SPEC.limitKeys, key)),
      ...part(SPEC.fairnessKey, keys.fairnessKey),
      ...part(SPEC.affinityKey, keys.affinityKey),
    ];
  }

  function itemOf({ data, ...named }: DraftItem): Buffer {
    const item = { ...EMPTY_ITEM, ...named };
    requireSound(ExpansionItemSchema, item, `${PATH}.item`);
    const path = `${PATH}.item.item_data`;
    const violations = violationsOfJson(data, path);
    if (violations.length > 0) throw invalidArgument(violations);
    // What it was made from is no way round the bound on its input.
    sizedText(data, path);
    return Buffer.concat([
      encode(ExpansionItemSchema, item),
      partOf(ExpansionItemSchema.field.itemData, encodeJson(data)),
    ]);
  }

  function sizedText(value: JsonValue, path: string): Buffer {
    const text = Buffer.from(JSON.stringify(value));
    if (text.length > rules.maxPayloadBytes) throw payloadTooLarge(path, text.length, rules.maxPayloadBytes);
    return text;
  }

  function requireSound<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>, path: string) {
    const violations = checker.check(schema, message, path);
    if (violations.length > 0) throw invalidArgument(violations);
  }
}

function commonOf(draft: CommonDraft): TaskSpec {
  const { tier, requirements, retry, attemptTimeout, policies, routing } = toProtoDefaults(draft.settings);
  return create(TaskSpecSchema, {
    kind: draft.kind,
    tier,
    source: TaskSource[draft.source],
    labels: { ...draft.labels },
    submitterSubjectId: draft.submitterSubjectId,
    jobSpaceId: draft.jobSpaceId,
    ...(requirements && { requirements }),
    ...(retry && { retry }),
    ...(attemptTimeout && { attemptTimeout }),
    ...(policies && { policies }),
    ...(routing && { routing }),
    ...(draft.deadline !== null && { deadline: timestampOf(draft.deadline) }),
  });
}
