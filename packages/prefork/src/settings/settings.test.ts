import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { atomDocs } from '../worker/access-format.ts';
import { parseBind } from './bind-address.ts';
import { readCommandLine } from './command-line.ts';
import { hookNames } from './hooks.ts';
import { parseNetworks } from './networks.ts';
import { fromEnvironment, readSettings, SettingError, settingNames } from './read-settings.ts';
import { settings } from './settings.data.ts';
import { settingsDocument } from './settings-text.ts';

const bin = fileURLToPath(new URL('../bin/prefork.ts', import.meta.url));

test('docs/settings.md is what the table says; `node src/settings/write-document.ts` makes it anew', async () => {
  const document = await readFile(new URL('../../docs/settings.md', import.meta.url), 'utf8');
  assert.equal(document, settingsDocument(atomDocs, hookNames));
});

test('a flag wins over the environment, which wins over the config file, which wins over the default', () => {
  const { flags } = readCommandLine(['app.ts', '-w', '4']);
  const environment = fromEnvironment({ WEB_CONCURRENCY: '3', PREFORK_TIMEOUT: '7' });
  const config = {
    values: new Map([
      ['workers' as const, 2],
      ['timeout' as const, 5],
      ['backlog' as const, 9],
    ]),
    place: String,
  };
  const read = readSettings([config, environment, flags]);
  assert.deepEqual([read.workers, read.timeout, read.backlog, read.gracefulTimeout], [4, 7, 9, 30]);
});

test('every setting has a flag and a name of its own', () => {
  const rows = settingNames.map((name) => settings[name]);
  assert.equal(new Set(rows.map(({ flag }) => flag)).size, rows.length);
  const variables = rows.flatMap(({ env }) => [...env]);
  assert.equal(new Set(variables).size, variables.length);
});

for (const [args, message] of [
  [['--workers', '0'], /--workers: expected a whole number from 1 up, or "auto", got "0"/],
  [['--bind', 'nowhere'], /--bind: expected HOST:PORT, .*got "nowhere"/],
  [['--bind', '127.0.0.1:99999'], /--bind: expected HOST:PORT/],
  [['--bind', 'fd://1'], /N from 3 up/],
  [['--timeout', 'soon'], /--timeout: expected seconds/],
  [['--umask', '999'], /--umask: expected an octal number/],
  [['--log-level', 'loud'], /expected one of debug, info, warning, error, got "loud"/],
  [['--statsd-host', 'here'], /--statsd-host: expected HOST:PORT, got "here"/],
  [['--forwarded-allow-ips', '10.0.0.0/99'], /expected an IP address, a network/],
  [['--access-logformat', '%(z)s'], /expected combined, common, json, or a format of .*got %\(z\)s/],
  [['--certfile', 'a.pem'], /certfile and keyfile: expected both or neither/],
  [['--env', 'NAME'], /--env: expected NAME=value, got "NAME"/],
] as const) {
  test(`${args.join(' ')} is an error that names the flag`, () => {
    assert.throws(
      () => readSettings([readCommandLine([...args]).flags]),
      (error) => {
        assert.ok(error instanceof SettingError);
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

test('an unknown flag, a second app or no app ends the command with status 2 and says what to do', () => {
  for (const [args, message] of [
    [['--wrokers', '2'], /Unknown option '--wrokers'.*prefork --help/],
    [['a.ts', 'b.ts'], /expected one app, got "a\.ts", "b\.ts"/],
    [['--check-config'], /expected an app, got none; try: prefork app\.ts/],
  ] as const) {
    const { status, stderr } = spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', cwd: '/' });
    assert.equal(status, 2);
    assert.match(stderr, message);
  }
});

test('--print-config prints what holds', () => {
  const { stdout } = spawnSync(process.execPath, [bin, '--print-config', 'app.ts', '-w', 'auto', '-e', 'A=1'], {
    encoding: 'utf8',
    cwd: '/',
    env: { PATH: process.env.PATH, PORT: '5000' },
  });
  const printed = JSON.parse(stdout) as Record<string, unknown>;
  assert.deepEqual([printed.app, printed.bind, printed.rawEnv], ['app.ts', ['0.0.0.0:5000'], { A: '1' }]);
  assert.ok(Number(printed.workers) >= 1);
});

test('addresses are read as people write them', () => {
  assert.deepEqual(parseBind('[::1]:80'), { kind: 'tcp', host: '::1', port: 80 });
  assert.deepEqual(parseBind(':80'), { kind: 'tcp', host: '0.0.0.0', port: 80 });
  assert.deepEqual(parseBind('localhost:80'), { kind: 'tcp', host: 'localhost', port: 80 });
  assert.deepEqual(parseBind('unix:/run/a.sock'), { kind: 'unix', path: '/run/a.sock' });
  assert.deepEqual(parseBind('fd://3'), { kind: 'fd', fd: 3 });
});

test('networks hold addresses of both families, mapped ones too, and peers of unix sockets', () => {
  const networks = parseNetworks(['10.0.0.0/8', '192.0.2.1', '2001:db8::/32']);
  for (const inside of ['10.1.2.3', '::ffff:10.1.2.3', '192.0.2.1', '2001:db8::1', undefined])
    assert.ok(networks.has(inside), String(inside));
  for (const outside of ['11.0.0.1', '192.0.2.2', '::1', 'unknown', '']) assert.ok(!networks.has(outside), outside);
  assert.ok(parseNetworks(['*']).has('203.0.113.9'));
});
