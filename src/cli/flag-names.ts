/** What a command line may hold, by name. */
export interface Typed {
  readonly args?: readonly { readonly name: string }[];
  readonly options?: readonly { readonly name: string }[];
}

/** Fields of requests that are given under another name: by options, or by arguments (in capitals). */
const GIVEN_AS: Readonly<Record<string, readonly string[]>> = {
  'requirements.capabilities': ['requires'],
  agent_id: ['ID'],
  agent_ids: ['agent'],
  capabilities: ['capability'],
  context_path: ['PATH'],
  created_before: ['until'],
  created_from: ['since'],
  dependencies: ['after'],
  finished_before: ['finished-until'],
  finished_from: ['finished-since'],
  group_ids: ['group'],
  input_schema: ['schema'],
  key: ['KEY'],
  kind: ['KIND'],
  kinds: ['kind'],
  operation_id: ['ID'],
  page_size: ['limit'],
  parent_task_id: ['parent'],
  'patches.value': ['set'],
  policy_id: ['NAME'],
  required_fields: ['require'],
  role_id: ['ROLE'],
  role_ids: ['role'],
  role_type: ['type'],
  statuses: ['status'],
  subject_id: ['SUBJECT'],
  subject_type: ['type'],
  submitter_subject_ids: ['submitter'],
  task_id: ['ID', 'TASK'],
  task_ids: ['ID', 'TASK'],
  value: ['VALUE'],
  workflow_id: ['ID', 'workflow'],
};

/**
 * What a person typed for a field of a request, for example `--label` for `task.labels["env"]`
 * or `KIND` for `task.kind`; `undefined` if the command has nothing for it. What is inside of a value keeps its
 * path: `VALUE.role_type.$eqq`.
 *
 * @param field dotted path, as the coordinator names it
 */
export function typedAs(field: string, { args = [], options = [] }: Typed): string | undefined {
  const path = field
    .replace(/^metadata\["(\w+)"\]$/, '$1')
    .replace(/\[[^\]]*\]|…/g, '')
    .replace(/^(requests\.)?((task|filter|part|job_kind|policy|role|subject)\.)?/, '');
  const [first = '', second] = path.split('.');
  if (first === 'labels' && second !== undefined && options.some(({ name }) => name === 'label')) {
    return `--label ${path.slice('labels.'.length)}`;
  }
  const plain = first.replaceAll('_', '-');
  const names = [GIVEN_AS[`${first}.${second}`], GIVEN_AS[first], plain, plain.replace(/s$/, '')].flat();
  for (const name of names) {
    if (name === undefined) continue;
    if (args.some((argument) => argument.name === name))
      return name === 'VALUE' ? path.replace('value', name) : name;
    if (options.some((option) => option.name === name)) return `--${name}`;
  }
  return undefined;
}
