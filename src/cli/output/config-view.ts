import type { EffectiveParameterInfo, JobKindInfo, ParameterInfo } from '@reeve/sdk';
import { relativeTime } from './relative-time.js';
import { safeLines, safeText } from './safe-text.js';
import { clip } from './table.js';
import { timeText } from './task-view.js';
import type { View } from './view.js';

export const PARAMETER_VIEW: View<ParameterInfo> = {
  id: ({ key }) => key,
  version: ({ etag }) => etag,
  columns: [
    { title: 'key', value: ({ key }) => key },
    { title: 'value', value: written, text: (parameter) => clip(safeText(written(parameter))) },
    { title: 'etag', value: ({ etag }) => etag },
    { title: 'actor', value: ({ actor }) => actor },
    {
      title: 'updated',
      value: ({ updateTime }) => updateTime?.toISOString(),
      text: ({ updateTime }, scene) => (updateTime ? relativeTime(updateTime, scene.now) : ''),
    },
  ],
  details: (parameter, scene) => [
    ['Key', safeText(parameter.key)],
    ['Value', safeLines(written(parameter))],
    ['Etag', safeText(parameter.etag)],
    ['Actor', safeText(parameter.actor)],
    ['Updated', timeText(parameter.updateTime, scene)],
  ],
};

/** A step of a watch: what is set now, or what is not set any more. */
export interface ParameterChange extends Partial<ParameterInfo> {
  readonly change: 'SET' | 'DELETED';
  readonly key: string;
}

export const PARAMETER_CHANGE_VIEW: View<ParameterChange> = {
  id: ({ key }) => key,
  version: ({ change, etag }) => `${change} ${etag}`,
  columns: [
    { title: 'change', value: ({ change }) => change },
    { title: 'key', value: ({ key }) => key },
    {
      title: 'value',
      value: ({ change, value = null }) => (change === 'SET' ? written({ value }) : undefined),
      text: ({ change, value = null }) => (change === 'SET' ? clip(safeText(written({ value }))) : ''),
    },
    { title: 'etag', value: ({ etag }) => etag },
    { title: 'actor', value: ({ actor }) => actor },
  ],
};

export const EFFECTIVE_VIEW: View<EffectiveParameterInfo> = {
  id: ({ key }) => key,
  version: (parameter) => JSON.stringify(parameter),
  columns: [
    { title: 'key', value: ({ key }) => key },
    {
      title: 'value',
      value: written,
      text: (parameter, { colors }) => {
        const shown = clip(safeText(written(parameter)));
        return parameter.isSet ? colors.bold(shown) : shown;
      },
    },
    { title: 'source', value: ({ isSet }) => (isSet ? 'organisation' : 'default') },
    { title: 'takes', value: ({ type }) => type, text: ({ type }, { colors }) => colors.dim(clip(type)) },
    {
      title: 'meaning',
      value: ({ description }) => description,
      text: ({ description }, { colors }) => colors.dim(description),
    },
  ],
};

export const JOB_KIND_VIEW: View<JobKindInfo> = {
  id: ({ kind }) => kind,
  version: ({ etag }) => etag,
  columns: [
    { title: 'kind', value: ({ kind }) => kind },
    {
      title: 'schema',
      value: ({ inputSchema }) => inputSchema && JSON.stringify(inputSchema),
      text: ({ inputSchema }) => (inputSchema ? clip(safeText(JSON.stringify(inputSchema))) : ''),
    },
    { title: 'requires', value: ({ requiredFields }) => requiredFields.join(' ') },
    {
      title: 'validate',
      value: ({ validate }) => validate,
      text: ({ validate = '' }) => clip(safeText(validate)),
    },
    { title: 'preemptible', value: ({ preemptible }) => preemptible },
    { title: 'etag', value: ({ etag }) => etag },
    { title: 'actor', value: ({ actor }) => actor },
    {
      title: 'updated',
      value: ({ updateTime }) => updateTime?.toISOString(),
      text: ({ updateTime }, scene) => (updateTime ? relativeTime(updateTime, scene.now) : ''),
    },
  ],
  details: (jobKind, scene) => [
    ['Kind', safeText(jobKind.kind)],
    ['Description', safeLines(jobKind.description ?? '')],
    ['Requires', safeText(jobKind.requiredFields.join(', '))],
    ['Schema', jobKind.inputSchema ? safeLines(JSON.stringify(jobKind.inputSchema, null, 2)) : ''],
    ['Validate', safeLines(jobKind.validate ?? '')],
    ['Preemptible', jobKind.preemptible ? 'LOW tasks' : 'no'],
    ['Etag', safeText(jobKind.etag)],
    ['Actor', safeText(jobKind.actor)],
    ['Updated', timeText(jobKind.updateTime, scene)],
  ],
};

/** Words as they are set, anything else as JSON. */
function written({ value }: Pick<ParameterInfo, 'value'>): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
