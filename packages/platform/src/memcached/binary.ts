import { addTo } from './arithmetic.ts';
import { type BinaryCommand, type Opcode, opcodes, statuses } from './binary.data.ts';
import { answerError, answerOk, type BinaryRequest, headerBytes } from './binary-answer.ts';
import type { Item, StoreMode, StoreResult } from './cache.ts';
import { expiry } from './clock.ts';
import { limits } from './limits.data.ts';
import { type Protocol, type Session, tenantOf } from './session.ts';
import { settingsStatistics, statistics, version } from './statistics.ts';

const request = 0x80;
/** Longer than any command that is taken: the connection is out of step, or not well-meant. */
const mostBodyBytes = 64 * limits.valueBytes;
const loginBodyBytes = 4096;
const neverMade = 0xffffffff;

/** One command of the binary protocol (memcached's protocol-binary). */
export const binary: Protocol = (session, input, from) => {
  if (input.length - from < headerBytes) return -headerBytes;
  const [magic, code = 0] = [input[from], input[from + 1]];
  const keyLength = input.readUInt16BE(from + 2);
  const extraLength = input[from + 4] ?? 0;
  const bodyLength = input.readUInt32BE(from + 8);
  const opaque = input.readUInt32BE(from + 12);
  const head = { opcode: code, opaque };
  if (magic !== request) return end(session, input);
  const known = opcodes.get(code);
  const isLogin = known?.command.startsWith('sasl') === true || known?.command === 'version';
  if (session.login === undefined && !isLogin) {
    answerError(session, head, 'authFailed');
    return end(session, input);
  }
  const valueLength = bodyLength - keyLength - extraLength;
  const isWrong = valueLength < 0 || bodyLength > mostBodyBytes || keyLength > limits.keyBytes;
  if (isWrong || (session.login === undefined && bodyLength > loginBodyBytes)) {
    answerError(session, head, 'invalid');
    return end(session, input);
  }
  const next = from + headerBytes + bodyLength;
  const refusal =
    known === undefined
      ? 'unknown'
      : !fits(known, { keyLength, extraLength, valueLength })
        ? 'invalid'
        : valueLength > limits.valueBytes
          ? 'tooLarge'
          : undefined;
  if (known === undefined || refusal !== undefined) {
    answerError(session, head, refusal ?? 'unknown');
    // What fits no command comes from a client that is out of step; what is only too large or unknown is passed over.
    if (refusal === 'invalid') return end(session, input);
    if (next > input.length) session.skip(next - input.length);
    return Math.min(next, input.length);
  }
  if (next > input.length) return from - next;
  const keyFrom = from + headerBytes + extraLength;
  handlers[known.command](
    session,
    {
      ...head,
      cas: input.readUInt32BE(from + 16) * 2 ** 32 + input.readUInt32BE(from + 20),
      extras: input.subarray(from + headerBytes, keyFrom),
      key: input.toString('latin1', keyFrom, keyFrom + keyLength),
      value: input.toString('latin1', keyFrom + keyLength, next),
    },
    known,
  );
  return next;
};

const end = ({ close }: Session, input: Buffer): number => {
  close();
  return input.length;
};

const fits = (
  { extraBytes, hasKey, hasValue, command }: Opcode,
  sizes: { readonly keyLength: number; readonly extraLength: number; readonly valueLength: number },
): boolean =>
  extraBytes.includes(sizes.extraLength) &&
  (command === 'stat' || sizes.keyLength > 0 === hasKey) &&
  (hasValue || sizes.valueLength === 0);

type Handler = (session: Session, request: BinaryRequest, opcode: Opcode) => void;

const get: Handler = (session, call, { command, quiet, withKey }) => {
  const { cache, counters } = tenantOf(session);
  const item = cache.get(call.key);
  counters.gets++;
  if (item === undefined) counters.misses++;
  else counters.hits++;
  if (item === undefined) {
    if (!quiet) missing(session, call, withKey);
    return;
  }
  if (command === 'getAndTouch') {
    counters.touches++;
    item.expiresAt = expiry(call.extras.readUInt32BE(0));
  }
  item.fetched = true;
  answerOk(session, call, {
    extras: flagBytes(item),
    value: item.value,
    cas: item.cas,
    ...(withKey && { key: call.key }),
  });
};

/** A miss of those that answer with the key names the key in the place of the words. */
const missing = (session: Session, call: BinaryRequest, withKey: boolean): void => {
  if (!withKey) {
    answerError(session, call, 'notFound');
    return;
  }
  const { output } = session;
  const header = Buffer.alloc(headerBytes);
  header[0] = 0x81;
  header[1] = call.opcode;
  header.writeUInt16BE(call.key.length, 2);
  header.writeUInt16BE(statuses.notFound[0], 6);
  header.writeUInt32BE(call.key.length, 8);
  header.writeUInt32BE(call.opaque, 12);
  output.bytes(header);
  output.text(call.key);
};

const flagBuffer = Buffer.alloc(4);
const flagBytes = ({ flags }: Item): Buffer => {
  flagBuffer.writeUInt32BE(flags, 0);
  return flagBuffer;
};

const results: Readonly<Record<Exclude<StoreResult, 'stored'>, keyof typeof statuses>> = {
  not_stored: 'notStored',
  exists: 'exists',
  not_found: 'notFound',
  too_large: 'tooLarge',
};

