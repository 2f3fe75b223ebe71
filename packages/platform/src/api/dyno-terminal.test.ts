import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { DynoId } from '../domain/ids.ts';
import { RunSessions, type RunSessionsOptions, type RunTicket } from '../run-sessions/run-sessions.ts';
import type { TerminalSize } from '../run-sessions/session-terminal.ts';
import { hashToken, newToken } from '../secrets/token.ts';
import { dynoTerminal } from './dyno-terminal.ts';
import { apiClient } from './testing/api-client.ts';
import { startTestPlatform, type TestPlatform } from './testing/test-platform.ts';

const email = 'ada@example.com';
let platform: TestPlatform;
let sessions: RunSessions;
let base: string;
let bearer: string;
let cookie: string;
let run: RunSessionsOptions['run'];
const faults: unknown[] = [];
const onFault = (error: unknown): void => void faults.push(error);
const server = createServer();

before(async () => {
  platform = await startTestPlatform();
  bearer = `Bearer ${(await platform.account(email)).token}`;
  const body = { email, password: `password of ${email}` };
  const { headers } = await apiClient(platform.url)('POST', '/dashboard/session', body, { 'x-ravine-dashboard': '1' });
  cookie = headers.getSetCookie()[0]?.split(';')[0] ?? '';
  sessions = new RunSessions({
    run: (...all) => run(...all),
    onUnclaimed: () => {},
    onError: (_, error) => onFault(error),
  });
  const terminal = dynoTerminal({ db: platform.services.db, sessions, onFault });
  server.on('upgrade', terminal.open).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // Node's typing allows a pipe's name here; a TCP listener always has a port.
  base = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});

after(async () => {
  server.close();
  await sessions.close();
  await platform.close();
  assert.deepEqual(faults, []);
});

const ticketOf = (secret: string): RunTicket => ({
  // A brand is given where an id is made; here that is the test.
  dynoId: `dyno of ${secret}` as DynoId,
  secretHash: hashToken(secret),
  terminal: { columns: 80, rows: 24, term: 'xterm-256color' },
  wantsStatus: false,
  createdAtMs: Date.now(),
});

/** Opens a terminal and collects what it is told: text as it is, bytes as text behind a `>`. */
const open = async (headers: Record<string, string>) => {
  // Cast: Node's own client takes headers, which the browsers' type does not have.
  const socket = new WebSocket(`ws://${base}/attach`, { headers } as unknown as string[]);
  socket.binaryType = 'arraybuffer';
  const heard: string[] = [];
  socket.onmessage = ({ data }) => heard.push(typeof data === 'string' ? data : `>${Buffer.from(data).toString()}`);
  const closed = once(socket, 'close').then(([{ code, reason }]) => ({ code, reason }));
  await Promise.race([once(socket, 'open'), closed]);
  return { socket, heard, closed };
};

const status = async (headers: Record<string, string>): Promise<number> => {
  const { request } = await import('node:http');
  const handshake = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': Buffer.alloc(16).toString('base64'),
  };
  const asked = request(`http://${base}/attach`, { headers: { ...handshake, ...headers } }).end();
  return new Promise((resolve, reject) => {
    asked.on('error', reject);
    asked.on('response', (response) => resolve(response.resume().statusCode ?? 0));
    asked.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve(response.statusCode ?? 0);
    });
  });
};

test('only who is signed in opens a terminal, and a cookie counts only on a page of ours', async () => {
  const own = `http://${base}`;
  assert.equal(await status({}), 403);
  assert.equal(await status({ origin: own }), 401);
  assert.equal(await status({ cookie }), 403);
  assert.equal(await status({ cookie, origin: 'https://evil.example' }), 403);
  assert.equal(await status({ cookie, origin: own, 'sec-fetch-site': 'cross-site' }), 403);
  assert.equal(await status({ cookie, origin: own }), 101);
  assert.equal(await status({ authorization: bearer }), 101);
  assert.equal(await status({ authorization: 'Bearer wrong' }), 401);
  assert.equal(await status({ authorization: bearer, 'sec-websocket-version': '8' }), 422);
});

test('the dyno whose secret comes first is joined: bytes both ways, then its exit status, then the end', async () => {
  const secret = newToken('');
  run = async (_ticket, stream) => {
    stream.write('name? ');
    const [name] = await once(stream, 'data');
    stream.write(`hello ${name}`);
    return 3;
  };
  sessions.open(ticketOf(secret));
  const { socket, heard, closed } = await open({ authorization: bearer });
  socket.send(JSON.stringify({ secret }));
  socket.send(Buffer.from('ada'));
  assert.deepEqual(await closed, { code: 1000, reason: '' });
  assert.deepEqual(heard, ['>name? ', '>hello ada', '{"exit_code":3}']);
});

test('a screen of another size is told to the dyno, the last one at once', async () => {
  const secret = newToken('');
  const sizes: TerminalSize[] = [];
  run = async (ticket, stream) => {
    await once(stream, 'data');
    await new Promise<void>((resolve) => {
      ticket.terminal?.onResize?.((size) => {
        if (sizes.push(size) === 2) resolve();
        else stream.write('more');
      });
    });
    return 0;
  };
  sessions.open(ticketOf(secret));
  const { socket, closed } = await open({ authorization: bearer });
  socket.send(JSON.stringify({ secret }));
  for (const text of [
    '{"columns":0,"rows":5}',
    '[]',
    'no JSON',
    '{"columns":100,"rows":30}',
    '{"columns":101,"rows":31}',
  ])
    socket.send(text);
  socket.send(Buffer.from('go'));
  await once(socket, 'message');
  socket.send('{"columns":50,"rows":20}');
  await closed;
  assert.deepEqual(sizes, [
    { columns: 101, rows: 31 },
    { columns: 50, rows: 20 },
  ]);
});

test('the dyno is ended when its terminal is left', async () => {
  const secret = newToken('');
  const started = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<void>();
  run = async (_ticket, _stream, signal) => {
    signal.addEventListener('abort', () => aborted.resolve());
    started.resolve();
    await aborted.promise;
    return 129;
  };
  sessions.open(ticketOf(secret));
  const { socket, closed } = await open({ authorization: bearer });
  socket.send(JSON.stringify({ secret }));
  await started.promise;
  socket.close();
  await aborted.promise;
  await closed;
});

test('a secret that is wrong or used is refused with the reason', async () => {
  const secret = newToken('');
  run = async () => 0;
  sessions.open(ticketOf(secret));
  const codes: unknown[] = [];
  for (const first of [
    JSON.stringify({ secret: 'wrong' }),
    '{}',
    JSON.stringify({ secret }),
    JSON.stringify({ secret }),
  ]) {
    const { socket, closed } = await open({ authorization: bearer });
    socket.send(first);
    codes.push((await closed).code);
  }
  assert.deepEqual(codes, [1008, 1008, 1000, 1008]);
});
