import { setImmediate as nextTurn } from 'node:timers/promises';
import { type RouterUnderTest, testHosts } from './vector-bench.fixture.ts';
import { type Got, sendVector, type Travel } from './vector-client.fixture.ts';
import { probePath, type Reply, writeBytewise } from './vector-dyno.fixture.ts';
import type { ExpectedAnswer, ExpectedRequest, Vector } from './vector-file.fixture.ts';
import { type Message, valuesOf } from './vector-message.fixture.ts';

const stuckMs = 10_000;
const settleMs = 5_000;

/** Looks again each turn of the event loop until it holds or the time is over. */
export const holdsWithin = async (limitMs: number, holds: () => boolean): Promise<boolean> => {
  const untilMs = performance.now() + limitMs;
  while (!holds()) {
    if (performance.now() > untilMs) return false;
    await nextTurn();
  }
  return true;
};

const show = (value: unknown): string => {
  const text = JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}... (${text.length} characters)` : text;
};

const fieldProblems = (what: string, message: Message, wanted: ExpectedAnswer['headers'] = {}): string[] =>
  Object.entries(wanted).flatMap(([name, value]) => {
    const got = valuesOf(message, name);
    const same = value === null ? got.length === 0 : got.length === 1 && got[0] === value;
    return same ? [] : [`${what}: expected ${name} ${show(value)}, got ${show(got)}`];
  });

const partProblems = (what: string, message: Message, wanted: ExpectedAnswer | ExpectedRequest): string[] => {
  const { headers, body, complete = true } = wanted;
  const problems = message.faults.map((fault) => `${what}: a strict recipient objects to ${fault}`);
  problems.push(...fieldProblems(what, message, headers));
  if (body !== undefined && body !== message.body)
    problems.push(`${what}: expected body ${show(body)}, got ${show(message.body)}`);
  if (complete !== message.complete)
    problems.push(`${what}: expected ${complete ? 'a whole message' : 'one that breaks off'}, got the opposite`);
  return problems;
};

const oneAnswerProblems = (what: string, answer: Message, wanted: ExpectedAnswer): string[] => {
  const status = Number(answer.startLine.slice(9, 12));
  if (status !== wanted.status) return [`${what}: expected ${wanted.status}, got ${show(answer.startLine)}`];
  const { reason = answer.startLine.slice(13) } = wanted;
  const problems = partProblems(what, answer, wanted);
  if (answer.startLine.slice(13) !== reason)
    problems.push(`${what}: expected ${reason}, got ${show(answer.startLine)}`);
  return problems;
};

const answerProblems = (vector: Vector, got: Got): string[] => {
  const { answers: wanted, connection } = vector.expected;
  const problems: string[] = [];
  for (const [i, answer] of got.answers.entries()) {
    const choices = [wanted[i] ?? []].flat().map((one) => (typeof one === 'number' ? { status: one } : one));
    const each = choices.map((choice) => oneAnswerProblems(`answer ${i + 1}`, answer, choice));
    if (!each.some((one) => one.length === 0)) problems.push(...(each[0] ?? [`got a surplus ${answer.startLine}`]));
  }
  if (got.answers.length < wanted.length) problems.push(`expected ${wanted.length} answers, got ${got.answers.length}`);
  if (got.connection !== connection) problems.push(`expected the connection ${connection}, got it ${got.connection}`);
  if (got.rest !== '') problems.push(`got bytes that belong to no answer: ${show(got.rest)}`);
  return problems;
};

const requestProblems = (vector: Vector, got: readonly Message[]): string[] => {
  const wanted = vector.expected.dyno.map((request) => (typeof request === 'string' ? { line: request } : request));
  const left = [...got];
  const problems: string[] = [];
  for (const [i, request] of wanted.entries()) {
    const message = left[0];
    if (message?.startLine === request.line) {
      left.shift();
      problems.push(...partProblems(`dyno's request ${i + 1}`, message, request));
    } else if (!request.optional) problems.push(`expected the dyno to see ${request.line}, got ${message?.startLine}`);
  }
  problems.push(...left.map(({ startLine }) => `the dyno saw ${show(startLine)}, which should not reach it`));
  return problems;
};

const logLine =
  /^(sock=\w+ )?at=(info|warning|error) (code=H\d\d desc="[\w -]+" (cause="[\w -]+" )?)?method=\S* path="[^"\s]*" host=\S* request_id=\S+ fwd="[^"\r\n]*" dyno=\S* connect=(\d+ms)? service=(\d+ms)? status=\d{3} bytes=\d* protocol=http\d\.\d tls=(true|false) tls_version=\S+$/;

const logProblems = (vector: Vector, lines: readonly string[]): string[] => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a log line must not hold
  const forged = lines.filter((line) => !logLine.test(line) || /[\x00-\x08\x0a-\x1f\x7f]/.test(line));
  if (forged.length > 0) return forged.map((line) => `not a log line: ${show(line)}`);
  const codes = lines.map((line) => / code=(H\d\d)/.exec(line)?.[1] ?? 'ok');
  const { log } = vector.expected;
  if (log === undefined) return codes.every((code) => code === 'H26') ? [] : [`expected H26 lines, got ${show(codes)}`];
  const fits = codes.length === log.length && codes.every((code, i) => [log[i] ?? ''].flat().includes(code));
  return fits ? [] : [`expected log ${show(log)}, got ${show(codes)}`];
};

const replyOf = (vector: Vector, travel: Travel): Reply | undefined => {
  const { request, dynoEnds = false } = vector.expected;
  if (request === undefined) return undefined;
  return async ({ connection: { socket } }) => {
    if (travel === 'bytewise') await writeBytewise(socket, vector.pieces);
    else socket.write(vector.pieces.join(''), 'latin1');
    if (dynoEnds) socket.end();
  };
};

/** Sends one vector in one way. @returns what differs from its expectation, one sentence each. */
export const runVector = async (bench: RouterUnderTest, vector: Vector, travel: Travel): Promise<string[]> => {
  const { dyno, router } = bench;
  const { expected } = vector;
  dyno.reset(replyOf(vector, travel));
  const earlier = bench.router.lines.length;
  const lines = (): string[] =>
    bench.router.lines.slice(earlier).filter((line) => !line.includes(` path="${probePath}" `));
  const got = await sendVector({
    port: router.port,
    host: testHosts.shop,
    travel,
    pieces: expected.request ? [...`${expected.request.join('\r\n')}\r\n\r\n`] : vector.pieces,
    methods: expected.methods ?? [expected.request?.[0]?.split(' ')[0] ?? 'GET'],
    probeAfter: expected.connection === 'open' ? expected.answers.length : undefined,
    ends: expected.clientEnds ?? false,
    limitMs: stuckMs,
  });
  const problems = answerProblems(vector, got);
  if (!(await holdsWithin(settleMs, () => bench.load() === 0)))
    problems.push(`expected no request left on the dyno, got a load of ${bench.load()}`);
  const count = expected.log?.length ?? 0;
  await holdsWithin(settleMs, () => lines().length >= count);
  problems.push(...logProblems(vector, lines()));
  const first = dyno.seen[0]?.connection;
  const wantsOpen = expected.dynoConnection === 'open';
  if (expected.dynoConnection && !(await holdsWithin(wantsOpen ? 0 : settleMs, () => first?.open === wantsOpen)))
    problems.push(`expected the dyno's connection ${expected.dynoConnection}, got the opposite`);
  // A request that breaks off is one only once its connection has ended.
  await holdsWithin(settleMs, () => requestProblems(vector, dyno.requests()).length === 0);
  problems.push(...requestProblems(vector, dyno.requests()));
  return problems;
};
