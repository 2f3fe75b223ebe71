import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { connectEngine } from '../connect-engine.ts';
import type { Engine } from '../engine.ts';

const script = fileURLToPath(new URL('../../../../../scripts/engine.sh', import.meta.url));

/** The image that slugs run in, which the script below sees to. */
export const stackImage = 'ravine-stack:24';

/** DOCKER_HOST of an engine with the base images: one that runs already, else a private one that stays for later runs. */
export const testEngineHost = (): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = execFile('bash', [script, 'up'], (error, stdout, stderr) => {
      const host = /^DOCKER_HOST=(.+)$/m.exec(stdout)?.[1];
      if (error === null && host !== undefined) resolve(host);
      else reject(new Error(stderr.trim().split('\n').at(-1) || String(error)));
    });
    child.stdin?.end();
  });

/** @throws Error in one line that says what to install, where there is no engine and none can be started. */
export const testEngine = async (): Promise<Engine> => connectEngine({ host: await testEngineHost() });
