import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstUploadBytes, UploadWindow, WindowBudget } from './upload-window.ts';

const frameBytes = 16 * 1_024;
const mostBytes = 512 * 1_024;

/** Sends a body for as long as its window allows, each frame taken at once. @returns the widest that the window was. */
const upload = (window: UploadWindow, bytes: number, msPerFrame: number): number => {
  let left = firstUploadBytes;
  let widest = left;
  for (let sent = 0, nowMs = 0; sent < bytes; sent += frameBytes) {
    assert.ok(left >= frameBytes, `only ${left} bytes are left after ${sent}`);
    assert.ok(window.came(frameBytes));
    nowMs += msPerFrame;
    left += window.taken(frameBytes, nowMs) - frameBytes;
    widest = Math.max(widest, left);
  }
  return widest;
};

test('the window of a body that is taken fast grows to 512 KB, of a slow one it stays as it was', () => {
  assert.equal(upload(new UploadWindow(0), 20 * mostBytes, 1), mostBytes);
  assert.equal(upload(new UploadWindow(0), 20 * mostBytes, 500), firstUploadBytes);
});

test('a client that sends more than its window is told so, before and after it has grown', () => {
  const window = new UploadWindow(0);
  assert.ok(window.came(firstUploadBytes));
  assert.equal(window.came(1), false);
  const wide = new UploadWindow(0);
  upload(wide, 20 * mostBytes, 1);
  assert.equal(wide.came(mostBytes + 1), false);
});

test('windows of many clients grow only as far as the budget of all goes, and give back what they had', () => {
  const budget = new WindowBudget(mostBytes - firstUploadBytes);
  const [first, second] = [new UploadWindow(0, budget), new UploadWindow(0, budget)];
  assert.equal(upload(first, 20 * mostBytes, 1), mostBytes);
  assert.equal(upload(second, 20 * mostBytes, 1), firstUploadBytes);
  first.end();
  assert.equal(upload(new UploadWindow(0, budget), 20 * mostBytes, 1), mostBytes);
});
