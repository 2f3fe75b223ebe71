/** Main of the process that visits a page at a constant rate; a test's own work must not hold up its visitors. */
import { setImmediate as immediately } from 'node:timers/promises';
import { type FailedVisit, type FromLoadClient, nowMs, type ToLoadClient } from './load-messages.ts';
import { type Seen, Visitor } from './visitor.ts';

const tickMs = 2;
/** A client that was kept from its work makes up for it at this many times its rate, not at once. */
const mostHaste = 4;
const tellEveryMs = 20;
const checkTimeEveryMs = 500;

const [port = 0, perSecond = 0, maxInFlight = 0, timeoutMs = 0] = process.argv.slice(2, 6).map(Number);
const [host = '', path = ''] = process.argv.slice(6);
const request = `GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`;

const idle: Visitor[] = [];
const underWay = new Map<Visitor, number>();
const failures: FailedVisit[] = [];
const spans: number[] = [];
const startedAtMs = nowMs();
let answered = 0;
let sent = 0;
let latestMs = 0;
let stopping = false;

const tell = (message: FromLoadClient): void => {
  process.send?.(message);
};
const counts = () => ({ sent, answered, failed: failures.length });

const forget = (visitor: Visitor): void => {
  const at = idle.indexOf(visitor);
  if (at !== -1) idle.splice(at, 1);
};

const end = (visitor: Visitor, { status, code, error }: Seen): void => {
  const from = underWay.get(visitor) ?? 0;
  const endedAtMs = nowMs();
  underWay.delete(visitor);
  spans.push(from, endedAtMs);
  if (status === 200 && error === undefined) answered += 1;
  else {
    const before = visitor.visits - 1;
    failures.push({
      startedAtMs: from,
      endedAtMs,
      before,
      ...(status && { status }),
      ...(code && { code }),
      ...(error && { error }),
    });
  }
  if (!visitor.over) idle.push(visitor);
};

const send = (): void => {
  sent += 1;
  const at = nowMs();
  if (underWay.size >= maxInFlight) {
    const error = `not sent: ${maxInFlight} visits are under way`;
    failures.push({ startedAtMs: at, endedAtMs: at, before: 0, error });
    return;
  }
  // The one that has rested longest, so that none rests for ever.
  const visitor = idle.shift() ?? new Visitor(port, request, forget);
  underWay.set(visitor, at);
  visitor.visit((seen) => end(visitor, seen));
};

const sendDue = (): void => {
  const due = ((nowMs() - startedAtMs) / 1000) * perSecond;
  latestMs = Math.max(latestMs, ((due - sent) * 1000) / perSecond);
  const most = Math.ceil((mostHaste * perSecond * tickMs) / 1000);
  for (let n = 0; n < most && sent < due; n += 1) send();
};

const sending = setInterval(sendDue, tickMs);
const telling = setInterval(() => {
  tell({ type: 'counts', counts: counts() });
  if (stopping && underWay.size === 0) leave();
}, tellEveryMs);
const checking = setInterval(() => {
  for (const [visitor, from] of underWay) {
    if (nowMs() - from > timeoutMs) visitor.end(`no answer within ${timeoutMs} ms`);
  }
}, checkTimeEveryMs);

const leave = (): void => {
  clearInterval(telling);
  clearInterval(checking);
  const outcome = { ...counts(), failures, spans: Float64Array.from(spans), latestMs };
  process.send?.({ type: 'outcome', outcome } satisfies FromLoadClient, () => process.exit(0));
};

process.on('message', async (message: ToLoadClient) => {
  if (message === 'stop') {
    clearInterval(sending);
    stopping = true;
    return;
  }
  // Two rounds of the loop: sockets are polled between them.
  await immediately();
  await immediately();
  tell({ type: 'polled', atMs: nowMs() });
});
process.on('disconnect', () => process.exit(1));
