import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import type { AppId, DynoId } from '../../domain/ids.ts';
import type { Driver, DynoSpec, DynoStatus, Terminal } from '../driver.ts';
import { DriverError } from '../driver-error.ts';
import { attachedTo, collect, readUntil, untilGone } from './case-streams.ts';

/** What a driver must offer to be put through the cases. */
export interface DriverGround {
  /** Opens the driver; each time on the same ground, so that a later one finds the dynos of an earlier one. */
  open(): Promise<Driver>;
  /** How a dyno calls Node. */
  readonly node: string;
  /** An artifact whose folder holds these files. */
  artifact(files: Readonly<Record<string, string>>): Promise<DynoSpec['artifact']>;
  /** argv of a program that opens the driver in a process of its own and starts (or, with `attached`, attaches) the spec on its stdin. */
  readonly owner: (mode: 'detached' | 'attached') => readonly [string, ...string[]];
  close(): Promise<void>;
}

const mb = 1024 * 1024;
const never = new AbortController().signal;
const terminal: Terminal = { columns: 101, rows: 33, term: 'xterm-256color' };

/** A number of seconds to sleep by which a process of this test run is known in the machine's list of processes. */
const sleepMark = (which: number): string => `${which}000.${process.pid}`;

/** The promises that every driver keeps. */
export const driverCases = (name: string, makeGround: () => Promise<DriverGround>): void => {
  suite(name, () => {
    let ground: DriverGround;
    let driver: Driver;
    let artifact: DynoSpec['artifact'];
    const children: ChildProcess[] = [];

    before(async () => {
      ground = await makeGround();
      artifact = await ground.artifact({
        'greeting.txt': 'hello from the slug\n',
        '.profile.d/first.sh': 'export FROM_PROFILE_D="$GREETING world"\n',
        '.profile': 'export FROM_PROFILE=too\n',
      });
    });
    after(() => ground.close());
    beforeEach(async () => {
      driver = await ground.open();
    });
    afterEach(async () => {
      for (const child of children.splice(0)) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      for (const { id } of await driver.list()) await end(id);
      await driver[Symbol.asyncDispose]();
    });

    const spec = (command: string, change: Partial<DynoSpec> = {}): DynoSpec => ({
      id: randomUUID() as DynoId,
      appId: randomUUID() as AppId,
      name: 'web.1',
      command,
      artifact,
      env: { GREETING: 'hello', PATH: process.env.PATH ?? '' },
      memoryBytes: 512 * mb,
      maxProcesses: 256,
      cpuShares: 1024,
      uid: 200_021,
      port: false,
      ...change,
    });
    const status = async (id: DynoId): Promise<DynoStatus | undefined> =>
      (await driver.list()).find((entry) => entry.id === id);
    const exited = async (id: DynoId): Promise<Extract<DynoStatus['state'], { kind: 'exited' }>> => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const stop = driver.onExit((which) => which === id && resolve());
      try {
        if ((await status(id))?.state.kind === 'running') await promise;
      } finally {
        stop();
      }
      const state = (await status(id))?.state;
      assert.equal(state?.kind, 'exited');
      // Cast: just asserted.
      return state as Extract<DynoStatus['state'], { kind: 'exited' }>;
    };
    const end = async (id: DynoId): Promise<void> => {
      await driver.kill(id, 'SIGKILL');
      await exited(id);
      await driver.remove(id);
    };
    const text = async (id: DynoId, position?: string): Promise<string> =>
      (await collect(driver.output(id, position, never))).toString();
    const own = async (mode: 'detached' | 'attached', what: DynoSpec): Promise<ChildProcess> => {
      const [program, ...args] = ground.owner(mode);
      const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
      children.push(child);
      child.stdin.end(JSON.stringify(what));
      return child;
    };

    test('a dyno runs in its own copy of the slug, after .profile.d and .profile, with a clean environment', async () => {
      process.env.RAVINE_TEST_LEAK = 'leaked';
      const one = spec(
        'cat greeting.txt; echo "$FROM_PROFILE_D $FROM_PROFILE"; echo "leak=$RAVINE_TEST_LEAK"; pwd; echo "$HOME"; touch mine',
      );
      await driver.start(one, never);
      const [greeting, profile, leak, pwd, home] = (await text(one.id)).split('\n');
      delete process.env.RAVINE_TEST_LEAK;
      assert.equal(greeting, 'hello from the slug');
      assert.equal(profile, 'hello world too');
      assert.equal(leak, 'leak=');
      assert.equal(pwd, home);
      assert.equal((await exited(one.id)).exitCode, 0);
    });

    test('stdout and stderr come as one, also through /dev/stdout and without a last line end', async () => {
      const one = spec('echo one; echo two >&2; echo three > /dev/stdout; echo four > /dev/stderr; printf five');
      await driver.start(one, never);
      assert.equal(await text(one.id), 'one\ntwo\nthree\nfour\nfive');
    });

    test('starting the same dyno again gives the running one', async () => {
      const one = spec('sleep 1000');
      const [first, second] = await Promise.all([driver.start(one, never), driver.start(one, never)]);
      assert.deepEqual(first, second);
      assert.deepEqual(await driver.start(one, never), first);
      assert.equal((await driver.list()).length, 1);
    });

    test('a dyno with a port is reached at its address, and two never share one', async () => {
      const serve = `"${ground.node}" -e "require('net').createServer(s => s.end('hi')).listen(process.env.PORT, () => console.log('ready'))"`;
      const [one, two] = [spec(serve, { port: true }), spec(serve, { port: true })];
      const [a, b] = await Promise.all([driver.start(one, never), driver.start(two, never)]);
      assert.ok(a.address !== undefined && b.address !== undefined);
      assert.notDeepEqual(a.address, b.address);
      await readUntil(driver.output(one.id, undefined, never), 'ready');
      assert.equal((await collect(connect(a.address))).toString(), 'hi');
    });

    test('the exit status is known, and is 128 + N after signal N', async () => {
      for (const [command, exitCode] of [
        ['exit 0', 0],
        ['exit 7', 7],
        ['kill -9 $$', 137],
        ['no-such-program-anywhere', 127],
      ] as const) {
        const one = spec(command);
        await driver.start(one, never);
        assert.deepEqual(await exited(one.id), { kind: 'exited', exitCode, outOfMemory: false });
      }
    });

    test('SIGTERM reaches every process, and a last word still comes through', async () => {
      const one = spec(
        "trap 'echo bye; exit 3' TERM; (trap 'echo child bye; exit 0' TERM; echo ready; while :; do sleep 0.01; done) & while :; do sleep 0.01; done",
      );
      await driver.start(one, never);
      await readUntil(driver.output(one.id, undefined, never), 'ready');
      await driver.kill(one.id, 'SIGTERM');
      assert.equal((await exited(one.id)).exitCode, 3);
      assert.match(await text(one.id), /bye/);
    });

    test('SIGKILL ends what ignores SIGTERM, with all its children and daemons', async () => {
      const one = spec("trap '' TERM; setsid sleep 12345 & echo ready; while :; do sleep 1; done");
      await driver.start(one, never);
      await readUntil(driver.output(one.id, undefined, never), 'ready');
      await driver.kill(one.id, 'SIGTERM');
      assert.equal((await status(one.id))?.state.kind, 'running');
      await driver.kill(one.id, 'SIGKILL');
      assert.equal((await exited(one.id)).exitCode, 137);
      assert.equal(await text(one.id), 'ready\n');
      assert.equal((await driver.usage()).has(one.id), false);
    });

    test('a dyno whose keeper is killed with -9 counts as exited, and nothing of it stays', async () => {
      const one = spec(`echo ready; exec sleep ${sleepMark(1)}`);
      const started = await driver.start(one, never);
      await readUntil(driver.output(one.id, undefined, never), 'ready');
      assert.equal(started.state.kind, 'running');
      process.kill(started.state.kind === 'running' ? started.state.pid : 0, 'SIGKILL');
      // Who keeps the keeper knows that it was killed; the keeper itself could tell nobody.
      assert.ok([undefined, 137].includes((await exited(one.id)).exitCode));
      await text(one.id);
      await untilGone(sleepMark(1));
    });

    test('output is read on from any position, byte for byte', async () => {
      const one = spec('i=0; while [ $i -lt 2000 ]; do echo "line $i"; i=$((i+1)); done');
      await driver.start(one, never);
      const whole = await text(one.id);
      let read = '';
      let position: string | undefined;
      while (read.length < whole.length) {
        for await (const chunk of driver.output(one.id, position, never)) {
          read += chunk.bytes.toString();
          position = chunk.position;
          await driver.releaseOutput(one.id, position);
          break;
        }
      }
      assert.equal(read, whole);
      assert.equal(whole.split('\n').length, 2001);
    });

    test('released output of megabytes does not disturb what follows', async () => {
      const one = spec('head -c 3000000 /dev/zero | tr "\\0" x; echo; echo after; sleep 1000');
      await driver.start(one, never);
      let bytes = 0;
      let tail = '';
      for await (const chunk of driver.output(one.id, undefined, never)) {
        bytes += chunk.bytes.length;
        tail = (tail + chunk.bytes.toString('latin1')).slice(-7);
        await driver.releaseOutput(one.id, chunk.position);
        if (tail.includes('after')) break;
      }
      assert.equal(bytes, 3_000_007);
    });

    test('a reader stops when it is told to', async () => {
      const one = spec('sleep 1000');
      await driver.start(one, never);
      const stop = new AbortController();
      const reading = collect(driver.output(one.id, undefined, stop.signal));
      stop.abort();
      assert.equal((await reading).length, 0);
    });

    test('an unknown dyno is no fault', async () => {
      const id = randomUUID() as DynoId;
      await driver.kill(id, 'SIGKILL');
      await driver.remove(id);
      await driver.releaseOutput(id, '7');
      assert.equal(await text(id), '');
    });

    test('a removed dyno is not listed any more', async () => {
      const one = spec('true');
      await driver.start(one, never);
      await exited(one.id);
      await driver.remove(one.id);
      assert.deepEqual(await driver.list(), []);
    });

    test('a missing artifact is an error that says so', async () => {
      const one = spec('true', { artifact: { kind: 'slug', folder: '/nowhere/at/all' } });
      await assert.rejects(driver.start(one, never), DriverError);
      assert.deepEqual(await driver.list(), []);
    });

    test('dynos survive the kill -9 of the process that started them, with no byte lost or twice', async () => {
      const one = spec('i=0; while [ $i -lt 300 ]; do echo "line $i"; i=$((i+1)); sleep 0.002; done; sleep 1000');
      const owner = await own('detached', one);
      assert.ok(owner.stdout);
      // Cast: the owner prints the status that `start` gave it.
      const before = JSON.parse(await readUntil(owner.stdout, '\n')) as DynoStatus;
      owner.kill('SIGKILL');
      await once(owner, 'exit');
      await driver[Symbol.asyncDispose]();
      driver = await ground.open();
      assert.deepEqual(await driver.list(), [before]);
      const lines = (await readUntil(driver.output(one.id, undefined, never), 'line 299\n')).trimEnd().split('\n');
      assert.deepEqual(
        lines,
        Array.from({ length: 300 }, (_, index) => `line ${index}`),
      );
    });

    test('an attached dyno dies with the process it is attached to, at the latest when the driver opens again', async () => {
      const one = spec(`echo ready; exec sleep ${sleepMark(2)}`);
      const owner = await own('attached', one);
      assert.ok(owner.stdout);
      await readUntil(owner.stdout, 'ready');
      owner.kill('SIGKILL');
      await once(owner, 'exit');
      await driver[Symbol.asyncDispose]();
      driver = await ground.open();
      await untilGone(sleepMark(2));
      assert.deepEqual(await driver.list(), []);
    });

    test('attached without a terminal: piped bytes go in until 0x04, output comes back, and the exit status', async () => {
      const { stream, output } = attachedTo('some\x04 input\n\x04');
      assert.equal(await driver.runAttached(spec('cat; echo "$FROM_PROFILE_D"; exit 5'), stream, undefined, never), 5);
      assert.equal(output(), 'some\x04 input\nhello world\n');
      assert.deepEqual(await driver.list(), []);
    });

    test('attached: a command that dies by a signal or never reads its input ends all the same', async () => {
      const { stream } = attachedTo('never read');
      assert.equal(await driver.runAttached(spec('kill -9 $$'), stream, undefined, never), 137);
    });

    test('attached with a terminal: a real one of that size and kind, with the exit status', async () => {
      const { stream, output } = attachedTo('typed\n');
      const command =
        'test -t 0 && test -t 1 && stty size; echo "$TERM $FROM_PROFILE_D"; read -r x; echo "got $x"; exit 6';
      assert.equal(await driver.runAttached(spec(command), stream, terminal, never), 6);
      assert.match(output(), /33 101\r\n/);
      assert.match(output(), /xterm-256color hello world\r\n/);
      assert.match(output(), /got typed\r\n/);
    });

    for (const kind of [undefined, terminal]) {
      test(`attached ${kind === undefined ? 'without' : 'with'} a terminal: a closed stream hangs the dyno up`, async () => {
        const { stream, seen } = attachedTo('');
        const run = driver.runAttached(spec('echo ready; exec sleep 1000'), stream, kind, never);
        await seen('ready');
        stream.destroy();
        assert.equal(await run, 129);
      });
    }

    test('attached: an abort ends the dyno', async () => {
      const { stream, seen } = attachedTo('');
      const stop = new AbortController();
      const run = driver.runAttached(spec('echo ready; exec sleep 1000'), stream, undefined, stop.signal);
      await seen('ready');
      stop.abort();
      assert.equal(await run, 129);
    });

    test('a dyno beyond twice its memory is killed and says so', async () => {
      const eat = `"${ground.node}" -e "const all = []; setInterval(() => all.push(Buffer.alloc(16 << 20, 1)), 5)"`;
      const one = spec(eat, { memoryBytes: 96 * mb });
      await driver.start(one, never);
      assert.equal((await exited(one.id)).outOfMemory, true);
    });

    test('time on processors is counted for all processes of a dyno, ended ones too', async () => {
      const spin = `"${ground.node}" -e "for (const end = Date.now() + 400; Date.now() < end;);"`;
      const one = spec(`${spin}; (${spin}); echo ready; sleep 1000`);
      await driver.start(one, never);
      await readUntil(driver.output(one.id, undefined, never), 'ready');
      const { cpuMs = 0 } = (await driver.usage()).get(one.id) ?? {};
      assert.ok(cpuMs > 100, `${cpuMs} ms`);
    });

    test('memory is that of all processes of a dyno', async () => {
      const eat = `"${ground.node}" -e "globalThis.all = Buffer.alloc(64 << 20, 1); console.log('ready'); setInterval(() => all, 1000)"`;
      const one = spec(eat);
      await driver.start(one, never);
      await readUntil(driver.output(one.id, undefined, never), 'ready');
      assert.ok(((await driver.usage()).get(one.id)?.memoryBytes ?? 0) > 64 * mb);
    });
  });
};
