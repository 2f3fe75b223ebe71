import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settings } from './settings.data.ts';
import { readSettings, SettingError, settingsEnv } from './settings.ts';

test('flags win over the environment, the environment over defaults', () => {
  assert.equal(readSettings({}, {}).apiPort, 5100);
  assert.equal(readSettings({}, { RAVINE_API_PORT: '1' }).apiPort, 1);
  assert.equal(readSettings({ 'api-port': '2' }, { RAVINE_API_PORT: '1' }).apiPort, 2);
});

test('a wrong value is refused with the setting, what was expected and what was got', () => {
  const wrong: [string, string, RegExp][] = [
    ['api-port', '70000', /--api-port must be a port number from 0 to 65535; got "70000"/],
    ['dyno-ports', '9-8', /--dyno-ports must be two ports .* got "9-8"/],
    ['router-workers', '0', /--router-workers must be a whole number from 1/],
    ['driver', 'podman', /--driver must be process or docker; got "podman"/],
    ['data', ' ', /--data must be a path/],
    ['nonsense', '1', /there is no setting --nonsense/],
  ];
  for (const [flag, text, message] of wrong) {
    assert.throws(
      () => readSettings({ [flag]: text }, {}),
      (error) => error instanceof SettingError && message.test(error.message),
    );
  }
});

test('a wrong value of a secret setting is not repeated in the error', () => {
  assert.throws(
    () => readSettings({}, { RAVINE_DATABASE_URL: 'mysql://root:secret@x' }),
    (error) => error instanceof SettingError && !error.message.includes('secret@'),
  );
});

test('settings handed on by environment read the same', () => {
  const given = readSettings(
    { 'dyno-ports': '21000-21999', 'log-days': '3' },
    { RAVINE_DATABASE_URL: 'postgres://h/d' },
  );
  assert.deepEqual(readSettings({}, settingsEnv(given)), given);
});

test('no two settings share a flag or an environment name', () => {
  const all = Object.values(settings);
  assert.equal(new Set(all.map(({ flag }) => flag)).size, all.length);
  assert.equal(new Set(all.map(({ env }) => env)).size, all.length);
});
