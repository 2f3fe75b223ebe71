import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { holdTcp } from '../held-socket.ts';
import { app, Prefork, until } from './prefork.fixture.ts';

test('sockets that systemd passes to this very process are served, and workers do not see its variables', async () => {
  const held = holdTcp('127.0.0.1', 0);
  // As systemd does: the shell's pid becomes the master's by exec.
  const script = 'export LISTEN_PID=$$; exec "$0" "$@"';
  const program = join(import.meta.dirname, '../bin/prefork.ts');
  const { PORT: _port, ...env } = process.env;
  const child = spawn('sh', ['-c', script, process.execPath, program, app('app')], {
    env: { ...env, LISTEN_FDS: '1', LISTEN_FDNAMES: 'web' },
    stdio: ['ignore', 'ignore', 'pipe', held.fd],
  });
  const lines: string[] = [];
  assert.ok(child.stderr);
  createInterface({ input: child.stderr }).on('line', (line) => lines.push(line));
  await until(() => child.exitCode !== null || lines.some((line) => line.includes(' serving ')));
  const response = await fetch(`http://127.0.0.1:${held.address?.port}/env`, { headers: { connection: 'close' } });
  const seen = Object.keys((await response.json()) as object);
  assert.deepEqual(
    seen.filter((name) => name.startsWith('LISTEN_') || name.startsWith('PREFORK_')),
    [],
  );
  child.kill('SIGINT');
  await once(child, 'close');
  held.close();
});

test('sockets that systemd passed to another process are left alone', async () => {
  const held = holdTcp('127.0.0.1', 0);
  await using prefork = await Prefork.start([app('app')], {
    env: { LISTEN_PID: '1', LISTEN_FDS: '1' },
    fds: [held.fd],
  });
  assert.match(prefork.text, /serving .* on http:/);
  held.close();
});

/** Receives datagrams on a unix socket, which Node can't; perl is part of every Debian. */
const receiver =
  'use Socket; socket(my $s, AF_UNIX, SOCK_DGRAM, 0); bind($s, pack_sockaddr_un($ARGV[0])) or die; $| = 1; print "bound\\n"; while (defined recv($s, my $m, 4096, 0)) { $m =~ s/\\n/ /g; print "$m\\n" }';

test('systemd is told when the app is ready, reloads and stops', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'prefork-notify-'));
  const path = join(folder, 'notify');
  const perl = spawn('perl', ['-e', receiver, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const told: string[] = [];
  createInterface({ input: perl.stdout }).on('line', (line) => told.push(line));
  await until(() => told.length > 0);
  await using prefork = await Prefork.start([app('app')], { env: { NOTIFY_SOCKET: path } });
  const heard = (pattern: RegExp): Promise<void> => until(() => told.some((line) => pattern.test(line)));
  await heard(new RegExp(`READY=1 MAINPID=${prefork.pid}`));
  prefork.signal('SIGHUP');
  await heard(/RELOADING=1 MONOTONIC_USEC=\d+/);
  await prefork.said(/reloaded/);
  prefork.signal('SIGTERM');
  await heard(/STOPPING=1/);
  perl.kill();
  await rm(folder, { recursive: true, force: true });
});
