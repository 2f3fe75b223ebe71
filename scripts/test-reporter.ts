import type { TestEvent } from 'node:test/reporters';

/** What Node adds up at the end of each file. */
const sums = /^(?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/;
const mostLastWords = 3000;

/** One line a file, what tests have to say beside that, the whole story of each failure, and the sums. */
export const report = async function* (source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const files = new Map<string, { passed: number; failed: number; ms: number }>();
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  /** The end of what each file wrote to stderr: why it ended before its tests began is nowhere else. */
  const lastWords = new Map<string, string>();
  for await (const event of source) {
    if (event.type === 'test:diagnostic' && !sums.test(event.data.message)) yield `     ${event.data.message}\n`;
    if (event.type === 'test:stderr') {
      const { file, message } = event.data;
      lastWords.set(file, `${lastWords.get(file) ?? ''}${message}`.slice(-mostLastWords));
    }
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue;
    const { data } = event;
    const file = data.file ?? '?';
    const sum = files.get(file) ?? { passed: 0, failed: 0, ms: 0 };
    files.set(file, sum);
    if (data.skip !== undefined || data.todo !== undefined) {
      skipped++;
      yield `SKIPPED ${data.name} (${file})\n`;
    } else if (event.type === 'test:pass') {
      passed++;
      sum.passed++;
    } else {
      failed++;
      sum.failed++;
      const { error } = event.data.details;
      yield `\nFAILED ${data.name}\n  ${file}:${data.line ?? 0}\n  ${String(error.cause instanceof Error ? (error.cause.stack ?? error.cause) : (error.stack ?? error)).replaceAll('\n', '\n  ')}\n\n`;
      if (file.endsWith(data.name)) yield `${lastWords.get(file) ?? ''}\n`;
    }
    if (data.nesting === 0) sum.ms += data.details.duration_ms;
  }
  for (const [file, sum] of files) {
    yield `${sum.failed === 0 ? 'ok  ' : 'FAIL'} ${file.replace(`${process.cwd()}/`, '')} (${sum.passed} passed${sum.failed === 0 ? '' : `, ${sum.failed} failed`}, ${(sum.ms / 1000).toFixed(1)} s)\n`;
  }
  yield `${passed} passed, ${failed} failed, ${skipped} skipped\n`;
};
