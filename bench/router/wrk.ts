import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Load } from './measure.ts';
import { otherCore } from './pinned.ts';
import { mainHost, type Site } from './site.ts';

const run = promisify(execFile);

export interface WrkRequest {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly bodyBytes?: number;
  /** Asked for in turns, in place of the name of the address. */
  readonly hosts?: readonly string[];
  /** Requests that take turns; each has a number of its own behind its path and behind the value of this header. */
  readonly variants?: { readonly count: number; readonly header: string };
}

const luaString = (text: string): string => JSON.stringify(text);

/** A script that makes every request before the load begins, and tells what came of them in one line. */
const scriptOf = ({ path, method = 'GET', headers = {}, bodyBytes = 0, hosts = [], variants }: WrkRequest): string => `
wrk.method = ${luaString(method)}
${bodyBytes === 0 ? '' : `wrk.body = string.rep("b", ${bodyBytes})`}
${Object.entries(headers)
  .map(([name, value]) => `wrk.headers[${luaString(name)}] = ${luaString(value)}`)
  .join('\n')}
local hosts = { ${hosts.map(luaString).join(', ')} }
local requests = {}
local at = 0
function init(args)
  for _, host in ipairs(hosts) do
    wrk.headers["Host"] = host
    requests[#requests + 1] = wrk.format(nil, ${luaString(path)})
  end
  for n = 1, ${variants?.count ?? 0} do
    local value = ${luaString(headers[variants?.header ?? ''] ?? '')} .. string.format("%06d", n)
    wrk.headers[${luaString(variants?.header ?? '')}] = value
    requests[#requests + 1] = wrk.format(nil, ${luaString(path)} .. "?item=" .. n)
  end
  if #requests == 0 then requests[1] = wrk.format(nil, ${luaString(path)}) end
end
${
  hosts.length === 0 && variants === undefined
    ? 'function request() return requests[1] end'
    : 'function request() at = at % #requests + 1; return requests[at] end'
}
function done(summary)
  local e = summary.errors
  local errors = e.connect + e.read + e.write + e.status + e.timeout
  print(string.format('RESULT {"requests": %d, "seconds": %f, "errors": %d}', summary.requests, summary.duration / 1e6, errors))
end
`;

/** As many requests as go over so many connections. Lost requests count as errors, as do answers from 400 up. */
export const wrk = async (
  site: Pick<Site, 'folder' | 'programs'>,
  target: { readonly port: number; readonly tls: boolean },
  options: { readonly connections: number; readonly seconds: number; readonly request: WrkRequest },
): Promise<Load> => {
  const script = join(site.folder, 'load.lua');
  await writeFile(script, scriptOf(options.request));
  const url = `${target.tls ? 'https' : 'http'}://${mainHost}:${target.port}/`;
  const load = ['-t1', `-c${options.connections}`, `-d${options.seconds}s`, '-s', script, url];
  const { stdout } = await run('taskset', ['--cpu-list', String(otherCore), site.programs.path('wrk'), ...load], {
    env: site.programs.env,
  });
  const result = /^RESULT (.*)$/m.exec(stdout)?.[1];
  if (result === undefined) throw new Error(`expected wrk to tell its result, got: ${stdout}`);
  return JSON.parse(result) as Load; // printed by the script above
};
