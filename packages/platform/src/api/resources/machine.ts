import { ok } from '../answer.ts';
import { asAdministrator, type Endpoint } from '../endpoint.ts';
import type { Services } from '../services.ts';

/** The machine that all of it runs on. */
export const machineEndpoints = ({ machine }: Pick<Services, 'machine'>): Endpoint[] => [
  asAdministrator('GET', '/machine', async () => ok(await machine.report())),
  asAdministrator('GET', '/machine/findings', async () => ok(await machine.findings())),
];
