import { stringify } from 'yaml';
import { docOf, type Setting } from './setting.js';

const WIDTH = 88;

/**
 * A settings file that says nothing yet: each setting with its default behind a comment sign,
 * under what it is, what is accepted and which variable wins over it.
 */
export function formatSettingsFile(settings: readonly Setting<unknown>[]): string {
  return settings.map((setting) => `${describe(setting)}#${line(setting)}`).join('\n');
}

function describe(setting: Setting<unknown>): string {
  const words = `${docOf(setting)} Accepts ${setting.accepted}. ${setting.env} wins over it.`.split(' ');
  const lines = ['#'];
  for (const word of words) {
    const grown = `${lines.at(-1)} ${word}`;
    if (grown.length <= WIDTH) lines[lines.length - 1] = grown;
    else lines.push(`# ${word}`);
  }
  return `${lines.join('\n')}\n`;
}

/** `lease-ttl: 1m` */
function line({ name, type, default: value, format }: Setting<unknown>): string {
  const written = type === 'list' ? value : format(value);
  // Without quotes it would stand for no value.
  if (written === '') return `${name}: ""\n`;
  return stringify({ [name]: written }, { schema: 'failsafe', lineWidth: 0, flowCollectionPadding: false });
}
