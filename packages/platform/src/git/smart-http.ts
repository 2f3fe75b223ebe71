import { type ChildProcess, spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Duplex, type Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { createGunzip } from 'node:zlib';
import { gitEnv } from './git-process.ts';
import type { HookStreams, OnPush, ReceiveHook } from './receive-hook.ts';
import { ensureRepository } from './repository.ts';

export type GitService = 'git-upload-pack' | 'git-receive-pack';

/** Which of the protocol's three requests this is; see git's "HTTP transfer protocols". */
export type GitRequest =
  | { readonly kind: 'advertise'; readonly service: GitService }
  | { readonly kind: 'exchange'; readonly service: GitService };

export interface GitServeOptions {
  readonly repoFolder: string;
  readonly receiveHook: ReceiveHook;
  readonly onPush: OnPush;
}

const hooksFolder = fileURLToPath(new URL('./hooks', import.meta.url));

const isService = (name: string | null): name is GitService =>
  name === 'git-upload-pack' || name === 'git-receive-pack';

/**
 * Reads what git asks for out of method and the URL's part after the repository (`/info/refs?service=...`).
 * Undefined for everything else, "dumb" requests included.
 */
export const parseGitRequest = (method: string, pathAndQuery: string): GitRequest | undefined => {
  const { pathname, searchParams } = new URL(pathAndQuery, 'http://git.invalid');
  const name = pathname === '/info/refs' ? searchParams.get('service') : pathname.slice(1);
  if (!isService(name)) return undefined;
  if (pathname === '/info/refs') return method === 'GET' ? { kind: 'advertise', service: name } : undefined;
  return method === 'POST' ? { kind: 'exchange', service: name } : undefined;
};

/** One line of git's wire format: four hex digits of length, the length itself included. */
const packetLine = (text: string): string => (text.length + 4).toString(16).padStart(4, '0') + text;

const bodyOf = (request: IncomingMessage): Readable => {
  const encoding = request.headers['content-encoding'];
  return encoding === 'gzip' || encoding === 'x-gzip' ? request.pipe(createGunzip()) : request;
};

const environmentOf = (request: IncomingMessage): Record<string, string> => {
  const protocol = request.headers['git-protocol'];
  return gitEnv({
    // Only what git's own clients send: "version=2" and the like, colon separated.
    ...(typeof protocol === 'string' && /^[\w=:.-]{1,64}$/.test(protocol) && { GIT_PROTOCOL: protocol }),
  });
};

const answerFailure = (response: ServerResponse): void => {
  if (response.headersSent) response.destroy();
  else response.writeHead(500, { 'Content-Type': 'text/plain' }).end('git failed on the server.\n');
};

/** git leaves descriptors it does not know open, so that its hook has them too. */
const hookStreams = (git: ChildProcess): HookStreams => {
  const [, , , talk, verdict] = git.stdio;
  if (talk instanceof Duplex && verdict instanceof Duplex) return { talk, verdict };
  throw new Error('git was started without the sockets of its hook.');
};

/**
 * Answers one authenticated request with the system's git; the repository is made when it is not there yet.
 * git lives on when its pusher goes away: whether the push still counts is for the hook's answer to say.
 * @returns when git has ended
 */
export const serveGit = async (
  request: IncomingMessage,
  response: ServerResponse,
  { kind, service }: GitRequest,
  options: GitServeOptions,
): Promise<void> => {
  await ensureRepository(options.repoFolder);
  const advertise = kind === 'advertise';
  const argv = ['-c', `core.hooksPath=${hooksFolder}`, service.slice('git-'.length), '--stateless-rpc'];
  const git = spawn('git', [...argv, ...(advertise ? ['--advertise-refs'] : []), options.repoFolder], {
    env: environmentOf(request),
    stdio: ['pipe', 'pipe', 'ignore', 'pipe', 'pipe'],
  });
  const { stdin, stdout } = git;
  if (!stdin || !stdout) throw new Error('git could not be started.');
  const hook = hookStreams(git);
  const leave = options.receiveHook.answer(options.repoFolder, hook, options.onPush);
  git.on('exit', () => {
    // What git leaves running, such as a collection of garbage, has the other ends open still.
    hook.talk.destroy();
    hook.verdict.destroy();
    leave();
  });
  response.setHeader('Content-Type', `application/x-${service}-${advertise ? 'advertisement' : 'result'}`);
  response.setHeader('Cache-Control', 'no-cache, max-age=0, must-revalidate');
  if (advertise) {
    const version2 = service === 'git-upload-pack' && /version=2/.test(String(request.headers['git-protocol'] ?? ''));
    if (!version2) response.write(`${packetLine(`# service=${service}\n`)}0000`);
    stdin.end();
  } else {
    const body = bodyOf(request);
    stdin.on('error', () => request.resume());
    body.on('error', () => stdin.destroy());
    request.on('close', () => {
      // Cut off in the middle: git must see an early end rather than wait for ever.
      if (!request.complete) stdin.destroy();
    });
    body.pipe(stdin);
  }
  response.on('close', () => {
    leave();
    stdout.unpipe(response);
    if (service === 'git-upload-pack') git.kill('SIGTERM');
    else stdout.resume();
  });
  response.on('error', () => {});
  if (response.destroyed) leave();
  stdout.pipe(response);
  await new Promise<void>((resolve) => {
    git.on('error', () => {
      answerFailure(response);
      resolve();
    });
    git.on('close', () => resolve());
  });
};
