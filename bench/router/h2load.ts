import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Load } from './measure.ts';
import { otherCore } from './pinned.ts';
import { mainHost, type Site } from './site.ts';

const run = promisify(execFile);

const h2load = async (site: Site, args: readonly string[]): Promise<string> => {
  const { stdout } = await run('taskset', ['--cpu-list', String(otherCore), site.programs.path('h2load'), ...args], {
    env: site.programs.env,
  });
  return stdout;
};

const countIn = (text: string, pattern: RegExp): number => {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`expected ${pattern} in what h2load says, got: ${text}`);
  return Number(found);
};

/** What all requests have, and the paths that they ask for in turns. */
export interface Http2Requests {
  readonly paths: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** As many GETs as go over HTTP/2: 16 connections with 10 streams each. */
export const loadHttp2 = async (
  site: Site,
  port: number,
  seconds: number,
  { paths, headers = {} }: Http2Requests,
): Promise<Load> => {
  const file = join(site.folder, 'h2load-uris.txt');
  await writeFile(file, paths.map((path) => `https://${mainHost}:${port}${path}\n`).join(''));
  const fields = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const said = await h2load(site, ['-t1', '-c16', '-m10', `-D${seconds}`, ...fields, '-i', file]);
  const succeeded = countIn(said, /, (\d+) succeeded/);
  return {
    requests: succeeded,
    seconds: countIn(said, /^finished in ([\d.]+)s/m),
    errors: countIn(said, /, (\d+) failed/) + countIn(said, /, (\d+) 3xx/),
  };
};

/** Requests of the beginning, while connections are made, are left out. */
const leftOutMicroseconds = 500_000;

export interface PacedLoad {
  readonly perSecond: number;
  readonly connections: number;
  readonly seconds: number;
}

/**
 * Times of GETs at a constant rate over kept connections, in microseconds. A connection whose answer is late sends its
 * next request late: for each such one the time that it would have had is added, or slow answers would hide themselves.
 * @throws Error when a request fails or the rate isn't kept
 */
export const timesAtRate = async (
  site: Site,
  port: number,
  { perSecond, connections, seconds }: PacedLoad,
): Promise<readonly number[]> => {
  const file = join(site.folder, 'requests.log');
  await rm(file, { force: true });
  const pace = ['--h1', '-t1', `-c${connections}`, '-m1', `--rps=${perSecond / connections}`, `-D${seconds}`];
  await h2load(site, [...pace, `--log-file=${file}`, `http://${mainHost}:${port}/`]);
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  const requests = lines.map((line) => {
    const [startedAt = 0, status = 0, took = 0] = line.split('\t').map(Number);
    return { startedAt, status, took };
  });
  const failed = requests.filter(({ status }) => status !== 200).length;
  if (failed > 0) throw new Error(`expected every request to succeed, but ${failed} of ${requests.length} failed`);
  if (requests.length < 0.95 * perSecond * seconds) {
    throw new Error(`expected ${perSecond} requests a second for ${seconds} s, but only ${requests.length} were sent`);
  }
  const from = Math.min(...requests.slice(0, connections).map(({ startedAt }) => startedAt)) + leftOutMicroseconds;
  const interval = (1e6 * connections) / perSecond;
  const times: number[] = [];
  for (const { startedAt, took } of requests) {
    if (startedAt < from) continue;
    for (let time = took; time > 0; time -= interval) times.push(time);
  }
  return times;
};
