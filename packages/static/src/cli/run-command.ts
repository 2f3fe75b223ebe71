import { StaticError } from '../static-error.ts';
import { UsageError } from './arguments.ts';

/** Runs a command and turns its faults into a line for people: status 1 for faults, 2 for a command line that can't be understood. */
export const runCommand = async (name: string, act: () => Promise<number>): Promise<number> => {
  try {
    return await act();
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`${name}: ${error.message}\ntry: ${name} --help\n`);
      return 2;
    }
    if (!(error instanceof StaticError)) throw error;
    process.stderr.write(`${name}: ${error.message}\n`);
    return 1;
  }
};
