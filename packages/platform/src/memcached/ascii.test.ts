import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { asciiLogin, Client, startDebianMemcached, startOurs } from './servers.fixture.ts';

let ours: Awaited<ReturnType<typeof startOurs>>;
let debians: Awaited<ReturnType<typeof startDebianMemcached>>;

before(async () => {
  ours = await startOurs();
  debians = await startDebianMemcached('ascii');
});

after(async () => {
  await ours[Symbol.asyncDispose]();
  await debians[Symbol.asyncDispose]();
});

const answerOf = async (port: number, stream: string, piece: number): Promise<string> => {
  const client = new Client(port);
  client.send(asciiLogin('shop', 'secret-of-shop'));
  assert.equal(String(await client.until('STORED\r\n')), 'STORED\r\n');
  client.send('flush_all\r\n');
  assert.equal(String(await client.until('OK\r\n')), 'OK\r\n');
  for (let at = 0; at < stream.length; at += piece) client.send(stream.slice(at, at + piece));
  client.send('version\r\n');
  const answer = await client.until('VERSION 1.6.18\r\n');
  client.socket.destroy();
  // Whose counter stands where is nobody's business; that it moves is tested by its use.
  return answer.toString('latin1').replaceAll(/^(VALUE \S+ \d+ \d+) \d+\r/gm, '$1 CAS\r');
};

const long = 'k'.repeat(250);
const tooLong = 'k'.repeat(251);

