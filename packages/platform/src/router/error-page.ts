const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const inHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => escapes[sign] ?? sign);

const frame = (title: string, style: string, body: string): string =>
  `<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n` +
  `<title>${inHtml(title)}</title>\n<style>${style}</style>\n</head>\n<body>\n${body}\n</body>\n</html>\n`;

const textStyle =
  'body{font:16px/1.5 system-ui,sans-serif;margin:15vh auto;max-width:36em;padding:0 1em;color:#222;background:#fff}' +
  '@media(prefers-color-scheme:dark){body{color:#ddd;background:#111}}';
const frameStyle = 'html,body,iframe{margin:0;border:0;width:100%;height:100%;display:block}';

/** The router's own page; it needs nothing from elsewhere. */
export const textPage = (title: string, text: string): string =>
  frame(title, textStyle, `<h1>${inHtml(title)}</h1>\n<p>${inHtml(text)}</p>`);

/** A page that shows the one an app names in ERROR_PAGE_URL or MAINTENANCE_PAGE_URL. */
export const framedPage = (title: string, url: string): string =>
  frame(title, frameStyle, `<iframe src="${inHtml(url)}" title="${inHtml(title)}"></iframe>`);
