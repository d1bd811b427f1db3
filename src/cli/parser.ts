import {
  type CommanderError,
  InvalidArgumentError,
  Command as Parser,
  Argument as ParserArgument,
  Option as ParserOption,
} from 'commander';
import type { Argument, Command, Option } from './command.js';
import { Given, type OptionValues } from './given.js';
import { GLOBAL_OPTIONS } from './globals.js';
import { colorsFor } from './output/colors.js';

export interface ParserPort {
  /** Help that was asked for. */
  readonly writeOut: (text: string) => void;
  /** Help that is shown because something was missing. */
  readonly writeErr: (text: string) => void;
  readonly columns: number;
  readonly color: boolean;
}

/** The command line asks for nothing that could be run: wrong usage, or help that has been written. */
export class NothingToRun extends Error {
  override readonly name = 'NothingToRun';
  override readonly cause: CommanderError;
  /** Which was read so far, for example `reeve task`. */
  readonly command: string;

  constructor(cause: CommanderError, command: string) {
    super(cause.message);
    this.cause = cause;
    this.command = command;
  }
}

/** What the command line asks for. */
export interface Parsed {
  readonly command: Command;
  readonly given: Given;
}

/**
 * Reads a command line by the table. Throws {@link NothingToRun} on wrong usage, and when
 * all that was asked for was help.
 */
export function parse(
  argv: readonly string[],
  commands: readonly Command[],
  groups: Readonly<Record<string, string>>,
  port: ParserPort,
): Parsed {
  const found: Parsed[] = [];
  const root = build(commands, groups, port, (command, given) => found.push({ command, given }));
  root.parse([...argv], { from: 'user' });
  const [parsed] = found;
  if (!parsed) throw new Error('the command line came to no command');
  return parsed;
}

function build(
  commands: readonly Command[],
  groups: Readonly<Record<string, string>>,
  port: ParserPort,
  onCommand: (command: Command, given: Given) => unknown,
): Parser {
  const root = configured(new Parser('reeve'), port).description(
    'Coordinator for fleets of agents: they dial in, say what they can do, and get durable work.',
  );
  for (const option of GLOBAL_OPTIONS) addOption(root, option);
  root.addHelpText(
    'after',
    '\nFirst steps:\n  $ reeve dev\n  $ reeve submit KIND --wait\n  $ reeve task list',
  );

  const parents = new Map<string, Parser>([['', root]]);
  for (const command of commands) {
    const [first = '', second] = command.path;
    let parent = root;
    if (second !== undefined) {
      parent = parents.get(first) ?? configured(root.command(first), port).description(groups[first] ?? '');
      parents.set(first, parent);
    }
    const leaf = configured(parent.command(second ?? first, { hidden: command.hidden ?? false }), port);
    leaf.summary(command.summary);
    leaf.description([command.summary, command.detail].filter(Boolean).join('.\n\n'));
    leaf.configureHelp({ ...styles(port), showGlobalOptions: !command.local });
    for (const argument of command.args ?? []) addArgument(leaf, argument);
    for (const option of command.options ?? []) addOption(leaf, option);
    if (command.hidden) leaf.allowUnknownOption();
    leaf.addHelpText('after', examplesText(command));
    leaf.action(() => {
      const values = optionValues(command, leaf.optsWithGlobals());
      onCommand(command, new Given(leaf.args, values));
    });
  }
  return root;
}

function configured(parser: Parser, port: ParserPort): Parser {
  return parser
    .exitOverride((cause) => {
      throw new NothingToRun(cause, nameOf(parser));
    })
    .configureOutput({
      writeOut: port.writeOut,
      writeErr: port.writeErr,
      // Errors are told by the caller, as text or as JSON.
      outputError: () => {},
      getOutHelpWidth: () => port.columns,
      getErrHelpWidth: () => port.columns,
      getOutHasColors: () => port.color,
      getErrHasColors: () => port.color,
    })
    .configureHelp(styles(port));
}

/** `reeve task get` */
function nameOf(parser: Parser): string {
  return parser.parent ? `${nameOf(parser.parent)} ${parser.name()}` : parser.name();
}

function styles(port: ParserPort) {
  const colors = colorsFor(port.color);
  return { styleTitle: (title: string) => colors.bold(title) };
}

function addArgument(parser: Parser, { name, doc, optional, many, choices }: Argument): void {
  const inner = many ? `${name}...` : name;
  const made = new ParserArgument(optional ? `[${inner}]` : `<${inner}>`, doc);
  parser.addArgument(choices ? made.choices(choices) : made);
}

function addOption(parser: Parser, option: Option): void {
  const short = option.short ? `-${option.short}, ` : '';
  const value = option.value ? ` <${option.value}>` : '';
  const made = new ParserOption(`${short}--${option.name}${value}`, describe(option));
  if (option.value) made.argParser((raw: string, before: unknown) => accept(option, raw, before));
  parser.addOption(made);
  if (option.negatable) parser.addOption(new ParserOption(`--no-${option.name}`, 'the opposite').hideHelp());
}

function accept(option: Option, raw: string, before: unknown): string | string[] {
  const value = option.choices ? option.choices.find((c) => sameWord(c, raw)) : raw;
  if (value === undefined) {
    throw new InvalidArgumentError(`Expected one of ${option.choices?.join(', ')}.`);
  }
  return option.many ? [...(Array.isArray(before) ? before : []), value] : value;
}

function sameWord(choice: string, raw: string): boolean {
  return choice.toLowerCase() === raw.toLowerCase().replaceAll('-', '_');
}

/** What help and documentation say of an option. */
export function describe(option: Option): string {
  const notes = [
    ...(option.negatable ? [`--no-${option.name} for the opposite`] : []),
    ...(option.choices ? [`one of ${option.choices.join(', ')}`] : []),
    ...(option.many ? ['may be repeated'] : []),
    ...(option.env ? [option.env] : []),
    ...(option.default ? [`default: ${option.default}`] : []),
  ];
  return notes.length > 0 ? `${option.doc} (${notes.join('; ')})` : option.doc;
}

function examplesText({ examples }: Command): string {
  if (examples.length === 0) return '';
  return ['\nExamples:', ...examples.map(({ line, doc }) => `  # ${doc}\n  $ ${line}`)].join('\n');
}

/** Commander names options in camelCase; the table and the commands in kebab-case. */
function optionValues(command: Command, raw: Readonly<Record<string, unknown>>): OptionValues {
  const values: Record<string, OptionValues[string]> = {};
  for (const { name } of [...GLOBAL_OPTIONS, ...(command.options ?? [])]) {
    const attribute = name.replace(/^no-/, '').replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
    values[name] = raw[attribute] as OptionValues[string];
  }
  return values;
}
