/** Opcodes of the binary protocol, without those of the quiet variants, which do the same and answer less. */
export type BinaryCommand =
  | 'get' | 'set' | 'add' | 'replace' | 'delete' | 'increment' | 'decrement' | 'quit' | 'flush' | 'noop' | 'version'
  | 'append' | 'prepend' | 'stat' | 'touch' | 'getAndTouch' | 'saslList' | 'saslAuth' | 'saslStep'; // biome-ignore format: a word list

export interface Opcode {
  readonly command: BinaryCommand;
  /** Answers only what the client can't know: a hit, a failure. */
  readonly quiet: boolean;
  /** Whether the answer has the key in it. */
  readonly withKey: boolean;
  readonly extraBytes: readonly number[];
  readonly hasKey: boolean;
  readonly hasValue: boolean;
}

const opcode = (
  command: BinaryCommand,
  parts: { extras?: readonly number[]; key?: boolean; value?: boolean } = {},
): Opcode => ({
  command,
  quiet: false,
  withKey: false,
  extraBytes: parts.extras ?? [0],
  hasKey: parts.key ?? false,
  hasValue: parts.value ?? false,
});
const quiet = (of: Opcode): Opcode => ({ ...of, quiet: true });
const withKey = (of: Opcode): Opcode => ({ ...of, withKey: true });

const get = opcode('get', { key: true });
const store = { extras: [8], key: true, value: true };
const [set, add, replace] = [opcode('set', store), opcode('add', store), opcode('replace', store)];
const remove = opcode('delete', { key: true });
const [increment, decrement] = [
  opcode('increment', { extras: [20], key: true }),
  opcode('decrement', { extras: [20], key: true }),
];
const [quit, flush] = [opcode('quit'), opcode('flush', { extras: [0, 4] })];
const [append, prepend] = [opcode('append', { key: true, value: true }), opcode('prepend', { key: true, value: true })];
const getAndTouch = opcode('getAndTouch', { extras: [4], key: true });

export const opcodes: ReadonlyMap<number, Opcode> = new Map([
  [0x00, get],
  [0x01, set],
  [0x02, add],
  [0x03, replace],
  [0x04, remove],
  [0x05, increment],
  [0x06, decrement],
  [0x07, quit],
  [0x08, flush],
  [0x09, quiet(get)],
  [0x0a, opcode('noop')],
  [0x0b, opcode('version')],
  [0x0c, withKey(get)],
  [0x0d, withKey(quiet(get))],
  [0x0e, append],
  [0x0f, prepend],
  [0x10, { ...opcode('stat'), hasKey: true }],
  [0x11, quiet(set)],
  [0x12, quiet(add)],
  [0x13, quiet(replace)],
  [0x14, quiet(remove)],
  [0x15, quiet(increment)],
  [0x16, quiet(decrement)],
  [0x17, quiet(quit)],
  [0x18, quiet(flush)],
  [0x19, quiet(append)],
  [0x1a, quiet(prepend)],
  [0x1c, opcode('touch', { extras: [4], key: true })],
  [0x1d, getAndTouch],
  [0x1e, quiet(getAndTouch)],
  [0x20, opcode('saslList')],
  [0x21, opcode('saslAuth', { key: true, value: true })],
  [0x22, opcode('saslStep', { key: true, value: true })],
  [0x23, withKey(getAndTouch)],
  [0x24, withKey(quiet(getAndTouch))],
]);

/** Statuses of answers, and the text that goes with each. */
export const statuses = {
  ok: [0x00, ''],
  notFound: [0x01, 'Not found'],
  exists: [0x02, 'Data exists for key.'],
  tooLarge: [0x03, 'Too large.'],
  invalid: [0x04, 'Invalid arguments'],
  notStored: [0x05, 'Not stored.'],
  notNumeric: [0x06, 'Non-numeric server-side value for incr or decr'],
  authFailed: [0x20, 'Auth failure.'],
  unknown: [0x81, 'Unknown command'],
} as const;

export type BinaryStatus = keyof typeof statuses;
