import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Level } from './kinds.ts';

/** What a hook of the master can see and do. */
export interface MasterView {
  readonly pid: number;
  /** Pids of its workers. */
  workers(): readonly number[];
  log(level: Level, text: string): void;
}

type Returned = void | Promise<void>;

/** Functions of the config file that are called at certain moments. Those of the master come first; a fault in one is logged and changes nothing, unless its line says otherwise. */
export interface Hooks {
  /** Before the first socket is bound; a fault stops the start. */
  readonly onStarting?: (master: MasterView) => Returned;
  /** Before the workers of a reload are started; a fault refuses the reload. */
  readonly onReload?: (master: MasterView) => Returned;
  /** All workers of the first start accept. */
  readonly whenReady?: (master: MasterView) => Returned;
  /** Before a worker process is started. */
  readonly preFork?: (master: MasterView) => Returned;
  /** After a worker process was started. */
  readonly postFork?: (master: MasterView, pid: number) => Returned;
  /** A worker's event loop stood still and it is about to be killed. */
  readonly workerAbort?: (master: MasterView, pid: number, stack: readonly string[]) => Returned;
  /** A worker process has ended. */
  readonly childExit?: (master: MasterView, pid: number, reason: string) => Returned;
  /** The number of workers that shall be was changed. */
  readonly nworkersChanged?: (master: MasterView, now: number, before: number) => Returned;
  /** Before another master is started in the place of this one. */
  readonly preExec?: (master: MasterView) => Returned;
  /** The last thing that the master does. */
  readonly onExit?: (master: MasterView) => Returned;
  /** In the worker, once the app is loaded; a fault fails the worker's start. */
  readonly postWorkerInit?: () => Returned;
  /** In the worker, before the app sees a request. */
  readonly preRequest?: (request: IncomingMessage, response: ServerResponse) => void;
  /** In the worker, after the response is sent or the client is gone. */
  readonly postRequest?: (request: IncomingMessage, response: ServerResponse) => void;
  /** In the worker, when it begins to stop. */
  readonly workerInt?: () => Returned;
  /** In the worker, when everything is finished, just before it ends. */
  readonly workerExit?: () => Returned;
}

export const workerHookNames = ['postWorkerInit', 'preRequest', 'postRequest', 'workerInt', 'workerExit'] as const;

export type HookName = keyof Hooks;
export type MasterHookName = Exclude<HookName, (typeof workerHookNames)[number]>;

export const hookNames: readonly HookName[] = [
  'onStarting',
  'onReload',
  'whenReady',
  'preFork',
  'postFork',
  'workerAbort',
  'childExit',
  'nworkersChanged',
  'preExec',
  'onExit',
  ...workerHookNames,
];
