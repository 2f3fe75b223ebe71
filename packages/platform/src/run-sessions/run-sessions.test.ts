import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, connect as dialPlain, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { createServer, connect as dial, type TLSSocket } from 'node:tls';
import type { DynoId } from '../domain/ids.ts';
import { hashToken, newToken } from '../secrets/token.ts';
import { RunSessions, type RunSessionsOptions, type RunTicket } from './run-sessions.ts';

// A brand is given where an id is made; here that is the test.
const dynoId = 'c0ffee00-0000-4000-8000-000000000001' as DynoId;

const certificate = async (t: TestContext) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'ravine-run-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
  const openssl = spawn(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '1',
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=DNS:localhost',
      '-keyout',
      key,
      '-out',
      cert,
    ],
    { stdio: 'ignore' },
  );
  assert.deepEqual(await once(openssl, 'exit'), [0, null]);
  return { key: await readFile(key), cert: await readFile(cert) };
};

type Run = RunSessionsOptions['run'];

const setUp = async (t: TestContext, run: Run, options: Partial<RunSessionsOptions> = {}) => {
  const { key, cert } = await certificate(t);
  const errors: unknown[] = [];
  const sessions = new RunSessions({
    run,
    onUnclaimed: () => {},
    onError: (_, error) => errors.push(error),
    ...options,
  });
  const server = createServer({ key, cert }, (socket) => {
    let head = Buffer.alloc(0);
    const take = (bytes: Buffer): void => {
      head = Buffer.concat([head, bytes]);
      const at = head.indexOf('\n');
      if (at === -1) return;
      socket.off('data', take);
      socket.pause();
      if (head.length > at + 1) socket.unshift(head.subarray(at + 1));
      sessions.accept(socket, head.subarray(0, at + 1).toString());
    };
    socket.on('data', take);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const clients: TLSSocket[] = [];
  const rawSockets: Socket[] = [];
  t.after(async () => {
    for (const client of clients) client.destroy();
    server.close();
    await sessions.close();
  });
  const secret = newToken('');
  const ticket = (over: Partial<RunTicket> = {}): RunTicket => ({
    dynoId,
    secretHash: hashToken(secret),
    terminal: undefined,
    wantsStatus: false,
    createdAtMs: Date.now(),
    ...over,
  });
  const connect = async (first = `${secret}\r\n`): Promise<TLSSocket> => {
    // Node's typing allows a pipe's name here; a TCP listener always has a port.
    const { port } = server.address() as AddressInfo;
    const raw = dialPlain({ port, host: '127.0.0.1' });
    const client = dial({ socket: raw, servername: 'localhost', ca: cert });
    clients.push(client);
    rawSockets.push(raw);
    client.on('error', () => {});
    client.write(first);
    await once(client, 'secureConnect');
    return client;
  };
  return { sessions, ticket, connect, errors, rawSockets };
};

/** Every chunk until the server closes, as the official client receives them. */
const chunksOf = async (client: TLSSocket): Promise<string[]> => {
  const chunks: string[] = [];
  client.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
  await once(client, 'close');
  return chunks;
};

const shell =
  (command: string): Run =>
  async (_, stream, signal) => {
    const child = spawn('sh', ['-c', command], { stdio: ['pipe', 'pipe', 'inherit'] });
    const stop = (): void => void child.kill('SIGKILL');
    signal.addEventListener('abort', stop);
    child.stdin.on('error', () => {});
    stream.on('data', (bytes: Buffer) => {
      const last = bytes.at(-1) === 4;
      child.stdin.write(last ? bytes.subarray(0, -1) : bytes);
      if (last) child.stdin.end();
    });
    child.stdout.pipe(stream);
    const [code] = await once(child, 'close');
    return code ?? 137;
  };

test('the greeting comes alone, then the output, then the exit status in one piece, then the end', async (t) => {
  const { sessions, ticket, connect } = await setUp(t, shell('printf "no line end"; exit 3'));
  sessions.open(ticket({ wantsStatus: true }));
  assert.deepEqual(await chunksOf(await connect()), [
    'rendezvous\r\n',
    'no line end',
    '\uFFFF heroku-command-exit-status: 3\n',
  ]);
});

test('a client that asked for no exit status gets none', async (t) => {
  const { sessions, ticket, connect } = await setUp(t, shell('echo hello; exit 3'));
  sessions.open(ticket());
  assert.deepEqual(await chunksOf(await connect()), ['rendezvous\r\n', 'hello\n']);
});

test('input sent early, before the dyno reads, reaches it whole and in order', async (t) => {
  const sent = Promise.withResolvers<void>();
  const { sessions, ticket, connect } = await setUp(t, async (...session) => {
    await sent.promise;
    return shell('cat')(...session);
  });
  sessions.open(ticket());
  const client = await connect();
  client.write('one\ntwo\n');
  client.write('three\n\u0004', () => sent.resolve());
  assert.equal((await chunksOf(client)).slice(1).join(''), 'one\ntwo\nthree\n');
});

test('input in the same packet as the secret is not lost', async (t) => {
  const { sessions, connect } = await setUp(t, shell('cat'));
  const secret = newToken('');
  sessions.open({
    dynoId,
    secretHash: hashToken(secret),
    terminal: undefined,
    wantsStatus: false,
    createdAtMs: Date.now(),
  });
  assert.equal((await chunksOf(await connect(`${secret}\r\nearly\n\u0004`))).slice(1).join(''), 'early\n');
});

test('megabytes pass both ways unchanged', async (t) => {
  const { sessions, ticket, connect } = await setUp(t, shell('cat'));
  sessions.open(ticket({ wantsStatus: true }));
  const client = await connect();
  const sent = '0123456789abcdef'.repeat(512 * 1024);
  client.write(sent);
  client.write('\u0004');
  const received = (await chunksOf(client)).slice(1);
  assert.equal(received.pop(), '\uFFFF heroku-command-exit-status: 0\n');
  assert.ok(received.join('') === sent);
});

test('a dyno that ends without reading its input still gets its last output across', async (t) => {
  const { sessions, ticket, connect } = await setUp(t, shell('head -c 5; echo; echo done'));
  sessions.open(ticket({ wantsStatus: true }));
  const client = await connect();
  client.write('x'.repeat(4 * 1024 * 1024));
  const text = (await chunksOf(client)).slice(1).join('');
  assert.equal(text, 'xxxxx\ndone\n\uFFFF heroku-command-exit-status: 0\n');
});

test('a wrong secret, a used one and an empty line are closed without a word', async (t) => {
  const { sessions, ticket, connect } = await setUp(t, shell('true'));
  sessions.open(ticket());
  assert.deepEqual(await chunksOf(await connect('wrong\r\n')), []);
  assert.deepEqual(await chunksOf(await connect('\r\n')), []);
  assert.equal((await chunksOf(await connect())).length, 1);
  assert.deepEqual(await chunksOf(await connect()), []);
});

const waiting = (): { run: Run; started: Promise<Duplex>; aborted: Promise<void> } => {
  const started = Promise.withResolvers<Duplex>();
  const aborted = Promise.withResolvers<void>();
  const run: Run = async (_, stream, signal) => {
    started.resolve(stream);
    if (!signal.aborted) await once(signal, 'abort');
    aborted.resolve();
    return 143;
  };
  return { run, started: started.promise, aborted: aborted.promise };
};

test('the dyno is ended when its client vanishes, and when it says goodbye', async (t) => {
  for (const leave of [(client: TLSSocket) => client.destroy(), (client: TLSSocket) => client.end()]) {
    const { run, started, aborted } = waiting();
    const { sessions, ticket, connect } = await setUp(t, run);
    sessions.open(ticket());
    const client = await connect();
    client.resume();
    await started;
    leave(client);
    await aborted;
  }
});

test('a cancelled session ends its dyno and tells the client its exit status', async (t) => {
  const { run, started } = waiting();
  const { sessions, ticket, connect } = await setUp(t, run);
  sessions.open(ticket({ wantsStatus: true }));
  const client = await connect();
  const chunks = chunksOf(client);
  await started;
  assert.equal(sessions.cancel(dynoId), true);
  assert.equal((await chunks).at(-1), '\uFFFF heroku-command-exit-status: 143\n');
  await sessions.close();
  assert.equal(sessions.cancel(dynoId), false);
});

test('a session in which nobody says anything is ended', async (t) => {
  const { run, aborted } = waiting();
  const { sessions, ticket, connect } = await setUp(t, run, { idleTimeoutMs: 20 });
  sessions.open(ticket());
  await chunksOf(await connect());
  await aborted;
});

test('a dyno nobody attaches to is given back once, also when its time ran out while we were down', async (t) => {
  const unclaimed: RunTicket[] = [];
  const expired = Promise.withResolvers<void>();
  const onUnclaimed = (ticket: RunTicket): void => {
    unclaimed.push(ticket);
    expired.resolve();
  };
  const { sessions, ticket, connect } = await setUp(t, shell('true'), { onUnclaimed });
  const late = ticket({ createdAtMs: Date.now() - 6 * 60_000 });
  sessions.open(late);
  await expired.promise;
  assert.deepEqual(unclaimed, [late]);
  assert.deepEqual(await chunksOf(await connect()), []);
});

test('a session cancelled before anybody attached can no longer be attached to', async (t) => {
  const { sessions, ticket, connect } = await setUp(t, shell('true'));
  sessions.open(ticket());
  assert.equal(sessions.cancel(dynoId), true);
  assert.deepEqual(await chunksOf(await connect()), []);
});

test('a dyno that cannot be run is reported to both sides, without its reason on the wire', async (t) => {
  const { sessions, ticket, connect, errors } = await setUp(t, () => Promise.reject(new Error('password=hunter2')));
  sessions.open(ticket({ wantsStatus: true }));
  const chunks = await chunksOf(await connect());
  assert.match(chunks[1] ?? '', /could not be run/);
  assert.doesNotMatch(chunks.join(''), /hunter2/);
  assert.equal(chunks.at(-1), '\uFFFF heroku-command-exit-status: 1\n');
  assert.match(String(errors[0]), /hunter2/);
});

test('a client that goes away by a reset is no error', async (t) => {
  const { run, started, aborted } = waiting();
  const { sessions, ticket, connect, errors, rawSockets } = await setUp(t, run);
  sessions.open(ticket());
  (await connect()).resume();
  await started;
  rawSockets[0]?.resetAndDestroy();
  await aborted;
  await sessions.close();
  assert.deepEqual(errors, []);
});

test('closing ends running sessions and waits for their dynos', async (t) => {
  const { run, started, aborted } = waiting();
  const { sessions, ticket, connect } = await setUp(t, run);
  sessions.open(ticket());
  (await connect()).resume();
  await started;
  await sessions.close();
  await aborted;
});
