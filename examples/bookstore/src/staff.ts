import { ConfigError, readDatabaseUrl } from './config.ts';
import { openDatabase } from './database.ts';
import { Readers } from './readers.ts';

/** `node src/staff.ts ada@example.com` makes a reader one of the staff; with `--remove` a reader again. */
async function main(email: string | undefined, remove: boolean): Promise<string> {
  if (email === undefined) throw new ConfigError('Say whom: node src/staff.ts ada@example.com [--remove]');
  const database = openDatabase(readDatabaseUrl(process.env), 1);
  try {
    if (await new Readers(database).setStaff(email, !remove)) return `${email} is ${remove ? 'a reader' : 'staff'} now`;
    throw new ConfigError(`Nobody has signed up as ${email}. Sign up on the site first.`);
  } finally {
    await database.end();
  }
}

try {
  const words = process.argv.slice(2);
  console.log(
    await main(
      words.find((word) => word !== '--remove'),
      words.includes('--remove'),
    ),
  );
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exitCode = 1;
}
