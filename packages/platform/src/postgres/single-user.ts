import type { PostgresBinaries } from './binaries.ts';
import { ClusterError } from './cluster-error.ts';
import { type RunAs, runProgram } from './run-program.ts';

/**
 * Runs SQL in a stopped cluster without starting a server; one statement each, by the superuser in database `postgres`.
 * They come by stdin and are never logged, so they may hold password verifiers.
 * @param runAs must be a user with a name.
 * @throws ClusterError when one fails; those before it have taken effect.
 */
export const runStatements = async (
  binaries: PostgresBinaries,
  dataFolder: string,
  statements: readonly string[],
  runAs: RunAs | undefined,
): Promise<void> => {
  if (statements.some((statement) => statement.includes('\n'))) {
    throw new ClusterError('A bootstrap statement must be one line.');
  }
  const quiet = ['-c', 'exit_on_error=on', '-c', 'log_min_error_statement=panic', '-c', 'log_checkpoints=off'];
  await runProgram(binaries.postgres, ['--single', '-D', dataFolder, ...quiet, 'postgres'], {
    runAs,
    cwd: dataFolder,
    input: `${statements.join('\n')}\n`,
  });
};