const mayWrite = (session: Session, call: BinaryRequest): boolean => {
  if (session.login?.credential.canWrite) return true;
  answerError(session, call, 'authFailed', 'Permission denied: this credential may not write.');
  return false;
};

const store: Handler = (session, call, { command, quiet }) => {
  if (!mayWrite(session, call)) return;
  const { cache, counters } = tenantOf(session);
  counters.sets++;
  const joins = command === 'append' || command === 'prepend';
  const result = cache.store({
    mode: command as StoreMode, // the handler of those five
    key: call.key,
    value: call.value,
    flags: joins ? 0 : call.extras.readUInt32BE(0),
    expiresAt: joins ? 0 : expiry(call.extras.readUInt32BE(4)),
    cas: call.cas,
  });
  if (result === 'stored') {
    if (!quiet) answerOk(session, call, { cas: cache.peek(call.key)?.cas ?? 0 });
    return;
  }
  // Here adding what is there, and replacing what isn't, have names of their own.
  const isBlocked = result === 'not_stored' && (command === 'add' || command === 'replace');
  answerError(session, call, isBlocked ? (command === 'add' ? 'exists' : 'notFound') : results[result]);
};

const remove: Handler = (session, call, { quiet }) => {
  if (!mayWrite(session, call)) return;
  const { cache } = tenantOf(session);
  const item = cache.peek(call.key);
  if (item === undefined) return answerError(session, call, 'notFound');
  if (call.cas !== 0 && call.cas !== item.cas) return answerError(session, call, 'exists');
  cache.remove(item);
  if (!quiet) answerOk(session, call);
};

const count: Handler = (session, call, { command, quiet }) => {
  if (!mayWrite(session, call)) return;
  const { cache } = tenantOf(session);
  const delta = call.extras.readBigUInt64BE(0);
  let after = call.extras.readBigUInt64BE(8);
  const time = call.extras.readUInt32BE(16);
  const item = cache.peek(call.key);
  if (item === undefined) {
    if (time === neverMade) return answerError(session, call, 'notFound');
    cache.store({
      mode: 'add',
      key: call.key,
      value: String(after),
      flags: 0,
      expiresAt: expiry(time),
      cas: 0,
    });
  } else {
    if (call.cas !== 0 && call.cas !== item.cas) return answerError(session, call, 'exists');
    const sum = addTo(cache, item, delta, command === 'increment' ? 1 : -1);
    if (sum === undefined) return answerError(session, call, 'notNumeric');
    after = sum;
  }
  if (quiet) return;
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(after);
  answerOk(session, call, { value: bytes.toString('latin1'), cas: cache.peek(call.key)?.cas ?? 0 });
};

const touch: Handler = (session, call) => {
  if (!mayWrite(session, call)) return;
  const { cache, counters } = tenantOf(session);
  counters.touches++;
  const item = cache.get(call.key);
  if (item === undefined) return answerError(session, call, 'notFound');
  item.expiresAt = expiry(call.extras.readUInt32BE(0));
  answerOk(session, call, { extras: flagBytes(item), cas: item.cas });
};

const flush: Handler = (session, call, { quiet }) => {
  if (!session.login?.credential.canFlush) {
    return answerError(session, call, 'authFailed', 'Permission denied: this credential may not flush.');
  }
  const { cache, counters } = tenantOf(session);
  counters.flushes++;
  const time = call.extras.length === 4 ? call.extras.readUInt32BE(0) : 0;
  cache.clearAt(time > 0 ? expiry(time) : 0);
  if (!quiet) answerOk(session, call);
};

const stat: Handler = (session, call) => {
  const tenant = tenantOf(session);
  if (call.key === 'reset') tenant.resetCounters();
  const rows = call.key === '' ? statistics(tenant) : call.key === 'settings' ? settingsStatistics(tenant) : undefined;
  if (rows === undefined && call.key !== 'reset') return answerError(session, call, 'notFound');
  for (const [name, value] of rows ?? []) answerOk(session, call, { key: name, value: String(value) });
  answerOk(session, call);
};

const login: Handler = (session, call) => {
  const [, username = '', password = ''] = call.value.split('\0');
  const found =
    call.key === 'PLAIN' && username !== '' ? session.tenants.login(utf8(username), utf8(password)) : undefined;
  if (found === undefined) return answerError(session, call, 'authFailed');
  if (!session.admit(found)) {
    answerError(session, call, 'authFailed', 'Too many open connections.');
    return session.close();
  }
  answerOk(session, call, { value: 'Authenticated' });
};

const utf8 = (bytes: string): string => Buffer.from(bytes, 'latin1').toString();

const handlers: Readonly<Record<BinaryCommand, Handler>> = {
  get,
  getAndTouch: (session, call, opcode) => {
    if (mayWrite(session, call)) get(session, call, opcode);
  },
  set: store,
  add: store,
  replace: store,
  append: store,
  prepend: store,
  delete: remove,
  increment: count,
  decrement: count,
  touch,
  flush,
  stat,
  noop: (session, call) => answerOk(session, call),
  version: (session, call) => answerOk(session, call, { value: version }),
  quit: (session, call, { quiet }) => {
    if (!quiet) answerOk(session, call);
    session.close();
  },
  saslList: (session, call) => answerOk(session, call, { value: 'PLAIN' }),
  saslAuth: login,
  // PLAIN has but one step.
  saslStep: (session, call) => answerError(session, call, 'authFailed'),
};
