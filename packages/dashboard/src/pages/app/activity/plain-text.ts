// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals' control sequences begin with one
const sequences = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;

/** Output as it reads at the end: without colours, and with lines that were written over shown as they were last. */
export const plainText = (text: string): string =>
  text
    .replace(sequences, '')
    .replace(/\r\n/g, '\n')
    .split('\n')
    .map((line) => line.slice(line.lastIndexOf('\r', line.length - 2) + 1).replace(/\r$/, ''))
    .join('\n');
