import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { createGunzip } from 'node:zlib';
import { gitEnv } from './git-process.ts';
import type { Pushers } from './pushers.ts';
import { receiveVariables } from './receive-protocol.ts';
import { ensureRepository } from './repository.ts';

export type GitService = 'git-upload-pack' | 'git-receive-pack';

/** Which of the protocol's three requests this is; see git's "HTTP transfer protocols". */
export type GitRequest =
  | { readonly kind: 'advertise'; readonly service: GitService }
  | { readonly kind: 'exchange'; readonly service: GitService };

export interface GitServeOptions {
  readonly repoFolder: string;
  /** Where {@link ReceiveService} listens. */
  readonly receiveSocket: string;
  /** Handed to `onPush` as it is; not a secret: other processes of the same user can read it. */
  readonly context: string;
  readonly pushers: Pushers;
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

const environmentOf = (request: IncomingMessage, options: GitServeOptions, pusher: string): Record<string, string> => {
  const protocol = request.headers['git-protocol'];
  return gitEnv({
    // Only what git's own clients send: "version=2" and the like, colon separated.
    ...(typeof protocol === 'string' && /^[\w=:.-]{1,64}$/.test(protocol) && { GIT_PROTOCOL: protocol }),
    [receiveVariables.socket]: options.receiveSocket,
    [receiveVariables.context]: options.context,
    [receiveVariables.pusher]: pusher,
    [receiveVariables.node]: process.execPath,
    // The hook is a process of ours and starts faster with what others have compiled.
    ...(process.env.NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE }),
  });
};

const answerFailure = (response: ServerResponse): void => {
  if (response.headersSent) response.destroy();
  else response.writeHead(500, { 'Content-Type': 'text/plain' }).end('git failed on the server.\n');
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
  const pusher = options.pushers.arrive();
  const argv = ['-c', `core.hooksPath=${hooksFolder}`, service.slice('git-'.length), '--stateless-rpc'];
  const git = spawn('git', [...argv, ...(advertise ? ['--advertise-refs'] : []), options.repoFolder], {
    env: environmentOf(request, options, pusher.id),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  response.setHeader('Content-Type', `application/x-${service}-${advertise ? 'advertisement' : 'result'}`);
  response.setHeader('Cache-Control', 'no-cache, max-age=0, must-revalidate');
  if (advertise) {
    const version2 = service === 'git-upload-pack' && /version=2/.test(String(request.headers['git-protocol'] ?? ''));
    if (!version2) response.write(`${packetLine(`# service=${service}\n`)}0000`);
    git.stdin.end();
  } else {
    const body = bodyOf(request);
    git.stdin.on('error', () => request.resume());
    body.on('error', () => git.stdin.destroy());
    request.on('close', () => {
      // Cut off in the middle: git must see an early end rather than wait for ever.
      if (!request.complete) git.stdin.destroy();
    });
    body.pipe(git.stdin);
  }
  response.on('close', () => {
    pusher.leave();
    git.stdout.unpipe(response);
    if (service === 'git-upload-pack') git.kill('SIGTERM');
    else git.stdout.resume();
  });
  response.on('error', () => {});
  if (response.destroyed) pusher.leave();
  git.stdout.pipe(response);
  await new Promise<void>((resolve) => {
    git.on('error', () => {
      answerFailure(response);
      resolve();
    });
    git.on('close', () => resolve());
  });
};