const streams: readonly (readonly [title: string, stream: string])[] = [
  ['storing, reading, deleting', 'set a 5 0 3\r\nabc\r\nget a\r\ngets a\r\nget a b a\r\ndelete a\r\nget a\r\ndelete a\r\n'],
  ['add, replace, append, prepend', 'add b 1 0 1\r\n1\r\nadd b 2 0 1\r\n2\r\nreplace b 3 0 1\r\n3\r\nreplace c 0 0 1\r\n1\r\nappend b 9 9 2\r\nXY\r\nprepend b 0 0 1\r\n>\r\nget b\r\nappend zz 0 0 1\r\n1\r\nprepend zz 0 0 1\r\n1\r\n'],
  ['compare and swap', 'set c 0 0 1\r\n1\r\ncas c 0 0 1 999999\r\n2\r\ncas nope 0 0 1 1\r\n2\r\nget c\r\ncas c 0 0 1 x\r\ncas c 0 0 1\r\n'],
  ['counting', 'set n 7 0 2\r\n10\r\nincr n 5\r\ndecr n 6\r\nget n\r\ndecr n 100\r\nget n\r\nincr n 18446744073709551615\r\nincr n 1\r\nget n\r\nset t 0 0 3\r\nabc\r\nincr t 1\r\nincr n abc\r\nincr n -1\r\nincr none 1\r\ndecr none 1\r\nincr\r\nincr n\r\nset e 0 0 0\r\n\r\nincr e 1\r\n'],
  ['what is not to be answered', 'set q 0 0 1 noreply\r\n1\r\nadd q 0 0 1 noreply\r\n2\r\nincr q 1 noreply\r\nget q\r\ntouch q 0 noreply\r\ndelete q noreply\r\ndelete q noreply\r\nget q\r\nverbosity 1 noreply\r\nflush_all noreply\r\n'],
  ['expiry', 'set x 0 -1 1\r\n1\r\nget x\r\nset x 0 100 1\r\n1\r\nget x\r\ntouch x -1\r\nget x\r\ntouch x 1\r\nset x 0 1 1\r\n1\r\ngat 100 x y\r\ngats -1 x\r\nget x\r\ntouch\r\ntouch x\r\ntouch x abc\r\ngat\r\ngat 1\r\ngat abc x\r\nset x 0 1262304000 1\r\n1\r\nget x\r\n'],
  ['keys at their longest and longer', `set ${long} 0 0 1\r\n1\r\nget ${long}\r\nset ${tooLong} 0 0 1\r\ndelete ${tooLong}\r\nincr ${tooLong} 1\r\ntouch ${tooLong} 1\r\n`],
  ['a key that is too long among others', `get a ${tooLong} b\r\n`],
  ['commands that are none', '\r\nfoo\r\nGET a\r\nset\r\nset a\r\nset a 0 0\r\nset a 0 0 x\r\nset a x 0 1\r\nset a 0 x 1\r\nset a 0 0 -1\r\nget\r\ngets\r\ndelete\r\ndelete a b c\r\ndelete a 0\r\ndelete a 0 noreply\r\ndelete a 1\r\nset a -1 0 1\r\nset a 0 0 1 x y\r\n'],
  ['data longer and shorter than said', 'set d 0 0 3\r\nabcdef\r\nget d\r\nset d 0 0 5\r\nab\r\nget d\r\nget d\r\n'],
  ['bytes of all kinds', `set \x80\xff 0 0 6\r\n\0\r\n\xff\n!\r\nget \x80\xff\r\n`],
  ['spaces and bare newlines', 'set  s  0 0  1 \r\n1\r\nget  s \nget s\n'],
  ['large values', `set l 0 0 700000\r\n${'v'.repeat(700_000)}\r\nget l\r\ndelete l\r\n`],
  ['forgetting all', 'set f 0 0 1\r\n1\r\nflush_all\r\nget f\r\nflush_all 0\r\nflush_all x\r\nset f 0 0 1\r\n1\r\nflush_all 100\r\nget f\r\nflush_all 1 2 3 4\r\n'],
  ['meta: no-op and get', 'mn\r\nset m 9 0 3\r\nabc\r\nmg m\r\nmg m v\r\nmg m s v f t\r\nmg m k Oabc q\r\nmg none\r\nmg none v q\r\nmg none k O1\r\nmg\r\nmg m h\r\nmg m v v\r\nmg m !\r\nmg m T30 t\r\nmg m t\r\n'],
  ['meta: base64 keys', 'ms Zm9v 3 b\r\nabc\r\nget foo\r\nmg Zm9v b v k\r\nmg Zm9v b k O9 v s\r\nmd Zm9v b\r\nmd Zm9v b q\r\nmg !!!! b v\r\n'],
  ['meta: set', 'ms s1 2\r\nhi\r\nms s1 2 T90 F7 k O12\r\nyo\r\nmg s1 v f t\r\nms s1 2 ME\r\nhi\r\nms s2 2 ME\r\nhi\r\nms s2 1 MA\r\n!\r\nms s2 1 MP\r\n>\r\nmg s2 v\r\nms s3 1 MR\r\n1\r\nms s3 1 MA\r\n1\r\nms s2 2 MR q\r\nok\r\nms s2 2 ME q\r\nno\r\nmg s2 v\r\nms s2 2 MX\r\nok\r\nms s2 x\r\nms s2 -1\r\nms s2\r\nms\r\n'],
  ['meta: set with a CAS', 'ms c1 1\r\n1\r\nms c1 1 C999999\r\n2\r\nms c2 1 C1 k\r\n2\r\nmg c1 v\r\nms c1 1 C1 I\r\n3\r\nmg c1 v\r\nmg c1 v\r\n'],
  ['meta: delete', 'ms d1 1\r\n1\r\nmd d1 k O5\r\nmd d1 k O5\r\nmd d1 q\r\nms d1 1\r\n1\r\nmd d1 q\r\nmg d1\r\nms d1 1\r\n1\r\nmd d1 C999999\r\nmd\r\nmd d1 Cx\r\n'],
  ['meta: out of date, and who makes it anew', 'ms i1 1\r\n1\r\nmd i1 I T30\r\nmg i1 v t\r\nmg i1 v\r\nms i1 1\r\n2\r\nmg i1 v\r\nmg w1 N30 v t\r\nmg w1 N30 v\r\nms w1 1 T10\r\n1\r\nmg w1 R20 v\r\nmg w1 R20 v\r\nmg w1 R5 v\r\nmg w1 Rx\r\n'],
  ['meta: arithmetic', 'ma a1\r\nma a1 N0 J13 v\r\nma a1 v\r\nma a1 D10 v t\r\nma a1 MD D3 v\r\nma a1 M- D100 v\r\nma a1 MX\r\nma a1 Dx\r\nma a1\r\nma a1 q\r\nma a2 q\r\nma a1 T50 t k O7\r\nma a2 k O7\r\nset a3 0 0 1\r\nx\r\nma a3 v\r\nma a1 MI v\r\nma a1 Mincr v\r\nma a1 Mdecr v\r\nma a1 C999999\r\nget a1\r\n'],
  ['meta: debug of what is not there', 'me none\r\nme\r\n'],
  ['statistics and what else there is', 'stats reset\r\nverbosity\r\nverbosity 1\r\n'],
]; // biome-ignore format: a table of streams

for (const [title, stream] of streams) {
  test(`ASCII is answered as Debian's memcached does, byte for byte: ${title}`, async () => {
    const theirs = await answerOf(debians.port, stream, stream.length);
    assert.equal(await answerOf(ours.port, stream, stream.length), theirs);
    // Cut anywhere, the same commands are the same commands; what is large is cut more coarsely.
    const piece = stream.length > 10_000 ? 9_973 : 3;
    assert.equal(await answerOf(ours.port, stream, piece), theirs);
  });
}
