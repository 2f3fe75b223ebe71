import type { IncomingMessage, ServerResponse } from 'node:http';
import { authenticate } from '../api/authenticate.ts';
import { authorizeApp } from '../api/authorize-app.ts';
import { PlatformError } from '../contract/platform-error.ts';
import type { DataFolder } from '../domain/data-folder.ts';
import type { OnPush, ReceiveHook } from '../git/receive-hook.ts';
import { parseGitRequest, serveGit } from '../git/smart-http.ts';
import { actAs } from '../store/acting.ts';
import { apps } from '../store/apps.ts';
import { type Database, isStoreDown } from '../store/database.ts';
import type { BuildService } from './build-service.ts';
import { folderBytes } from './slug-files.ts';

const repositoryPath = /^\/([a-z0-9-]+)\.git(\/.*)$/;

export interface GitEndpointParts {
  readonly db: Database;
  readonly data: DataFolder;
  readonly builds: BuildService;
  readonly receiveHook: ReceiveHook;
  readonly onFault: (error: unknown) => void;
}

/** Answers git's requests (`/APP.git/...`); leaves all others alone. @returns whether the request was git's. */
export const gitEndpoint = ({ db, data, builds, receiveHook, onFault }: GitEndpointParts) => {
  const serve = async (
    request: IncomingMessage,
    response: ServerResponse,
    name: string,
    rest: string,
  ): Promise<void> => {
    const gitRequest = parseGitRequest(request.method ?? 'GET', rest);
    if (gitRequest === undefined) return refuse(response, 404, 'This is not a request that git makes.');
    const { account } = await authenticate(db, request.headers);
    const app = await authorizeApp(db, account, name, gitRequest.service === 'git-receive-pack' ? 'deploy' : 'view');
    const by = { id: account.id, email: account.email };
    const onPush: OnPush = (push, output, signal) =>
      actAs({ ...by, via: 'git' }, () => builds.push({ ...push, appId: app.id, by }, output, signal));
    const repoFolder = data.repository(app.id);
    await serveGit(request, response, gitRequest, { repoFolder, receiveHook, onPush });
    if (gitRequest.kind === 'exchange' && gitRequest.service === 'git-receive-pack') {
      await apps.update(db, app.id, { repoSize: await folderBytes(repoFolder) });
    }
  };

  return (request: IncomingMessage, response: ServerResponse): boolean => {
    const [, name, rest] = repositoryPath.exec(request.url ?? '') ?? [];
    if (name === undefined || rest === undefined) return false;
    serve(request, response, name, rest).catch((error: unknown) => {
      if (response.headersSent) return void response.destroy();
      if (error instanceof PlatformError) return refuse(response, error.status, error.message);
      if (isStoreDown(error)) return refuse(response, 503, 'The store is not there now; push again in a few seconds.');
      onFault(error);
      refuse(response, 500, 'Something went wrong in Ravine; its own log says what.');
    });
    return true;
  };
};

/** git shows the text of an error to its user as `remote: ...`. */
const refuse = (response: ServerResponse, status: number, text: string): void => {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    ...(status === 401 ? { 'www-authenticate': 'Basic realm="Ravine"' } : {}),
    ...(status === 503 ? { 'retry-after': '2' } : {}),
  });
  response.end(`${text}\n`);
};
