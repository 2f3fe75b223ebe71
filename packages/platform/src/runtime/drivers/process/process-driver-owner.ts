/**
 * For tests: opens a driver, starts the dyno whose spec it reads from stdin, says so on stdout, and stays until it is killed.
 * With `attached` as second argument the dyno is bound to this process; with `none` as third it goes without control groups.
 */
import { ownDyno } from '../own-dyno.ts';
import { noLimits } from './limits.ts';
import { ProcessDriver } from './process-driver.ts';

const [folder = '', mode, limits] = process.argv.slice(2);
const driver = await ProcessDriver.open({ folder, ...(limits === 'none' ? { limits: noLimits } : {}) });
await ownDyno(driver, mode === 'attached');
