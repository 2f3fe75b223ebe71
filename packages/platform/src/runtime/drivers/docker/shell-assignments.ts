const shellName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Lines that make a POSIX shell export these; names that no shell can hold are left out. */
export const shellAssignments = (env: Readonly<Record<string, string>>): string =>
  Object.entries(env)
    .filter(([name]) => shellName.test(name))
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", String.raw`'\''`)}'\n`)
    .join('');
