import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlatformState } from '../domain/data-folder.ts';
import { clientEnvironment } from './env.ts';

const state: PlatformState = {
  supervisorPid: 1,
  apiHost: '127.0.0.1',
  apiPort: 5100,
  routerHost: '127.0.0.1',
  routerPort: 8080,
  appDomain: 'localhost',
  authorityFile: '/data/ca/ca.pem',
  engine: 'auto',
  driver: 'process',
};

test('the CLI is sent to this platform and nowhere else', () => {
  const { set } = clientEnvironment(state, {});
  for (const name of ['HEROKU_HOST', 'HEROKU_LOGIN_HOST', 'HEROKU_PARTICLEBOARD_URL'])
    assert.equal(set[name], 'http://localhost:5100');
  assert.equal(set.HEROKU_DATA_HOST, 'localhost');
  assert.equal(set.DISABLE_TELEMETRY, 'true');
});

test("git's trust is added behind what the user has there, once", () => {
  const caller = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'user.name', GIT_CONFIG_VALUE_0: 'Ada' };
  const first = clientEnvironment(state, caller).set;
  assert.equal(first.GIT_CONFIG_COUNT, '2');
  assert.equal(first.GIT_CONFIG_KEY_1, 'http.https://localhost:5100/.sslCAInfo');
  assert.deepEqual(clientEnvironment(state, { ...caller, ...first }).set, first);
});

test("a CA bundle of the user's own stays in force for every other host", () => {
  const { set, unset } = clientEnvironment(state, { GIT_SSL_CAINFO: '/corp.pem' });
  assert.deepEqual(unset, ['GIT_SSL_CAINFO']);
  assert.deepEqual([set.GIT_CONFIG_KEY_0, set.GIT_CONFIG_VALUE_0], ['http.sslCAInfo', '/corp.pem']);
  assert.equal(set.GIT_CONFIG_VALUE_1, '/data/ca/ca.pem');
});
