import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sayings } from './said.fa.data.ts';
import { translator } from './said.ts';

const said = translator(sayings);

test('what the API says in fixed words is said in Persian, with its names and numbers as they are', () => {
  assert.equal(said('Set A, B config vars'), 'تنظیم متغیرهای A, B');
  assert.equal(said('Set A, Remove B config vars'), 'تنظیم A و حذف B از متغیرهای پیکربندی');
  assert.equal(said('Attach DATABASE (@ref:postgresql-flat-1)'), 'پیوستن DATABASE (@ref:postgresql-flat-1)');
  assert.equal(said('Rollback to v3'), 'بازگشت به v3');
  assert.equal(said('/srv/ravine: 1200 MB free'), '1200 مگابایت آزاد در /srv/ravine');
  assert.equal(said('up'), 'برپا');
  assert.equal(said('The domain could not be verified: failed'), 'دامنه تأیید نشد: ناموفق');
});

test('lines are said one by one, and what is in no fixed words stays in English', () => {
  const reason = 'Push rejected, failed to compile Node.js app.\nSomething else went wrong.';
  assert.equal(said(reason), 'push پذیرفته نشد؛ ساخت برنامهٔ Node.js ناموفق بود.\nSomething else went wrong.');
  assert.equal(said('upstairs'), 'upstairs');
});

test('every saying names in Persian only what it has in English, and is found by itself', () => {
  for (const [english, other] of sayings) {
    const names = (text: string) => new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    assert.ok(names(other).isSubsetOf(names(english)), english);
    assert.notEqual(said(english.replaceAll(/[{}]/g, '')), english.replaceAll(/[{}]/g, ''), english);
  }
});
