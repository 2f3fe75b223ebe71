import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appAddress } from './app-address.ts';

test('the address of an app is https where there is a port for it, and names no port that goes without saying', () => {
  const at = (routerPort: number, routerTlsPort?: number) =>
    appAddress({ appDomain: 'example.com', routerPort, routerTlsPort }, 'shop');
  assert.equal(at(8080), 'http://shop.example.com:8080');
  assert.equal(at(80), 'http://shop.example.com');
  assert.equal(at(80, 443), 'https://shop.example.com');
  assert.equal(at(80, 8443), 'https://shop.example.com:8443');
});
