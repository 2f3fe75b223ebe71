const minimumLength = 8;
/** Shorter passwords in URLs would match ordinary words in every second line. */
const minimumPasswordLength = 6;

const secretName =
  /(^|_)(SECRETS?|TOKENS?|KEYS?|APIKEY|PASS|PASSWD|PASSWORDS?|PASSPHRASE|PWD|AUTH|CREDENTIALS?|PRIVATE|DSN|WEBHOOK(_URL)?|SALT|PEPPER|COOKIE|HMAC|SIGNATURE)(_|$)/i;
const trivialValue =
  /^([-+]?[\d.,:]+|true|false|enabled|disabled|production|development|staging|testing|localhost|(\w+\.)*settings(\.\w+)*)$/i;

/**
 * Picks from config vars what must not appear in logs: values whose name says so, values that look random, and the
 * passwords of URLs. Left alone is what log lines need to stay readable: words, numbers, host names, values below 8 characters.
 */
export const secretValues = (config: Readonly<Record<string, string>>): readonly string[] => {
  const found = new Set<string>();
  for (const [name, value] of Object.entries(config)) {
    for (const secret of secretsOf(name, value)) found.add(secret);
  }
  return [...found];
};

function* secretsOf(name: string, value: string): Generator<string> {
  const url = value.includes('://') && !value.includes('\n') ? parseUrl(value) : undefined;
  if (url?.password || (url && secretName.test(name))) {
    yield value;
    yield* passwordForms(url.password);
  } else if (url === undefined && !trivialValue.test(value) && (secretName.test(name) || looksRandom(value))) {
    yield* linesOf(value);
  }
}

/** A password as written in the URL and as the app sees it after decoding. */
function* passwordForms(encoded: string): Generator<string> {
  const forms = [encoded];
  try {
    forms.push(decodeURIComponent(encoded));
  } catch {
    // Not percent-encoded after all: the literal form is the only one.
  }
  for (const form of forms) if (form.length >= minimumPasswordLength) yield form;
}

/** Logs are matched line by line, so each line of a PEM block counts for itself; its BEGIN and END lines hide nothing. */
function* linesOf(value: string): Generator<string> {
  for (const line of value.split(/\r?\n/)) {
    const text = line.trim();
    if (text.length >= minimumLength && !text.startsWith('-----')) yield text;
  }
}

/** One run of at least 16 letters and digits of both kinds, or a UUID: what generators make and people don't type. */
const looksRandom = (value: string): boolean =>
  /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value) ||
  (/^[\w+/=~.-]*$/.test(value) &&
    value.split(/[.-]/).some((part) => part.length >= 16 && /\d/.test(part) && /[a-z]/i.test(part)));

const parseUrl = (value: string): URL | undefined => (URL.canParse(value) ? new URL(value) : undefined);
