// Reads static.json: root, clean_urls, error_page, and a routes entry "/**" (every unknown path gets that file).
import { existsSync, readFileSync } from 'node:fs';

const read = () => {
  if (!existsSync('static.json')) return {};
  try {
    return JSON.parse(readFileSync('static.json', 'utf8'));
  } catch (error) {
    throw new Error(`static.json: expected JSON, got an error: ${error.message}`);
  }
};

const text = (value, key) => {
  if (value === undefined || typeof value === 'string') return value;
  throw new Error(`static.json, ${key}: expected a string, got ${JSON.stringify(value)}.`);
};

export const readSettings = () => {
  const { root, clean_urls: cleanUrls, error_page: errorPage, routes = {} } = read();
  const usual = existsSync('static.json') || existsSync('public/index.html') ? 'public_html' : '.';
  const folder = text(root, 'root') ?? (existsSync('public/index.html') ? 'public' : existsSync(usual) ? usual : '.');
  return {
    folder,
    cleanUrls: cleanUrls === true,
    errorPage: text(errorPage, 'error_page'),
    fallback: text(routes['/**'], 'routes["/**"]'),
  };
};
