import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Load } from './measure.ts';
import { otherCore } from './pinned.ts';

const run = promisify(execFile);
const connections = 64;

/** As many frames there and back as go over open connections. */
export const loadWebSocket = async (port: number, seconds: number): Promise<Load> => {
  const script = [join(import.meta.dirname, 'websocket-load.ts'), port, connections, seconds].map(String);
  const { stdout } = await run('taskset', ['--cpu-list', String(otherCore), process.execPath, ...script]);
  return JSON.parse(stdout) as Load; // printed by our own script
};
