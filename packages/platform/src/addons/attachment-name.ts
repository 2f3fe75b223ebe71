import { configVarName, isWholeName } from '../contract/config-var-name.ts';
import { colors } from './catalogue.data.ts';
import type { Service } from './catalogue.ts';

export type AttachmentName =
  | { readonly kind: 'name'; readonly name: string }
  /** `as` is no name for a config var's beginning. */
  | { readonly kind: 'malformed'; readonly message: string }
  /** The app has an attachment of this name, or config vars that it would overwrite. */
  | { readonly kind: 'taken'; readonly name: string; readonly message: string };

const shape = /^[A-Z][A-Z0-9_]{0,100}$/;

/**
 * What an attachment of `service` is called in an app: as asked, or DATABASE for the first and a colour for further ones.
 * @param taken names of the app's attachments
 * @param configVars names of the config vars that the app's user set
 */
export const attachmentName = (
  service: Service,
  taken: readonly string[],
  configVars: readonly string[],
  as?: string,
): AttachmentName => {
  const isFree = (name: string) => !taken.includes(name) && overwritten(service, name, configVars) === undefined;
  if (as === undefined) {
    const number = (from: number): string => {
      const name = `${service.attachmentPrefix}_${from}`;
      return isFree(name) ? name : number(from + 1);
    };
    const offset = taken.length * 7; // Neighbours in time get different colours.
    const rotated = colors.map((_, index) => colors[(index * 5 + offset) % colors.length] ?? '');
    const candidates = [service.firstAttachment, ...rotated.map((color) => `${service.attachmentPrefix}_${color}`)];
    return { kind: 'name', name: candidates.find(isFree) ?? number(2) };
  }
  const name = as.toUpperCase().replaceAll('-', '_');
  if (!shape.test(name)) {
    const message = `Name "${as}" is not valid: an attachment's name starts with a letter and has only letters, digits and underscores.`;
    return { kind: 'malformed', message };
  }
  if (taken.includes(name)) return { kind: 'taken', name, message: `Name "${name}" is taken by another attachment.` };
  const configVar = overwritten(service, name, configVars);
  if (configVar === undefined) return { kind: 'name', name };
  return {
    kind: 'taken',
    name,
    message: `Adding ${name} would overwrite the config var ${configVar}; unset it first.`,
  };
};

const overwritten = (service: Service, name: string, configVars: readonly string[]): string | undefined =>
  service.configSuffixes
    .filter((entry) => !isWholeName(entry))
    .map((entry) => configVarName(name, entry))
    .find((configVar) => configVars.includes(configVar));
